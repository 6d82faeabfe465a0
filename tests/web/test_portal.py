"""The public pages: complaining, looking how a case stands, answering the survey, without an account."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.public.secrets import survey_token, tracking_secret
from engine.cases.public.survey import counted_answer, invitation_of
from engine.privacy.values import read_value
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey, SurveyAnswer, Throttle
from engine.store.tables.documents import Document
from tests.driving import drive
from tests.web.conftest import Browser, Visit, page, text
from tests.world import register

PHONE = "13912345678"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def filled(browser: Browser, **changes: Any) -> dict[str, Any]:
    """Return what a customer sends from the form that the browser has just loaded."""
    token = page(browser.get("/complain")).xpath("//input[@name='token']/@value")[0]
    sent = {"token": token, "name": "王小明CANARY", "phone": PHONE, "content": "重複扣款 CANARY-CONTENT"}
    return sent | changes


def complained(browser: Browser, **changes: Any) -> tuple[str, str]:
    """Send a complaint and return its number and secret, as the acknowledgement shows them."""
    answer = browser.post("/complain", filled(browser, **changes))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/complain/received")
    number, secret = page(browser.get("/complain/received")).xpath("//output/text()")
    return number, secret


def count(engine: Redress, what: Any = Complaint.no) -> int:
    with engine.sessions.read() as session:
        return session.scalar(select(func.count(what))) or 0


def test_a_customer_complains_without_an_account_and_gets_number_and_secret_at_once(
    engine: Redress, visit: Visit
) -> None:
    number, secret = complained(visit())
    assert re.fullmatch(r"RC-20260302-\d{6}", number)
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", secret)
    with engine.sessions.read() as session:
        row = session.get_one(Complaint, number)
    assert (row.channel, row.status, row.created_by) == ("portal", "registered", "portal")
    assert row.preferred_contact == "phone"
    assert timedelta() <= clock.now() - row.received_at < timedelta(hours=1)


def test_a_form_sent_twice_is_one_complaint_with_one_answer(engine: Redress, visit: Visit) -> None:
    browser = visit()
    sent = filled(browser)
    shown = []
    for _time in range(2):
        assert browser.post("/complain", dict(sent)).status_code == 303
        shown.append(page(browser.get("/complain/received")).xpath("//output/text()"))
    assert shown[0] == shown[1]
    assert count(engine) == 1


def test_another_text_under_the_key_of_a_sent_form_is_refused_and_stays_on_the_page(
    engine: Redress, visit: Visit
) -> None:
    browser = visit()
    sent = filled(browser)
    browser.post("/complain", dict(sent))
    answer = browser.post("/complain", sent | {"content": "另一件事"})
    assert answer.status_code == 422
    assert "另一件事" in text(answer)
    assert count(engine) == 1


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"phone": ""}, "phone"),
    ({"phone": "12"}, "phone"),
    ({"name": " "}, "name"),
    ({"content": ""}, "content"),
    ({"preferred_contact": "email"}, "email"),
    ({"preferred_contact": "letter"}, "address"),
    ({"email": "nobody"}, "email"),
    ({"homepage": "https://spam.example"}, "homepage"),
)


def test_what_is_missing_or_wrong_is_said_at_its_field_and_nothing_is_kept(
    engine: Redress, visit: Visit
) -> None:
    browser = visit()
    for changes, field in WRONG:
        answer = browser.post("/complain", filled(browser, **changes))
        assert answer.status_code == 422, changes
        assert page(answer).xpath(f"//*[@data-error-summary]//a[@href='#{field}']"), changes
    assert count(engine) == 0


def test_nothing_that_the_company_holds_is_asked_for(visit: Visit) -> None:
    tree = page(visit().get("/complain"))
    assert sorted(tree.xpath("//main//*[@required]/@name")) == ["content", "name"]
    assert not tree.xpath("//*[contains(@name, 'id_number') or contains(@name, 'account')]")


def test_documents_come_with_the_complaint_and_of_a_repetition_only_once(
    engine: Redress, visit: Visit
) -> None:
    browser = visit()
    sent = filled(browser)
    for _time in range(2):
        files = {"files": [(io.BytesIO(PDF), "陳述.pdf"), (io.BytesIO("明細".encode()), "a.txt")]}
        browser.post("/complain", sent | files, content_type="multipart/form-data")
    with engine.sessions.read() as session:
        documents = session.scalars(select(Document)).all()
    assert {document.media_type for document in documents} == {"application/pdf", "text/plain"}
    assert len(documents) == len(list(engine.vault.files())) == 2
    assert len({document.complaint_no for document in documents} - {None}) == 1


def test_a_wrong_file_is_refused_at_its_field_and_leaves_nothing(engine: Redress, visit: Visit) -> None:
    browser = visit()
    files = {"files": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(b"MZ\x90"), "b.exe")]}
    answer = browser.post("/complain", filled(browser, **files), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert page(answer).xpath("//*[@data-error-summary]//a[@href='#files']")
    assert (count(engine), count(engine, Document.id), list(engine.vault.files())) == (0, 0, [])


def test_files_that_are_too_large_together_are_told_with_what_fits(app: Flask, visit: Visit) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 3000
    browser = visit()
    assert "together 20 MB" in text(browser.get("/complain"))
    files = [(io.BytesIO(b"x" * 2000), f"{n}.txt") for n in range(2)]
    answer = browser.post("/complain", filled(browser, files=files))
    assert answer.status_code == 413
    assert "larger than 20 MB" in text(answer)


def test_number_and_secret_or_contact_show_how_the_case_stands(engine: Redress, visit: Visit) -> None:
    number, secret = complained(visit())
    for proof in (secret, secret.lower().replace("-", " "), PHONE, "+86 139-1234-5678"):
        browser = visit()
        browser.get("/track")
        answer = browser.post("/track", {"number": number.lower(), "proof": proof})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/track"), proof
        shown = text(browser.get("/track"))
        assert number in shown
        assert "2026-03-05" in shown
        for hidden in ("CANARY", PHONE, "handler", secret):
            assert hidden not in shown


def test_every_wrong_pair_is_answered_alike(engine: Redress, visit: Visit) -> None:
    number, secret = complained(visit())
    other = complained(visit(), phone="13787654321")[1]
    wrong = [
        (number, other),
        ("RC-20260302-999999", secret),
        (number, "13700000000"),
        (number, "13787654321"),
        (number, ""),
        ("' OR 1=1", secret),
    ]
    browser = visit()
    browser.get("/track")
    answers = [browser.post("/track", {"number": no, "proof": proof}) for no, proof in wrong]
    assert {answer.status_code for answer in answers} == {422}
    assert len({page(answer).xpath("string(//*[@data-error-summary])") for answer in answers}) == 1


def test_a_contact_cannot_be_guessed_by_going_on_and_the_secret_still_opens(
    engine: Redress, visit: Visit
) -> None:
    number, secret = complained(visit())
    browser = visit()
    browser.get("/track")
    tried = [browser.post("/track", {"number": number, "proof": f"1380000{i:04}"}) for i in range(11)]
    assert [answer.status_code for answer in tried] == [422] * 10 + [429]
    assert browser.post("/track", {"number": number, "proof": PHONE}).status_code in (422, 429)
    assert browser.post("/track", {"number": number, "proof": secret}).status_code == 303


def test_one_address_that_goes_on_is_held_up_and_keeps_its_text_while_others_go_on(
    engine: Redress, visit: Visit
) -> None:
    limit = engine.config.public_per_hour
    browser = visit()
    answers = [browser.post("/complain", filled(browser, content="")) for _time in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [422] * limit + [429]
    held = browser.post("/complain", filled(browser, content="不可丟失"))
    assert held.status_code == 429
    assert int(held.headers["Retry-After"]) <= 3600
    assert "不可丟失" in text(held)
    elsewhere = visit()
    answer = elsewhere.post("/complain", filled(elsewhere), environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert answer.status_code == 303
    clock.advance(timedelta(hours=1))
    assert browser.post("/complain", filled(browser)).status_code == 303


def test_counts_hold_no_address(engine: Redress, visit: Visit) -> None:
    complained(visit())
    with engine.sessions.read() as session:
        keys = session.scalars(select(Throttle.key)).all()
    assert len(keys) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_a_forged_form_without_the_pages_token_is_refused(engine: Redress, app: Flask) -> None:
    for address in ("/complain", "/track", "/survey/x"):
        answer = app.test_client().post(address, data={"name": "x"}, headers={"Accept": "text/html"})
        assert answer.status_code == 400
    assert count(engine) == 0


def asked(engine: Redress, number: str) -> str:
    """Ask the customer of a case, as the result notice does; return the survey's address."""
    with engine.sessions.step() as session:
        session.execute(update(Complaint).where(Complaint.no == number).values(status="notified"))
        session.add(Survey(**invitation_of(engine.keyring, number, clock.now(), 60)))
    return f"/survey/{survey_token(engine.keyring, number)}"


