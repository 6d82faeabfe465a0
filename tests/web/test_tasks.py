"""The task pages: lists, claiming, filling in, giving away."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from engine import clock
from engine.assembly import Redress
from engine.documents.register import store_document
from engine.quality.improvement.measures import propose_measure
from engine.runtime.commands import set_follow_up
from engine.runtime.commands.keep_draft import keep_draft
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.documents import Document
from engine.store.tables.people import Person
from engine.store.tables.runtime import Task
from tests.driving import complaint, do, drive, open_tasks, open_tasks_of
from tests.filling import fill
from tests.web.conftest import Browser, Visit, page, text
from tests.world import actor, pass_time, register


def definition(browser: Browser, task_id: str) -> dict:  # type: ignore[type-arg]
    import json

    (script,) = page(browser.get(f"/tasks/{task_id}")).xpath("//*[@data-form]/script/text()")
    found: dict = json.loads(script)  # type: ignore[type-arg]
    return found


def test_a_task_of_ones_group_is_claimed_from_the_list_and_is_then_among_mine(
    visit: Visit, complaint_no: str, task_id: str
) -> None:
    browser = visit("handler")
    assert "You have no task" in text(browser.get("/tasks"))
    assert complaint_no in text(browser.get("/tasks?tab=groups"))
    assert browser.post(f"/tasks/{task_id}/claim").location == f"/tasks/{task_id}"
    answer = browser.get("/tasks")
    assert complaint_no in text(answer)
    assert page(answer).xpath("//*[contains(@class, 'frame-count')]/text()") == ["1"]
    assert browser.post(f"/tasks/{task_id}/release").location == "/tasks"
    assert "You have no task" in text(browser.get("/tasks"))


def test_the_second_who_claims_is_told_that_somebody_else_has_it(visit: Visit, task_id: str) -> None:
    first, second = visit("handler"), visit("handler2")
    assert first.post(f"/tasks/{task_id}/claim").status_code == 303
    answer = second.post(f"/tasks/{task_id}/claim")
    assert answer.status_code == 409
    assert "changed meanwhile" in text(answer)
    assert "handler has taken the task “Investigate” already" in text(answer)
    answer = visit("handler2", "zh-Hans").post(f"/tasks/{task_id}/claim")
    assert "“调查核实”" in text(answer)
    answer = visit("handler2", "zh-Hant").post(f"/tasks/{task_id}/claim")
    assert "「調查核實」" in text(answer)


def test_the_form_is_shown_to_read_before_the_claim_and_to_fill_in_after_it(
    visit: Visit, task_id: str
) -> None:
    browser = visit("handler")
    assert "submit" not in definition(browser, task_id)
    browser.post(f"/tasks/{task_id}/claim")
    found = definition(browser, task_id)
    assert found["submit"]["url"] == f"/tasks/{task_id}/complete"
    assert found["submit"]["wrap"] == "variables"
    assert found["schema"]["components"]


def test_what_is_to_be_done_is_said_in_the_readers_language(visit: Visit, task_id: str) -> None:
    said = {
        "en": "R22: read the business records",
        "zh-Hans": "R22：查阅业务记录",
        "zh-Hant": "R22：查閱業務記錄",
    }
    for language, words in said.items():
        shown = text(visit("handler", language).get(f"/tasks/{task_id}"))
        assert [other for other in said.values() if other in shown] == [words]


def test_whose_training_has_expired_is_told_why_the_form_is_not_there(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    with engine.sessions.step() as session:
        over = update(Person).where(Person.username == "handler")
        session.execute(over.values(training_valid_until=clock.now() - timedelta(seconds=1)))
    assert "Your training has expired" in text(browser.get(f"/tasks/{task_id}"))


def test_completing_goes_on_to_the_next_task_of_mine_or_to_the_list(
    engine: Redress, visit: Visit, complaint_no: str, task_id: str
) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    found = definition(browser, task_id)
    answer = browser.send(f"/tasks/{task_id}/complete", {"variables": fill(found["schema"], found["values"])})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["location"].startswith("/tasks")
    with engine.sessions.read() as session:
        assert session.get_one(Task, task_id).state == "completed"
    assert task_id not in {task.id for task in open_tasks(engine, complaint_no)}
    assert "is done" in text(browser.get("/tasks"))


def test_a_delegated_task_says_to_both_what_becomes_of_it(visit: Visit, task_id: str) -> None:
    owner, other = visit("handler"), visit("handler2")
    owner.post(f"/tasks/{task_id}/claim")
    owner.post(f"/tasks/{task_id}/assign", {"username": "handler2", "way": "delegate"})
    lent = text(owner.get(f"/tasks/{task_id}"))
    assert "Take back" in lent
    shown = text(other.get(f"/tasks/{task_id}"))
    assert "Hand back to" in shown
    assert "is told of either" in shown
    assert "for good" not in shown
    other.post(f"/tasks/{task_id}/release")
    assert "handed back to" in text(other.get("/tasks"))
    assert "A task that you delegated came back to you" in text(owner.get("/notices"))
    owner.post(f"/tasks/{task_id}/assign", {"username": "handler2", "way": "delegate"})
    found = definition(other, task_id)
    body = {"variables": fill(found["schema"], found["values"])}
    assert other.send(f"/tasks/{task_id}/complete", body).status_code == 200
    done = text(owner.get(f"/tasks/{task_id}"))
    assert "delegated by 王思琪" in done
    assert "handler → " not in done
    assert "goes back" not in done
    assert "A task that you delegated is done" in text(owner.get("/notices"))


def test_the_files_of_a_half_filled_form_go_with_the_task(
    engine: Redress, visit: Visit, task_id: str, complaint_no: str
) -> None:
    owner, other = visit("handler"), visit("handler2")
    owner.post(f"/tasks/{task_id}/claim")
    with engine.sessions.step() as session:
        content = io.BytesIO(b"seen by the handler")
        file = store_document(
            session, engine.vault, content, "seen.txt", "text/plain", actor(engine, "handler")
        )
        file_id = file.id
    keep_draft(engine.runtime, actor(engine, "handler"), task_id, {"evidence": [file_id]})
    owner.post(f"/tasks/{task_id}/assign", {"username": "handler2", "way": "delegate"})
    found = definition(other, task_id)
    assert (found["values"]["evidence"], found["files"]) == ([file_id], {file_id: "seen.txt"})
    values = fill(found["schema"], found["values"]) | {"evidence": [file_id]}
    assert other.send(f"/tasks/{task_id}/complete", {"variables": values}).status_code == 200
    with engine.sessions.read() as session:
        assert session.get_one(Document, file_id).complaint_no == complaint_no


def test_what_the_form_refuses_comes_back_by_field_in_the_pages_language(visit: Visit, task_id: str) -> None:
    browser = visit("handler", "zh-TW")
    browser.post(f"/tasks/{task_id}/claim")
    answer = browser.send(f"/tasks/{task_id}/complete", {"variables": {}})
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["errors"]
    assert "此欄位必填。" in str(problem["errors"])


def test_a_body_of_another_shape_is_refused(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    for body in ([], {"variables": []}, {}):
        assert browser.send(f"/tasks/{task_id}/complete", body).status_code == 422


def test_a_task_completed_twice_is_a_conflict(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    found = definition(browser, task_id)
    body = {"variables": fill(found["schema"], found["values"])}
    assert browser.send(f"/tasks/{task_id}/complete", body).status_code == 200
    assert browser.send(f"/tasks/{task_id}/complete", body).status_code == 409


def test_the_same_attempt_sent_again_by_a_bad_line_gets_the_first_answer(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    found = definition(browser, task_id)
    body = {"variables": fill(found["schema"], found["values"])}
    assert browser.send(f"/tasks/{task_id}/complete", body, "a" * 32).status_code == 200
    assert browser.send(f"/tasks/{task_id}/complete", body, "a" * 32).status_code == 200


def test_an_overdue_task_says_so_in_words(visit: Visit, engine: Redress, task_id: str) -> None:
    clock.set_to(complaint(engine, open_tasks_number(engine, task_id)).due_at + timedelta(days=4))
    listed = text(visit("handler").get("/tasks?tab=groups"))
    assert "overdue by" in listed


def open_tasks_number(engine: Redress, task_id: str) -> str:
    with engine.sessions.read() as session:
        return str(session.get_one(Task, task_id).complaint_no)


def test_the_limit_is_shown_as_its_last_day(visit: Visit, engine: Redress, task_id: str) -> None:
    # Received on Monday 2 March 2026, grade 3: the third working day is Thursday 5 March, not its end.
    listed = text(visit("handler").get("/tasks?tab=groups"))
    assert "2026-03-05 (Thu)" in listed
    assert "3 working days left" in listed


def test_a_supervisor_gives_a_task_to_a_handler(visit: Visit, engine: Redress, task_id: str) -> None:
    browser = visit("supervisor")
    assert 'value="handler2"' in browser.get(f"/tasks/{task_id}").get_data(as_text=True)
    assert browser.post(f"/tasks/{task_id}/assign", {"username": "handler2"}).status_code == 303
    with engine.sessions.read() as session:
        assert session.get_one(Task, task_id).assignee == "handler2"
    assert browser.post(f"/tasks/{task_id}/assign", {"username": ""}).status_code == 422
    assert browser.post(f"/tasks/{task_id}/assign", {"username": "auditor"}).status_code in (403, 422)


def test_who_may_not_have_a_task_is_listed_last_with_the_reason_and_cannot_be_chosen(
    visit: Visit, engine: Redress, complaint_no: str, task_id: str
) -> None:
    over = clock.now() - timedelta(seconds=1)
    with engine.sessions.step() as session:
        session.execute(update(Complaint).where(Complaint.no == complaint_no).values(accused="handler"))
        trained = update(Person).where(Person.username == "handler2")
        session.execute(trained.values(training_valid_until=over))
    browser = visit("supervisor")
    people = "//*[@id='give']//option[@value!='']"
    offered = {each.get("value"): each for each in page(browser.get(f"/tasks/{task_id}")).xpath(people)}
    assert "disabled" in offered["handler"].attrib
    assert offered["handler"].text.endswith("– the complaint is about them")
    assert "disabled" in offered["handler2"].attrib
    assert offered["handler2"].text.endswith("– the training has expired")
    with engine.sessions.step() as session:
        session.execute(trained.values(training_valid_until=clock.now() + timedelta(days=9)))
    offered = {each.get("value"): each for each in page(browser.get(f"/tasks/{task_id}")).xpath(people)}
    assert next(name for name, each in offered.items() if "disabled" not in each.attrib) == "handler2"
    assert list(offered).index("handler2") < list(offered).index("handler")


def test_filters_narrow_the_list_and_an_empty_result_says_how_to_go_on(
    visit: Visit, complaint_no: str, task_id: str
) -> None:
    browser = visit("handler")
    assert complaint_no in text(browser.get(f"/tasks?tab=groups&complaint={complaint_no.lower()}&grade=3"))
    answer = browser.get("/tasks?tab=groups&grade=1")
    assert "No task fits the filter" in text(answer)
    assert browser.get("/tasks?tab=nonsense").status_code == 404
    assert browser.get("/tasks?cursor=nonsense").status_code == 422


def test_customer_data_beside_a_task_is_masked_until_it_is_asked_for_and_the_trail_says_so(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    shown = browser.get(f"/tasks/{task_id}").get_data(as_text=True)
    assert "CANARY" not in shown
    assert "13912345678" not in shown
    assert "139****5678" in shown
    answer = browser.post(f"/tasks/{task_id}/reveal", {"purpose": "handling"})
    assert "13912345678" in text(answer)
    with engine.sessions.read() as session:
        row = session.query(History).filter_by(stream="system", kind="personal.revealed").one()
    assert row.actor == "handler"
    assert "handling" in row.data
    assert browser.post(f"/tasks/{task_id}/reveal", {"purpose": "curiosity"}).status_code == 422


def test_a_form_that_shows_what_is_personal_leaves_a_trace_and_others_are_not_shown_it(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    drive(engine, complaint_no, until="approve-plan")
    (approval,) = open_tasks(engine, complaint_no)
    assert "shown to read" not in text(visit("handler").get(f"/tasks/{approval.id}"))
    supervisor = visit("supervisor")
    assert definition(supervisor, approval.id)["values"]
    with engine.sessions.read() as session:
        rows = session.query(History).filter_by(stream="system", kind="personal.revealed").all()
    assert [(row.actor, approval.id in row.data) for row in rows] == [("supervisor", True)]


def test_a_task_that_one_has_done_can_be_looked_at_again(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    found = definition(browser, task_id)
    browser.send(f"/tasks/{task_id}/complete", {"variables": fill(found["schema"], found["values"])})
    answer = browser.get(f"/tasks/{task_id}")
    assert answer.status_code == 200
    assert "Done by" in text(answer)


def test_who_may_not_see_personal_data_sees_none_of_it(visit: Visit, task_id: str) -> None:
    for username in ("auditor", "owner", "management"):
        shown = visit(username).get(f"/tasks/{task_id}").get_data(as_text=True)
        assert "CANARY" not in shown
        assert not any(part in shown for part in ("13912345678", "****5678"))


def test_beside_the_form_stand_both_clocks_day_by_day_and_what_is_known_of_the_customer(
    visit: Visit, engine: Redress, complaint_no: str, task_id: str
) -> None:
    other = register(engine, category="service").complaint_no
    answer = visit("handler").get(f"/tasks/{task_id}")
    rows = [" ".join(" ".join(row.itertext()).split()) for row in page(answer).xpath("//tbody/tr")]
    assert rows[0] == "2026-03-02 (Mon) today day of receipt, does not count — —"
    assert "2026-03-05 (Thu) working day last day of the policy 3 3" in rows
    assert "2026-03-07 (Sat) weekend — 5" in rows
    assert rows[-1] == "2026-03-17 (Tue) working day last day of the law 11 15"
    assert page(answer).xpath("//section[h2[@id='earlier-title']]//a/text()") == [other]
    assert "Task opened" in text(answer)


def test_beside_a_task_of_a_quality_file_stands_what_it_is_about_and_why_it_came_back(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    pass_time(engine, days=1)
    no = propose_measure(engine.runtime, actor(engine, "monitor"), "還款須知不清").no
    wanted = {"metric": "share", "target": 10, "scope_product": "消費貸款", "person": "handler"}
    do(engine, open_tasks_of(engine, no)[0], "analyst", **wanted)
    returned = {"measure_decision": "return", "measure_comment": "請寫明培訓對象"}
    do(engine, open_tasks_of(engine, no)[0], "management", **returned)
    (task,) = open_tasks_of(engine, no)
    browser = visit("analyst")
    assert "請寫明培訓對象" not in text(browser.get(f"/tasks/{task.id}")), "it is shown to who has the task"
    browser.post(f"/tasks/{task.id}/claim")
    (aside,) = page(browser.get(f"/tasks/{task.id}")).xpath("//aside[@id='case']")
    shown = " ".join(" ".join(aside.itertext()).split())
    assert "What is to become better 還款須知不清" in shown
    assert "請寫明培訓對象" in shown


def test_the_picture_beside_a_task_is_for_who_may_see_the_instance(
    visit: Visit, engine: Redress, complaint_no: str, task_id: str
) -> None:
    browser = visit("handler")
    (url,) = page(browser.get(f"/tasks/{task_id}")).xpath("//details/@data-later")
    part = browser.get(url).get_data(as_text=True)
    assert '"focus": "investigate"' in part
    assert "Investigate: waiting here" in " ".join(part.split())
    drive(engine, complaint_no, until="approve-plan")
    assert visit("handler2").get(url).status_code == 404


def test_a_comment_is_written_with_a_file_and_masks_what_it_says_of_the_customer(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    said = "王小明CANARY，13912345678 已回電。@supervisor"
    data = {"text": said, "files": (io.BytesIO(b"noted on paper"), "note.txt")}
    answer = browser.post(f"/tasks/{task_id}/comments", data, content_type="multipart/form-data")
    assert answer.status_code == 303
    shown = text(browser.get(f"/tasks/{task_id}"))
    assert "139****5678 已回電" in shown
    assert "CANARY" not in shown
    assert "Document 1" in shown
    assert said in text(browser.post(f"/tasks/{task_id}/reveal", {"purpose": "handling"}))
    told = visit("supervisor").get("/notices")
    assert page(told).xpath(f"//a[@href='/tasks/{task_id}']")


def test_a_comment_that_is_refused_stands_in_its_field_again_with_what_is_wrong(
    visit: Visit, task_id: str
) -> None:
    answer = visit("handler").post(f"/tasks/{task_id}/comments", {"text": "please look, @nobody"})
    assert answer.status_code == 422
    assert page(answer).xpath("//textarea[@id='comment-text']/text()") == ["please look, @nobody"]
    assert "@nobody" in page(answer).xpath("//*[@data-error-summary]")[0].text_content()


def test_who_else_has_a_task_or_a_case_open_is_told_to_those_who_may_see_it(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    handler, other, stranger = visit("handler"), visit("handler2"), visit("analyst")
    no = open_tasks_number(engine, task_id)
    line = "//*[@data-presence]"
    for place in (f"/tasks/{task_id}", f"/complaints/{no}"):
        (shown,) = page(handler.get(place)).xpath(line)
        assert not shown.xpath("./li")
        (told,) = page(other.get(place)).xpath(line)
        assert told.xpath("normalize-space(.)") == "王 王思琪 has it open"
        window = {"window": shown.get("data-window")}
        answer = handler.post(shown.get("data-presence"), window | {"state": "typing"})
        assert [each["username"] for each in answer.get_json()["others"]] == ["handler2"]
        theirs = {"window": told.get("data-window"), "state": "open"}
        (typing,) = other.post(told.get("data-presence"), theirs).get_json()["others"]
        assert typing == {"username": "handler", "initial": "王", "text": "王思琪 is typing"}
        assert handler.post(shown.get("data-presence"), window | {"state": "gone"}).status_code == 200
        assert other.post(told.get("data-presence"), theirs).get_json()["others"] == []
        assert other.post(told.get("data-presence"), theirs | {"window": "x"}).status_code == 422
    with engine.sessions.step() as session:
        accused = update(Complaint).values(accused="analyst").where(Complaint.no == no)
        session.execute(accused)
    for place in (f"/tasks/{task_id}", f"/complaints/{no}"):
        assert stranger.post(f"{place}/presence", {"window": "0" * 32, "state": "open"}).status_code == 404
    with engine.sessions.step() as session:
        session.execute(update(Task).values(restricted=True).where(Task.id == task_id))
    visit("compliance").get(f"/tasks/{task_id}")
    assert not page(visit("compliance").get(f"/tasks/{task_id}")).xpath(line)


def test_what_one_did_with_a_task_is_undone_from_the_note_about_it(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    (form,) = page(browser.get(f"/tasks/{task_id}")).xpath("//*[@role='status']//form/@action")
    assert browser.post(form).status_code == 303
    assert "Undone: Task claimed" in text(browser.get(f"/tasks/{task_id}"))
    with engine.sessions.read() as session:
        assert session.get_one(Task, task_id).assignee is None


def test_a_task_is_planned_and_says_so(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    answer = browser.post(f"/tasks/{task_id}/plan", {"follow_up_at": "2026-03-04T09:30", "priority": "90"})
    assert answer.status_code == 303
    shown = text(browser.get(f"/tasks/{task_id}"))
    assert "look again 2026-03-04 09:30" in shown
    assert "priority 90" in shown
    assert browser.post(f"/tasks/{task_id}/plan", {"priority": ""}).status_code == 422


def test_an_instant_that_no_local_calendar_holds_closes_no_page(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    end = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    set_follow_up(engine.runtime, actor(engine, "handler"), task_id, end)
    browser = visit("handler")
    assert "look again 9999-12-31 23:59" in text(browser.get(f"/tasks/{task_id}"))
    assert browser.get("/tasks?tab=groups&put_off=true").status_code == 200
