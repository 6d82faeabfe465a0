"""A plain form that came after the log-in had run out: nothing of it is lost, and nothing is sent unasked."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from engine import clock
from engine.assembly import Redress
from engine.people.unsent import KEPT_FOR, MOST_BYTES, forget_old_unsent
from engine.store.tables.cases import Complaint
from engine.store.tables.people import UnsentForm
from tests.web.conftest import Browser, Visit, page, text
from web.identity import IDLE_LIMIT_S

TYPED = {
    "channel": "hotline",
    "received_at": "2026-03-02T09:00",
    "content": "還款當日\r\n重複扣款",
    "name": "王𠮷CANARY",
}


def let_lapse(browser: Browser) -> None:
    with browser.client.session_transaction() as session:
        session["seen"] -= IDLE_LIMIT_S + 60


def log_in_again(browser: Browser) -> None:
    browser.get("/login")
    assert browser.log_in("agent").status_code == 303


def held(answer: TestResponse) -> dict[str, str]:
    """Return the fields that the page sends at a click; browsers drop the break that each begins with."""
    areas = page(answer).xpath("//form[@action='/complaints/new']//textarea")
    return {area.get("name"): area.text.removeprefix("\n") for area in areas}


def waiting(engine: Redress) -> list[UnsentForm]:
    with engine.sessions.read() as session:
        return list(session.scalars(select(UnsentForm)))


def complaints(engine: Redress) -> int:
    with engine.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Complaint)) or 0


def test_what_was_typed_waits_behind_the_login_and_goes_once_it_was_sent(
    engine: Redress, visit: Visit
) -> None:
    browser, before = visit("agent"), complaints(engine)
    token = page(browser.get("/complaints/new")).xpath("//input[@name='token']/@value")[0]
    let_lapse(browser)
    led = browser.post("/complaints/new", {**TYPED, "token": token})
    address = str(led.location).removeprefix("/login?next=")
    assert address.startswith("/unsent/")
    (row,) = waiting(engine)
    assert "CANARY" not in led.location
    assert b"CANARY" not in bytes(row.sealed)
    assert "kept for an hour" in text(browser.get(str(led.location)))
    login = {"username": "agent", "password": "agent-demo", "next": address}
    assert browser.post("/login", login).location == address
    fields = held(browser.get(address))
    assert fields["name"] == "王𠮷CANARY"
    assert complaints(engine) == before  # looking at it sends nothing
    assert visit("agent2").get(address).status_code == 404
    sent = {name: value for name, value in fields.items() if name != "content"}
    assert browser.post("/complaints/new", {**sent, "content": " "}).status_code == 422
    assert len(waiting(engine)) == 1
    assert browser.post("/complaints/new", {**TYPED, **sent}).status_code == 303
    assert complaints(engine) == before + 1
    assert waiting(engine) == []
    assert browser.get(address).status_code == 404


def test_it_is_thrown_away_on_demand_after_an_hour_and_beyond_five(engine: Redress, visit: Visit) -> None:
    browser = visit("agent")
    addresses = []
    for number in range(6):
        log_in_again(browser)
        let_lapse(browser)
        led = browser.post("/complaints/new", {"content": f"text {number}"})
        addresses.append(str(led.location).removeprefix("/login?next="))
    assert len(waiting(engine)) == 5
    log_in_again(browser)
    assert browser.get(addresses[0]).status_code == 404
    assert "text 1" in text(browser.get(addresses[1]))
    assert browser.post(f"{addresses[1]}/discard").status_code == 303
    assert browser.get(addresses[1]).status_code == 404
    with engine.sessions.step() as session:
        session.execute(update(UnsentForm).values(kept_at=clock.real_now() - KEPT_FOR))
    assert browser.get(addresses[2]).status_code == 404
    assert forget_old_unsent(engine.sessions) == 4


def test_one_too_large_is_not_kept_but_given_back(engine: Redress, visit: Visit) -> None:
    browser = visit("agent")
    let_lapse(browser)
    answer = browser.post("/complaints/new", {"content": "多" * (MOST_BYTES // 3)})
    assert (answer.status_code, "多多多" in text(answer)) == (401, True)
    assert waiting(engine) == []


@pytest.mark.parametrize("forged", [{"csrf_token": "other"}, {"csrf_token": ""}])
def test_what_is_not_surely_of_the_person_s_own_page_is_kept_nowhere_but_in_the_answer(
    engine: Redress, visit: Visit, forged: dict[str, str]
) -> None:
    browser = visit("agent")
    let_lapse(browser)
    answer = browser.post("/complaints/new", {**TYPED, **forged})
    assert answer.status_code == 401
    assert "王𠮷CANARY" in text(answer)
    assert page(answer).xpath("//form[@action='/complaints/new']") == []
    assert waiting(engine) == []
    nobody = visit().post("/complaints/new", {"content": "typed"})
    assert (nobody.status_code, "typed" in text(nobody)) == (401, True)


def test_passwords_are_never_kept_and_files_are_named(engine: Redress, visit: Visit) -> None:
    browser = visit("agent")
    let_lapse(browser)
    refused = browser.post("/account/password", {"current": "agent-demo", "password": "CANARY"})
    assert refused.location == "/login"
    assert waiting(engine) == []
    log_in_again(browser)
    let_lapse(browser)
    led = browser.post(
        "/tasks/unknown/comments", {"text": "see file", "file": (io.BytesIO(b"x"), "收據.txt")}
    )
    log_in_again(browser)
    assert "收據.txt" in text(browser.get(str(led.location).removeprefix("/login?next=")))


def test_a_page_whose_token_is_too_old_gives_the_text_back_to_be_sent_by_a_click(
    engine: Redress, visit: Visit
) -> None:
    browser, before = visit("agent"), complaints(engine)
    old = browser.token
    token = page(browser.get("/complaints/new")).xpath("//input[@name='token']/@value")[0]
    browser.log_in("agent")
    answer = browser.post("/complaints/new", {**TYPED, "token": token, "csrf_token": old})
    assert answer.status_code == 400
    fields = held(answer)
    assert complaints(engine) == before
    assert browser.post("/complaints/new", fields).status_code == 303
    assert complaints(engine) == before + 1