def test_the_survey_chooses_nothing_beforehand_and_keeps_score_and_comment(
    engine: Redress, visit: Visit
) -> None:
    number, _secret = complained(visit())
    address = asked(engine, number)
    browser = visit()
    assert not page(browser.get(address)).xpath("//input[@checked]")
    assert browser.post(address, {"comment": "x"}).status_code == 422
    assert browser.post(address, {"score": "4", "comment": "CANARY 謝謝"}).status_code == 200
    with engine.sessions.read() as session:
        kept = counted_answer(session, number)
        assert kept is not None
        assert (kept.score, kept.source) == (4, "self")
        assert kept.comment_ref is not None
        assert read_value(session, engine.keyring, kept.comment_ref) == "CANARY 謝謝"


def test_staff_see_the_answer_masked_and_no_way_to_give_one(engine: Redress, visit: Visit) -> None:
    number, _secret = complained(visit())
    address = asked(engine, number)
    customer = visit()
    customer.get(address)
    customer.post(address, {"score": "2", "comment": "CANARY 不滿意"})
    staff = visit("agent")
    shown = staff.get(f"/complaints/{number}")
    assert "Dissatisfied" in text(shown)
    assert "CANARY" not in text(shown)
    assert "/survey/" not in shown.get_data(as_text=True)
    revealed = staff.post(f"/complaints/{number}/reveal", {"purpose": "handling"})
    assert "CANARY 不滿意" in text(revealed)


