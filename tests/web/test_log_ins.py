"""Where somebody is logged in, ended one by one; and that it is still them before they get another way in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from engine import clock
from engine.assembly import Redress
from engine.people.browser_sessions import LONGEST
from engine.people.log_ins import forget_old_log_ins
from engine.store.tables.audit import History
from engine.store.tables.people import LogIn
from tests.web.conftest import Browser, Visit, page, text
from web.browsers import browser_named
from web.identity import CONFIRMED_FOR_S

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"


def logged_in(app: Flask, username: str, user_agent: str) -> Browser:
    browser = Browser(app)
    browser.headers["User-Agent"] = user_agent
    assert browser.log_in(username).status_code == 303
    return browser


def ends(browser: Browser, at: str = "/account") -> list[str]:
    """Return where the buttons of a page log a browser out."""
    found = page(browser.get(at)).xpath("//form[contains(@action, '/end')]/@action")
    return [address for address in found if not address.endswith(("sessions/end", "end-sessions"))]


def rows_of(engine: Redress, kind: str) -> int:
    with engine.sessions.read() as session:
        query = select(func.count()).select_from(History).where(History.kind == kind)
        return session.scalar(query) or 0


def let_pass(browser: Browser) -> None:
    with browser.client.session_transaction() as session:
        session["confirmed"] -= CONFIRMED_FOR_S + 1


def test_one_sees_where_one_is_logged_in_and_ends_one_or_all_others(app: Flask, engine: Redress) -> None:
    desk, phone = logged_in(app, "agent", EDGE), logged_in(app, "agent", PHONE)
    stranger = logged_in(app, "agent2", EDGE)
    shown = text(desk.get("/account"))
    assert "Edge · Windows this one" in shown
    assert "Safari · iPhone" in shown
    assert "127.0.0.1" in shown
    (of_phone,) = ends(desk)
    assert stranger.post(of_phone).status_code == 404
    assert desk.post(of_phone).location == "/account"
    assert (desk.get("/tasks").status_code, phone.get("/tasks").status_code) == (200, 302)
    assert desk.post(of_phone).status_code == 404
    again, before = logged_in(app, "agent", PHONE), rows_of(engine, "login.revoked")
    (of_again,) = ends(logged_in(app, "admin", EDGE), "/admin/people/agent")[:1]
    assert desk.post(of_again).status_code == 403
    assert desk.post("/account/sessions/end").status_code == 303
    assert (desk.get("/tasks").status_code, again.get("/tasks").status_code) == (200, 302)
    assert ends(desk) == []
    assert rows_of(engine, "login.revoked") == before + 1


def test_administrators_end_one_log_in_of_somebody_and_it_leaves_the_list(
    app: Flask, engine: Redress
) -> None:
    agent, admin = logged_in(app, "agent", PHONE), logged_in(app, "admin", EDGE)
    at = "/admin/people/agent"
    assert "Safari · iPhone" in text(admin.get(at))
    assert "Safari · iPhone" not in text(logged_in(app, "auditor", EDGE).get(at))
    (address,) = ends(admin, at)
    assert admin.post(address).location == at
    assert agent.get("/tasks").status_code == 302
    assert "Logged in nowhere" in text(admin.get(at))
    logged_in(app, "agent", PHONE).post("/logout")
    assert ends(admin, at) == []
    with engine.sessions.step() as session:
        session.execute(update(LogIn).values(began_at=clock.real_now() - LONGEST - timedelta(minutes=1)))
        assert forget_old_log_ins(session) == 2  # the administrator's and the auditor's


def test_who_sits_at_an_open_browser_confirms_before_another_way_in_is_given(
    engine: Redress, visit: Visit
) -> None:
    browser, mail = visit("agent"), {"email": "elsewhere@example.cn", "page-case": "1"}
    let_pass(browser)
    assert str(browser.post("/account/generator").location).startswith("/login/confirm?next=")
    assert str(browser.post("/account/generator/confirm").location).startswith("/login/confirm?next=")
    for address in ("/account/passkeys/options", "/account/passkeys"):
        assert browser.send(address, {}).status_code == 403
    assert page(browser.get("/account")).xpath("//a[contains(@href, '/login/confirm')]")
    assert page(browser.get("/me")).xpath("//input[@name='email' and @readonly]")
    refused = browser.post("/me/notices", mail)
    assert (refused.status_code, "Confirm first" in text(refused)) == (422, True)
    assert browser.post("/me/notices", {**mail, "email": ""}).status_code == 303
    browser.get("/login/confirm?next=/me")
    assert browser.post("/login/confirm", {"current": "wrong", "next": "/me"}).status_code == 422
    assert browser.post("/login/confirm", {"current": "agent-demo", "next": "/me"}).location == "/me"
    assert rows_of(engine, "login.confirmed") == 1
    assert browser.post("/me/notices", mail).status_code == 303
    assert browser.send("/account/passkeys/options", {}).status_code == 200
    assert "data:image/svg+xml" in browser.post("/account/generator").get_data(as_text=True)


@pytest.mark.parametrize(
    ("said", "named"), [(EDGE, "Edge · Windows"), (PHONE, "Safari · iPhone"), ("curl/8", "")]
)
def test_a_browser_is_named_as_its_owner_knows_it(said: str, named: str) -> None:
    assert browser_named(said) == named
