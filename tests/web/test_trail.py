"""The trail's pages, models, operations, reports and people."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from engine import clock
from engine.assembly import Redress
from engine.audit import note
from engine.people.acting import load_actor
from engine.quality.leaks import scan_due
from engine.quality.verification import verify_due
from engine.store.tables.audit import History
from engine.store.tables.people import Notification
from tests.driving import complaint
from tests.web.conftest import Visit, page, text


def instance_of(engine: Redress, complaint_no: str) -> str:
    return str(complaint(engine, complaint_no).instance_id)


def diagram(answer: Any) -> dict[str, Any]:
    (script,) = page(answer).xpath("//*[@data-diagram]/script/text()")
    found: dict[str, Any] = json.loads(script)
    return found


def test_the_diagram_marks_what_was_passed_and_what_waits(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("auditor")
    path = f"/trail/{instance_of(engine, complaint_no)}"
    states: set[str] = set()
    for link in [path, *page(browser.get(path)).xpath("//nav[@aria-label='Diagrams']//a/@href")]:
        found = diagram(browser.get(link))
        states |= set(found["states"].values())
        model = browser.get(found["url"])
        assert model.status_code == 200
        assert model.mimetype == "application/xml"
        text_of_model = model.get_data(as_text=True)
        assert all(f'id="{element}"' in text_of_model for element in found["states"])
    assert {"done", "active"} <= states


def test_the_events_are_listed_in_order_in_words(visit: Visit, engine: Redress, complaint_no: str) -> None:
    answer = visit("auditor").get(f"/trail/{instance_of(engine, complaint_no)}")
    numbers = [int(found.lstrip("#")) for found in page(answer).xpath("//*[@class='event-seq']/text()")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "Process started" in text(answer)
    assert re.search(r"Suggested grade\s*— → Grade \d", text(answer))
    for raw in ("suggested_grade", "criteria:", "complainant_is", "registration_outcome", "both-reviewed"):
        assert raw not in text(answer)
    assert "None" not in text(answer)
    assert "CANARY" not in answer.get_data(as_text=True)


def test_decision_tables_are_told_by_name_and_the_axes_of_statistics_in_every_language(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    path = f"/trail/{instance_of(engine, complaint_no)}"
    for language, table, axis in (
        ("en", "Suggested grade", "Loans"),
        ("zh-CN", "建议分级", "贷款"),
        ("zh-TW", "建議分級", "貸款"),
    ):
        told = page(visit("auditor", language).get(path))
        details = {each.strip(" :：\n") for each in told.xpath("//*[@class='event-detail']/text()")}
        assert table in details, language
        assert not {"grading", "reason_codes", "assignment"} & details
        assert axis in text(visit("supervisor", language).get(f"/complaints/{complaint_no}")), language


def test_the_list_can_leave_out_the_machinery(visit: Visit, engine: Redress, complaint_no: str) -> None:
    browser, path = visit("auditor"), f"/trail/{instance_of(engine, complaint_no)}"
    everything, short = text(browser.get(path)), text(browser.get(f"{path}?events=short"))
    assert "Step completed" in everything
    assert "Step completed" not in short
    assert "Milestone reached: Registered" in short
    assert complaint_no in text(browser.get("/trail?process=complaint"))


def test_the_chain_is_verified_on_demand_and_a_changed_row_is_found(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("auditor")
    instance_id = instance_of(engine, complaint_no)
    assert "The chain holds" in text(browser.get(f"/trail/{instance_id}/verify"))
    with engine.sessions.step() as session:
        changed = (
            update(History).where(History.stream == instance_id, History.seq == 2).values(actor="nobody")
        )
        session.execute(changed)
    broken = text(browser.get(f"/trail/{instance_id}/verify"))
    assert "The chain is broken" in broken


def test_an_instance_of_others_does_not_exist_for_who_has_nothing_to_do_with_it(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    assert visit("agent2").get(f"/trail/{instance_of(engine, complaint_no)}").status_code == 404
    assert visit("agent").get(f"/trail/{instance_of(engine, complaint_no)}").status_code == 200


def test_the_models_in_force_are_shown_with_their_diagram_and_files(visit: Visit) -> None:
    browser = visit("owner")
    listed = page(browser.get("/models"))
    link = listed.xpath("//a[@class='row-title']/@href")[0]
    answer = browser.get(link)
    assert answer.status_code == 200
    assert browser.get(diagram(answer)["url"]).status_code == 200
    link = listed.xpath("//a[normalize-space()='Urgent report']/@href")[0]
    for language, said in (
        ("en", {"An urgent complaint or grave problem", "the management acknowledges it."}),
        ("zh-Hans", {"紧急投诉或重大问题", "由管理层确认。"}),
    ):
        shown = text(visit("owner", language).get(link))
        assert {each for each in said if each in shown} == said
    file = listed.xpath("//ul[@class='files']//a/@href")[0]
    downloaded = browser.get(file)
    assert downloaded.status_code == 200
    assert downloaded.headers["Content-Disposition"].startswith("attachment")
    assert browser.get(file + "x").status_code == 404


def test_a_refused_model_lists_its_findings_and_deploys_nothing(visit: Visit) -> None:
    browser = visit("owner")
    files = (io.BytesIO(b"<not-bpmn/>"), "wrong.bpmn")
    answer = browser.post("/models", {"files": files, "note": "try"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Nothing was deployed" in text(answer)
    assert "wrong.bpmn" in text(answer)
    assert "this is no BPMN file" in text(answer)
    assert browser.post("/models", {"note": "nothing"}).status_code == 422
    told = visit("owner", "zh-TW").post(
        "/models",
        {"files": (io.BytesIO(b"<not-bpmn/>"), "wrong.bpmn"), "note": "try"},
        content_type="multipart/form-data",
    )
    assert "這不是 BPMN 文件" in text(told)
    assert "this is no" not in text(told)


def test_the_same_files_again_change_nothing(visit: Visit) -> None:
    browser = visit("owner")
    source = Path(__file__).parents[2] / "processes" / "complaint" / "complaint.bpmn"
    files = (io.BytesIO(source.read_bytes()), "complaint.bpmn")
    answer = browser.post("/models", {"files": files, "note": "again"}, content_type="multipart/form-data")
    assert answer.status_code == 303, text(answer)
    assert "Nothing changed" in text(browser.get("/models"))


def test_operations_list_the_armed_timers(visit: Visit, complaint_no: str) -> None:
    shown = text(visit("admin").get("/operations?view=timers"))
    assert complaint_no in shown


def test_reports_count_the_register(visit: Visit, complaint_no: str) -> None:
    answer = visit("supervisor").get("/reports")
    assert page(answer).xpath("//*[@class='figure-value']/text()")[:2] == ["1", "1"]


def test_people_are_listed_by_role(visit: Visit) -> None:
    browser = visit("admin")
    assert "handler2" in text(browser.get("/admin"))
    only = text(browser.get("/admin?role=auditors"))
    assert "handler2" not in only
    assert "auditor" in only


def test_a_notice_is_counted_until_its_person_takes_note_of_it(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    with engine.sessions.step() as session:
        for name in ("handler", "handler2"):
            person = load_actor(session, name)
            values = {
                "id": f"n-{name}",
                "person_id": person.id,
                "kind": "deadline-warning",
                "source_key": name,
            }
            session.execute(
                insert(Notification).values(**values, complaint_no=complaint_no, created_at=clock.now())
            )
    browser = visit("handler")
    answer = browser.get("/notices")
    assert "The limit of a complaint is near" in text(answer)
    assert page(answer).xpath("//a[@class='frame-notices']/span/text()") == ["1"]
    browser.post("/notices", {"notice": "n-handler2"})
    assert page(browser.get("/notices")).xpath("//a[@class='frame-notices']/span/text()") == ["1"]
    browser.post("/notices", {"notice": "n-handler"})
    assert not page(browser.get("/notices")).xpath("//a[@class='frame-notices']/span/text()")
    other = visit("handler2")
    assert page(other.get("/tasks")).xpath("//a[@class='frame-notices']/span/text()") == ["1"]
    other.post("/notices")
    assert not page(other.get("/notices")).xpath("//a[@class='frame-notices']/span/text()")


def test_verifications_are_listed_and_begun_by_hand(visit: Visit, engine: Redress, complaint_no: str) -> None:
    browser = visit("auditor")
    assert "No verification yet" in text(browser.get("/trail/verifications"))
    assert "has not been verified yet" in text(browser.get("/reports/records"))
    assert browser.post("/trail/verifications").status_code == 303
    assert browser.post("/trail/verifications").status_code == 409
    for _ in range(30):  # that one, and the first by schedule
        verify_due(engine.runtime)
    shown = page(browser.get("/trail/verifications"))
    results = [
        " ".join(each.text_content().split())
        for each in shown.xpath("//tbody/tr/td[position() > 1 and position() < 4]")
    ]
    assert results == ["What is new", "Holds", "The whole trail", "Holds"]
    assert "was last verified and held" in text(browser.get("/reports/records"))
    assert "What is new" in text(browser.get("/reports/records/trail-verified"))


def test_personal_data_in_clear_texts_is_listed_by_its_place_and_marked(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("compliance")
    assert "have not been looked through" in text(browser.get("/reports/records"))
    assert "Nothing found" in text(browser.get("/reports/leaks"))
    with engine.sessions.step() as session:
        note(session, "admin", "setting.changed", {"why": "call 13800138000"})
    for _ in range(60):
        scan_due(engine.runtime)
    shown = browser.get("/reports/leaks")
    assert "Telephone number" in text(shown)
    assert "history.data.why" in text(shown)
    assert "13800138000" not in shown.text
    assert "in 1 place written" in text(browser.get("/reports/records"))
    (action,) = page(shown).xpath("//main//form/@action")
    refused = browser.post(action, {"decision": "masked", "reason": "call 13800138000"})
    assert refused.status_code == 422
    assert "leave that out" in text(refused)
    assert browser.post(action, {"decision": "masked", "reason": "Taken out."}).status_code == 303
    assert "Taken out." in text(visit("auditor").get("/reports/leaks"))
    assert "in 0 places written in the period, and 1 more" in text(browser.get("/reports/records"))
    assert browser.post("/reports/leaks/none", {"decision": "masked", "reason": "x"}).status_code == 404
    assert browser.post("/reports/leaks/none", {"decision": "gone", "reason": "x"}).status_code == 422