def test_a_later_answer_within_seven_days_is_kept_beside_the_first_and_none_after(
    engine: Redress, visit: Visit
) -> None:
    number, _secret = complained(visit())
    address = asked(engine, number)
    browser = visit()
    browser.get(address)
    for _time in range(2):  # a double click
        assert browser.post(address, {"score": "2"}).status_code == 200
    clock.advance(timedelta(days=6))
    assert browser.post(address, {"score": "5"}).status_code == 200
    clock.advance(timedelta(days=1, minutes=1))
    assert browser.get(address).status_code == 410
    browser.post(address, {"score": "1"})
    with engine.sessions.read() as session:
        scores = session.scalars(select(SurveyAnswer.score).order_by(SurveyAnswer.at)).all()
        counts = counted_answer(session, number)
    assert scores == [2, 5]
    assert counts is not None
    assert counts.score == 5


def test_every_customer_who_is_answered_is_asked(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    drive(engine, number, until="notify-customer")
    assert count(engine, Survey.complaint_no) == 0
    drive(engine, number, until="ask-satisfaction")
    browser = visit()
    browser.get("/track")
    assert browser.post("/track", {"number": number, "proof": "canary@example.com"}).status_code == 303
    link = page(browser.get("/track")).xpath("//a[contains(@href, '/survey/')]/@href")
    assert browser.get(link[0]).status_code == 200


def test_an_unknown_token_opens_nothing(visit: Visit) -> None:
    assert visit().get("/survey/0123456789abcdef0123456789abcdef").status_code == 404


def test_secrets_of_two_cases_have_nothing_in_common(engine: Redress) -> None:
    first, second = (tracking_secret(engine.keyring, f"RC-20260302-00000{n}") for n in (1, 2))
    assert sum(a == b for a, b in zip(first, second, strict=True) if a != "-") < 8


def test_the_public_pages_hold_nothing_inline_and_every_field_has_a_label(
    engine: Redress, visit: Visit
) -> None:
    number, _secret = complained(visit())
    survey = asked(engine, number)
    for language in ("en", "zh-TW", "zh-CN"):
        browser = visit(language=language)
        for address in ("/complain", "/track", survey):
            tree = page(browser.get(address))
            assert not tree.xpath("//script[not(@src)] | //style | //@style")
            assert len(tree.xpath("//h1")) == 1
            for field in tree.xpath("//main//input[not(@type='hidden')] | //main//select | //main//textarea"):
                assert tree.xpath(f"//label[@for='{field.get('id')}']"), field.get("name")
