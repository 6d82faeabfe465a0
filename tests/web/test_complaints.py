"""The register's pages: registering, the case, what changes it."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.intake import read_intake
from engine.cases.registration import register_in
from engine.people.actor import SYSTEM
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint, Contact
from tests.driving import complaint, drive
from tests.web.conftest import Browser, Visit, page, text
from tests.world import MONDAY, intake, register
from web.times import working_limit

FIELDS = {
    "channel": "hotline",
    "received_at": "2026-03-02T08:30",
    "content": "多次致電未獲回覆 CANARY",
    "name": "王小明CANARY",
    "phone": "13912345678",
    "category": "service",
    "grade": "2",
}


def key(browser: Browser) -> str:
    (found,) = page(browser.get("/complaints/new")).xpath("//input[@name='token']/@value")
    return str(found)


def count(engine: Redress) -> int:
    with engine.sessions.read() as session:
        return int(session.scalar(select(func.count()).select_from(Complaint)) or 0)


def test_a_complaint_is_registered_from_the_form_with_local_time_and_grade(
    visit: Visit, engine: Redress
) -> None:
    browser = visit("agent")
    answer = browser.post("/complaints/new", {**FIELDS, "token": key(browser)})
    assert answer.status_code == 303, text(answer)
    row = complaint(engine, answer.location.rpartition("/")[2])
    assert row.received_at.isoformat() == "2026-03-02T00:30:00+00:00"
    assert (row.grade, row.category, row.channel) == (2, "service", "hotline")
    assert "CANARY" not in answer.location
    assert "was registered" in text(browser.get(answer.location))


def test_the_form_takes_what_the_interface_takes(visit: Visit, engine: Redress) -> None:
    browser = visit("agent")
    given = {
        "sub_code": "collection",
        "complainants": "12",
        "representatives": "3",
        "complainant_is": "proxy",
        "authority": "授權書 2026-7",
        "regulator_reference": "NFRA-2026-17",
        "referred_on": "2026-03-01",
        "partner": "Collector 9",
        "handler": "handler2",
        "accused": "handler",
        "language": "zh-Hans",
        "grade": "2",
    }
    answer = browser.post("/complaints/new", {**FIELDS, **given, "token": key(browser)})
    assert answer.status_code == 303, text(answer)
    no = answer.location.rpartition("/")[2]
    row = complaint(engine, no)
    assert (row.sub_code, row.handler) == ("collection", "handler2")
    kept = {name: str(row.facts[name]) for name in given if name in row.facts}
    assert kept == {key: value for key, value in given.items() if key not in ("sub_code", "handler", "grade")}
    assert row.facts["business_axis"] == "債務催收"
    shown = text(browser.get(answer.location))
    assert "Ways and means of debt collection" in shown
    assert no in text(browser.get("/complaints?sub_code=collection"))
    assert no not in text(browser.get("/complaints?sub_code=fees"))
    listed = visit("supervisor").get("/api/v1/complaints?sub_code=collection").get_json()["items"]
    assert {"complaint_no": no, "sub_code": "collection"}.items() <= listed[0].items()
    too_many = {**FIELDS, **given, "representatives": "6", "token": key(browser)}
    assert "at most 5" in text(browser.post("/complaints/new", too_many))


def test_the_form_sent_twice_registers_once(visit: Visit, engine: Redress) -> None:
    browser = visit("agent")
    before, token = count(engine), key(browser)
    first = browser.post("/complaints/new", {**FIELDS, "token": token})
    second = browser.post("/complaints/new", {**FIELDS, "token": token})
    assert first.location == second.location
    assert count(engine) == before + 1
    changed = browser.post("/complaints/new", {**FIELDS, "content": "something else", "token": token})
    assert changed.status_code == 422
    assert browser.post("/complaints/new", {**FIELDS, "token": "short"}).status_code == 422
    assert count(engine) == before + 1


def test_what_is_missing_is_told_at_the_field_and_in_a_summary_that_links_to_it(
    visit: Visit, engine: Redress
) -> None:
    browser = visit("agent")
    before, token = count(engine), key(browser)
    answer = browser.post("/complaints/new", {**FIELDS, "name": " ", "email": "nonsense", "token": token})
    assert answer.status_code == 422
    tree = page(answer)
    assert tree.xpath("//*[@data-error-summary]//a/@href") == ["#email", "#name"] or set(
        tree.xpath("//*[@data-error-summary]//a/@href")
    ) == {"#email", "#name"}
    assert tree.xpath("//input[@id='name']/@aria-invalid") == ["true"]
    assert tree.xpath("//textarea[@name='content']/text()") == [FIELDS["content"]]
    assert count(engine) == before
    assert browser.post("/complaints/new", {**FIELDS, "token": token}).status_code == 303


def test_a_complaint_from_the_future_is_refused_and_may_be_sent_again(visit: Visit) -> None:
    browser = visit("agent")
    token = key(browser)
    answer = browser.post("/complaints/new", {**FIELDS, "received_at": "2026-03-04T08:30", "token": token})
    assert answer.status_code == 422
    assert "future" in text(answer)
    assert browser.post("/complaints/new", {**FIELDS, "token": token}).status_code == 303


def test_the_case_page_masks_the_customer_and_shows_both_clocks(visit: Visit, complaint_no: str) -> None:
    shown = visit("supervisor").get(f"/complaints/{complaint_no}")
    assert "CANARY" not in shown.get_data(as_text=True)
    words = text(shown)
    assert "2026-03-05 (Thu)" in words
    assert "2026-03-17 (Tue)" in words
    assert "139****5678" in words


def test_the_head_of_a_case_tells_the_limit_that_runs_out_first(visit: Visit, engine: Redress) -> None:
    browser = visit("supervisor")
    for grade, first in ((3, "2026-03-05 (Thu)"), (1, "2026-03-17 (Tue)")):  # the policy's; the law's
        no = register(engine, category="service", grade=grade).complaint_no
        answer = page(browser.get(f"/complaints/{no}"))
        assert first in answer.xpath("string(//*[@class='narrow-only'])")
    assert set(answer.xpath("//button[@data-opens]/@commandfor")) >= {"contact", "withdraw"}


def test_the_reveal_shows_the_customer_to_who_may_and_to_nobody_else(visit: Visit, complaint_no: str) -> None:
    answer = visit("supervisor").post(f"/complaints/{complaint_no}/reveal", {"purpose": "supervision"})
    assert "CANARY" in text(answer)
    assert (
        visit("auditor").post(f"/complaints/{complaint_no}/reveal", {"purpose": "supervision"}).status_code
        == 403
    )


def test_a_contact_is_noted_and_its_summary_is_personal(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("agent")
    fields = {"direction": "out", "channel": "phone", "reached": "1", "summary": "已說明進度 CANARY-SUMMARY"}
    assert browser.post(f"/complaints/{complaint_no}/contacts", fields).status_code == 303
    with engine.sessions.read() as session:
        assert session.scalars(select(Contact.channel)).all() == ["phone"]
    assert "CANARY-SUMMARY" not in text(browser.get(f"/complaints/{complaint_no}"))
    revealed = browser.post(f"/complaints/{complaint_no}/reveal", {"purpose": "handling"})
    assert "CANARY-SUMMARY" in text(revealed)
    refused = browser.post(f"/complaints/{complaint_no}/contacts", {**fields, "summary": ""})
    assert refused.status_code == 422
    assert page(refused).xpath("//dialog[@data-open-now]/@id") == ["contact"]
    early = browser.post(f"/complaints/{complaint_no}/contacts", {**fields, "at": "2026-02-27T09:00"})
    assert early.status_code == 422
    assert "lies before 2026-03-02" in page(early).xpath("string(//*[@id='contact-at-note'])")


def test_what_is_refused_because_the_case_has_moved_on_keeps_what_was_typed_in_its_dialog(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser, grade = visit("supervisor"), complaint(engine, complaint_no).grade
    fields = {"grade": str(grade), "reason": "媒體已關注，一字不能丟"}
    refused = browser.post(f"/complaints/{complaint_no}/regrade", fields)
    assert refused.status_code == 409
    (dialog,) = page(refused).xpath("//dialog[@data-open-now]")
    assert dialog.get("id") == "regrade"
    assert dialog.xpath(".//*[@data-refused]")[0].text_content().strip()
    assert dialog.xpath(".//textarea")[0].text == fields["reason"]
    assert str(grade) not in dialog.xpath(".//option/@value")


def test_a_graver_grade_holds_at_once_and_counts_from_receipt(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    fields = {"grade": "1", "reason": "可能引發訴訟"}
    assert visit("supervisor").post(f"/complaints/{complaint_no}/regrade", fields).status_code == 303
    row = complaint(engine, complaint_no)
    assert row.grade == 1
    assert row.due_at.isoformat() == "2026-03-23T16:00:00+00:00"


def test_a_refused_change_says_why_on_the_case(visit: Visit, complaint_no: str) -> None:
    browser = visit("supervisor")
    answer = browser.post(f"/complaints/{complaint_no}/regrade", {"grade": "9", "reason": "x"})
    assert answer.status_code == 422
    assert page(answer).xpath("//dialog[@data-open-now]/@id") == ["regrade"]
    assert (
        browser.post(f"/complaints/{complaint_no}/extend", {"new_date": "x", "reason": "y"}).status_code
        == 422
    )
    assert browser.post(f"/complaints/{complaint_no}/withdraw", {"reason": " "}).status_code == 422


def test_a_withdrawn_complaint_offers_nothing_more(visit: Visit, engine: Redress, complaint_no: str) -> None:
    browser = visit("handler")
    supervisor = visit("supervisor")
    assert supervisor.post(f"/complaints/{complaint_no}/withdraw", {"reason": "客戶撤回"}).status_code == 303
    assert complaint(engine, complaint_no).status == "withdrawn"
    shown = page(supervisor.get(f"/complaints/{complaint_no}"))
    assert not shown.xpath("//button[@data-opens='withdraw' or @data-opens='regrade']")
    assert browser.get(f"/complaints/{complaint_no}").status_code in (200, 404)


def test_who_has_nothing_to_do_with_a_case_any_more_is_led_to_the_register(
    visit: Visit, complaint_no: str
) -> None:
    browser = visit("handler2")  # it waits for the handlers; nobody has it
    assert browser.get(f"/complaints/{complaint_no}").status_code == 200
    answer = browser.post(f"/complaints/{complaint_no}/withdraw", {"reason": "客戶撤回"})
    shown = browser.get(answer.location)
    assert shown.status_code == 200
    assert "withdrawn" in text(shown)


def test_a_letter_is_offered_in_the_language_of_the_customer(visit: Visit, engine: Redress) -> None:
    number = register(engine, language="en").complaint_no
    browser = visit("supervisor")
    found = page(browser.get(f"/complaints/{number}/letters"))
    assert found.xpath("//select[@name='language']/option[@selected]/@value") == ["en"]
    unknown = register(engine).complaint_no
    other = page(browser.get(f"/complaints/{unknown}/letters"))
    assert other.xpath("//select[@name='language']/option[@selected]/@value") == ["zh-Hans"]


def test_the_last_day_is_today_only_on_that_day_though_it_is_a_day_off(app: Flask, engine: Redress) -> None:
    saturday = MONDAY.replace(day=7, hour=16, minute=0)  # its end in Shanghai, as UTC
    states = []
    for day in (4, 5, 6, 7):
        clock.set_to(MONDAY.replace(day=day))
        with app.test_request_context():
            states.append(working_limit(saturday, None).state)
    assert states == ["fine", "soon", "soon", "today"]


def test_a_withdrawn_complaint_is_not_called_answered(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("agent")
    browser.post(f"/complaints/{complaint_no}/withdraw", {"reason": "settled by phone"})
    for path in (f"/complaints/{complaint_no}", "/complaints"):
        shown = text(browser.get(path))
        assert "ended without an answer" in shown
        assert "answered in time" not in shown


def test_what_the_system_recorded_and_where_a_process_ended_is_told_in_words(
    visit: Visit, engine: Redress
) -> None:
    with engine.sessions.step() as session:
        number = register_in(engine.runtime, session, SYSTEM, read_intake(intake())).complaint_no
    case = page(visit("analyst").get(f"/complaints/{number}"))
    assert "System" in " ".join(case.xpath("//details[1]/summary//text()"))
    drive(engine, number)
    done = page(visit("analyst", "zh-TW").get(f"/complaints/{number}"))
    ends = [what.text_content() for what in done.xpath("//*[@class='event-what']")]
    assert any("投訴處理" in what for what in ends), ends


def test_a_case_of_somebody_else_does_not_exist_for_a_handler(visit: Visit, engine: Redress) -> None:
    from tests.world import register

    number = register(engine, grade=None, category=None).complaint_no  # its task is the agents'
    assert visit("handler").get(f"/complaints/{number}").status_code == 404
    assert visit("handler").post(f"/complaints/{number}/contacts").status_code == 404
    assert visit("agent").get(f"/complaints/{number}").status_code == 200


def test_the_register_is_searched_and_filtered_by_its_address(visit: Visit, complaint_no: str) -> None:
    browser = visit("agent")
    assert complaint_no in text(browser.get(f"/complaints?number={complaint_no[-6:]}&grade=3"))
    assert "No complaint fits" in text(browser.get("/complaints?grade=1"))
    answer = browser.get("/complaints?number=%25%25")
    assert answer.status_code == 200
    assert "letters, digits and hyphens" in text(answer)


def test_an_overdue_case_is_listed_as_overdue(visit: Visit, engine: Redress, complaint_no: str) -> None:
    clock.set_to(complaint(engine, complaint_no).due_at)
    assert complaint_no in text(visit("supervisor").get("/complaints?overdue=1"))


def test_a_letter_is_previewed_corrected_and_kept_with_the_case(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("handler")
    chosen = {"letter": "letter-acknowledgement", "language": "zh-Hant"}
    assert "受理告知函" in visit("handler", "zh-TW").get(f"/complaints/{complaint_no}/letters").get_data(True)
    answer = browser.post(f"/complaints/{complaint_no}/letters", chosen)
    (written,) = page(answer).xpath("//textarea[@id='letter-text']/text()")
    assert "尊敬的王小明CANARY" in written
    with engine.sessions.read() as session:
        assert session.query(History).filter_by(stream="system", kind="personal.revealed").count() == 1
    kept = {"title": "受理告知函", "language": "zh-Hant", "text": written + "\r\n\r\n此致"}
    assert browser.post(f"/complaints/{complaint_no}/letters/keep", kept).status_code == 303
    assert page(browser.get(f"/complaints/{complaint_no}")).xpath("//h2[@id='documents-title']")
    assert browser.post(f"/complaints/{complaint_no}/letters/keep", {**kept, "text": ""}).status_code == 422
    assert browser.post(f"/complaints/{complaint_no}/letters", {"language": "xx"}).status_code == 422


def test_the_conversation_joins_all_channels_and_masks_what_was_said(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("handler")
    noted = {"direction": "out", "channel": "phone", "reached": "1", "summary": "CANARY spoke"}
    browser.post(f"/complaints/{complaint_no}/contacts", noted)
    drive(engine, complaint_no, until="ask-satisfaction")
    said = page(browser.get(f"/complaints/{complaint_no}")).xpath("//*[contains(@class, 'said ')]")
    titles = [each.xpath(".//strong/text()")[0] for each in said]
    assert titles == ["Result notice", "We contacted the customer", "Complaint received"]
    assert "CANARY" not in "".join(each.text_content() for each in said)
    shown = text(browser.post(f"/complaints/{complaint_no}/reveal", {"purpose": "handling"}))
    assert "CANARY spoke" in shown


def test_the_hotline_has_its_script_beside_the_form_and_keeps_that_it_was_read_back(
    visit: Visit, engine: Redress
) -> None:
    browser = visit("agent")
    form = page(browser.get("/complaints/new"))
    assert len(form.xpath("//ol[@class='script']/li")) == 6
    sent = {
        "channel": "hotline",
        "received_at": "2026-03-02T08:00",
        "content": "x",
        "name": "y",
        "read_back": "1",
    }
    sent["token"] = form.xpath("//input[@name='token']/@value")[0]
    made = browser.post("/complaints/new", sent)
    assert made.status_code == 303
    assert "Read back and confirmed" in text(browser.get(made.location))


def test_everything_to_be_corrected_is_said_at_once_and_amounts_are_taken_as_people_say_them(
    visit: Visit, engine: Redress
) -> None:
    browser = visit("agent")
    sent = {**FIELDS, "token": key(browser)}
    refused = {**sent, "email": "nonsense", "amount": "1.234,5", "received_at": "2199-01-01T10:00"}
    answer = browser.post("/complaints/new", refused)
    assert answer.status_code == 422
    found = page(answer).xpath("//*[@data-error-summary]//a/@href")
    assert set(found) == {"#email", "#amount", "#received_at"}
    assert "1234.50" in text(answer)
    made = browser.post("/complaints/new", {**sent, "amount": "１,234.50"})
    assert complaint(engine, made.location.rpartition("/")[2]).facts["amount"] == "1234.50"


def test_a_later_date_on_which_nobody_works_is_asked_back_and_taken_where_it_is_meant(
    engine: Redress, visit: Visit, complaint_no: str
) -> None:
    handler, at = visit("handler"), f"/complaints/{complaint_no}"
    hints = json.loads(page(handler.get(at)).xpath("//input[@name='new_date']/@data-hints")[0])
    assert "2026-03-14" in hints
    assert "2026-03-13" not in hints
    saturday = {"new_date": "2026-03-14", "reason": "An expert is heard."}
    refused = handler.post(f"{at}/extend", saturday)
    assert refused.status_code == 422
    (said,) = page(refused).xpath("//*[@id='extend-new_date-note']")
    assert "2026-03-13 (Fri) and 2026-03-16 (Mon)" in said.text_content()
    assert not page(refused).xpath("//*[@data-day-meant]/@hidden")
    assert handler.post(f"{at}/extend", {**saturday, "on_rest_day": "1"}).status_code == 303


def test_what_was_begun_is_kept_and_thrown_away_without_script(visit: Visit) -> None:
    browser = visit("agent")
    token = key(browser)
    kept = f"/complaints/new/drafts/{token}"
    assert browser.post(kept, {**FIELDS, "name": "王小明"}).status_code == 303
    listed = text(browser.get("/complaints/new"))
    assert "王**" in listed
    assert "王小明" not in listed
    assert "王小明" in browser.get(f"/complaints/new?draft={token}").get_data(as_text=True)
    assert visit("agent2").get(f"/complaints/new?draft={token}").status_code == 404
    revision = page(browser.get(f"/complaints/new?draft={token}")).xpath(
        "//form//input[@name='revision']/@value"
    )[-1]
    other = {**FIELDS, "name": "陳小明", "token": token, "revision": ""}
    for address in (kept, "/complaints/new"):
        asked = browser.post(address, other)
        assert asked.status_code == 409
        assert "陳小明" in asked.get_data(as_text=True)
        assert page(asked).xpath("//*[@role='alert']//a/@href") == [f"/complaints/new?draft={token}"]
        assert page(asked).xpath("//form[@action='/complaints/new']//input[@name='revision']/@value") == [
            revision
        ]
    assert browser.post(f"{kept}/discard", {"revision": "other"}).status_code == 409
    assert browser.post(kept, {**other, "revision": revision}).status_code == 303
    assert browser.post(f"{kept}/discard").status_code == 303
    assert "王**" not in text(browser.get("/complaints/new"))
    assert browser.get(f"/complaints/new?draft={token}").status_code == 404
