"""The lists, the board and one's own settings, as pages."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import update

from engine import clock
from engine.assembly import Redress
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task
from tests.driving import open_tasks
from tests.web.conftest import Visit, page, text
from tests.world import register


def assignee(engine: Redress, task_id: str) -> str | None:
    with engine.sessions.read() as session:
        return session.get_one(Task, task_id).assignee


def test_a_page_that_looks_again_is_told_that_nothing_changed_until_something_does(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser, other = visit("handler"), visit("handler2")
    first = browser.get("/tasks?tab=groups")
    again = {**browser.headers, "If-None-Match": first.headers["ETag"], "X-Poll": "1"}
    assert browser.client.get("/tasks?tab=groups", headers=again).status_code == 304
    other.post(f"/tasks/{task_id}/claim")
    assert browser.client.get("/tasks?tab=groups", headers=again).status_code == 200


def test_looking_for_news_takes_no_message_away_and_keeps_no_session_open(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    with browser.client.session_transaction() as session:
        session["seen"] -= 600
        before = session["seen"]
    assert "yours now" not in text(browser.client.get("/tasks", headers={**browser.headers, "X-Poll": "1"}))
    with browser.client.session_transaction() as session:
        assert session["seen"] == before
    assert "yours now" in text(browser.get("/tasks"))


def test_a_task_is_new_until_it_was_opened_and_again_after_a_comment(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    new = "//*[contains(@class, 'row-new')]"
    assert page(browser.get("/tasks?tab=groups")).xpath(new)
    browser.get(f"/tasks/{task_id}")
    assert not page(browser.get("/tasks?tab=groups")).xpath(new)
    visit("supervisor").post(f"/tasks/{task_id}/comments", {"text": "please hurry"})
    assert page(browser.get("/tasks?tab=groups")).xpath(new)


def test_one_thing_is_done_with_many_tasks_and_each_refusal_is_told(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    other = str(open_tasks(engine, register(engine).complaint_no)[0].id)
    visit("handler2").post(f"/tasks/{other}/claim")
    answer = browser.post("/tasks/bulk", {"task": [task_id, other], "action": "claim", "tab": "groups"})
    assert answer.location == "/tasks?tab=groups"
    told = text(browser.get(answer.location))
    assert "Done with 1 task." in told
    assert "handler2 has taken" in told
    assert (assignee(engine, task_id), assignee(engine, other)) == ("handler", "handler2")
    assert "Choose tasks first" in text(
        browser.get(browser.post("/tasks/bulk", {"action": "claim"}).location)
    )
    assert browser.post("/tasks/bulk", {"task": task_id, "action": "nonsense"}).status_code == 422


def test_a_view_is_saved_with_its_filters_and_shown_to_the_role_it_is_shared_with(visit: Visit) -> None:
    browser = visit("handler")
    kept = {"tab": "groups", "grade": "1", "sort": "grade,due", "name": "Gravest", "role": "handlers"}
    assert browser.post("/tasks/views", kept).status_code == 303
    (link,) = page(visit("handler2").get("/tasks")).xpath("//nav[@class='views']/a")
    assert link.get("href") == "/tasks?tab=groups&grade=1&sort=grade,due"
    assert visit("handler2").get(link.get("href")).status_code == 200
    assert not page(visit("agent").get("/tasks")).xpath("//nav[@class='views']")
    (delete,) = page(browser.get("/tasks")).xpath("//form[contains(@action, '/delete')]/@action")
    assert visit("handler2").post(delete).status_code == 404
    assert browser.post(delete).status_code == 303


def test_words_and_orders_that_make_no_sense_leave_the_list_and_say_so(visit: Visit, task_id: str) -> None:
    answer = visit("handler").get("/tasks?tab=groups&sort=beauty")
    assert answer.status_code == 200
    assert page(answer).xpath("//*[@id='task-list']//*[contains(@class, 'alert-warning')]")
    assert page(answer).xpath("//*[@data-row]")


def test_a_task_is_moved_on_the_board_and_the_move_can_be_undone(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("supervisor")
    board = page(browser.get("/team"))
    assert board.xpath(f"//*[@data-column='']//*[@data-card='{task_id}']//select/option/@value") == [
        "handler"
    ]
    assert browser.post("/team/move", {"task": task_id, "to": "handler"}).status_code == 303
    board = page(browser.get("/team"))
    assert board.xpath(f"//*[@data-column='handler']//*[@data-card='{task_id}']")
    assert browser.post(board.xpath("//*[@role='status']//form/@action")[0]).status_code == 303
    assert assignee(engine, task_id) is None
    assert "Nobody reports to you" in text(visit("analyst").get("/team"))


def test_a_list_is_filtered_by_those_whose_tasks_can_be_in_it(visit: Visit, task_id: str) -> None:
    handler, supervisor = visit("handler"), visit("supervisor")
    visit("handler2").post(f"/tasks/{task_id}/claim")
    offered = page(handler.get("/tasks?tab=all")).xpath("//select[@name='person']/option/@value")
    assert {"handler", "handler2"} <= set(offered)
    assert "agent" not in offered
    assert page(handler.get("/tasks?tab=all&person=handler2")).xpath("//*[@data-row]")
    assert not page(handler.get("/tasks?tab=all&person=handler")).xpath("//*[@data-row]")
    assert not page(handler.get("/tasks?tab=mine")).xpath("//select[@name='person']")
    team = page(supervisor.get("/tasks?tab=team")).xpath("//select[@name='person']/option/@value")
    assert "handler" in team
    assert "supervisor" not in team


def test_a_move_that_is_refused_is_told_beside_the_card_and_known_before(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("supervisor")
    with engine.sessions.step() as session:
        accused = update(Complaint).values(accused="handler")
        session.execute(accused.where(Complaint.no == session.get_one(Task, task_id).complaint_no))
    board = browser.get("/team")
    (card,) = page(board).xpath(f"//*[@data-card='{task_id}']")
    assert json.loads(card.get("data-barred"))["handler"] == "the complaint is about them"
    assert card.xpath(".//option[@disabled]")
    assert not card.xpath(".//option[@value='handler']")
    again = {**browser.headers, "If-None-Match": board.headers["ETag"], "X-Poll": "1"}
    assert browser.client.get("/team", headers=again).status_code == 304
    refused = browser.post("/team/move", {"task": task_id, "to": "handler"})
    assert refused.status_code == 403
    assert assignee(engine, task_id) is None
    (said,) = page(refused).xpath(f"//*[@data-card='{task_id}']//*[@role='alert']")
    assert "cannot have it: the complaint is about them" in said.text_content()
    visit("handler2").post(f"/tasks/{task_id}/claim")
    assert browser.client.get("/team", headers=again).status_code == 200
    gone = browser.post("/team/move", {"task": task_id, "to": "agent"})
    assert gone.status_code == 403
    assert page(gone).xpath("//*[@id='board']//*[@role='alert']")


def test_what_went_on_since_a_page_was_opened_is_not_handed_on_from_there(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("supervisor")
    held = ".//input[@name='held_by']/@value"
    (card,) = page(browser.get("/team")).xpath(f"//*[@data-card='{task_id}']")
    dialog = page(browser.get(f"/tasks/{task_id}")).xpath("//*[@id='give']")[0]
    listed = page(browser.get("/tasks?tab=all")).xpath("//*[@data-row]" + held[1:])
    assert (card.xpath(held), dialog.xpath(held), listed) == ([""], [""], [f"{task_id} "])
    visit("handler2").post(f"/tasks/{task_id}/claim")
    late = browser.post("/team/move", {"task": task_id, "to": "handler", "held_by": card.xpath(held)[0]})
    (told,) = page(late).xpath("//*[@id='board']//*[@role='alert']")
    assert (late.status_code, "it is handler2's now" in told.text_content()) == (409, True)
    late = browser.post(f"/tasks/{task_id}/assign", {"username": "handler", "held_by": ""})
    assert (late.status_code, "it is handler2's now" in text(late)) == (409, True)
    assert page(late).xpath("//*[@id='give']" + held[1:]) == ["handler2"]
    many = {"task": task_id, "action": "assign", "username": "handler", "held_by": listed[0], "tab": "all"}
    browser.post("/tasks/bulk", many)
    assert "it is handler2's now" in text(browser.get("/tasks?tab=all"))
    one = browser.send(f"/api/v1/tasks/{task_id}/assign", {"username": "handler", "held_by": None})
    assert (one.status_code, "it is handler2's now" in one.get_json()["detail"]) == (409, True)
    asked = {"ids": [task_id], "action": "release", "held_by": {task_id: None}}
    (came,) = browser.send("/api/v1/tasks/bulk", asked).get_json()["results"]
    assert (came["done"], "it is handler2's now" in came["detail"]) == (False, True)
    assert assignee(engine, task_id) == "handler2"
    again = page(browser.get("/tasks?tab=all")).xpath("//*[@data-row]" + held[1:])
    browser.post("/tasks/bulk", many | {"held_by": again[0]})
    assert assignee(engine, task_id) == "handler"


def test_what_one_lent_and_was_lent_stands_in_lists_of_its_own_and_is_taken_back_there(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser, other = visit("handler"), visit("handler2")
    assert "You have lent no task" in text(browser.get("/tasks?tab=lent"))
    browser.post(f"/tasks/{task_id}/claim")
    lending = {"username": "handler2", "way": "delegate", "until": "2026-03-99"}
    assert "Give a date" in text(browser.post(f"/tasks/{task_id}/assign", lending))
    assert browser.post(f"/tasks/{task_id}/assign", lending | {"until": "2026-03-04"}).status_code == 303
    assert "until 2026-03-04" in text(other.get(f"/tasks/{task_id}"))
    listed = browser.get("/tasks?tab=lent")
    (tab,) = page(listed).xpath("//*[@id='task-tabs']/a[@aria-current]")
    assert " ".join(tab.text_content().split()) == "Lent 1"
    (shown,) = page(listed).xpath("//*[@data-row]")
    assert "until 2026-03-04" in " ".join(shown.text_content().split())
    theirs = page(other.get("/tasks?tab=borrowed"))
    assert "lent by 王思琪" in theirs.xpath("//*[@data-row]")[0].text_content()
    assert theirs.xpath("//*[@id='bulk-action']/option[1]")[0].text_content() == "Hand back"
    assert not page(browser.get("/tasks?tab=borrowed")).xpath("//*[@data-row]")
    clock.advance(timedelta(days=3))
    assert "was to be back by" in text(browser.get("/tasks?tab=lent"))
    (form,) = page(listed).xpath("//*[@data-row]//form")
    back = browser.post(form.get("action"), dict(form.form_values()))
    assert back.location == "/tasks?tab=lent"
    assert "You have the task back" in text(browser.get(back.location))
    assert assignee(engine, task_id) == "handler"


def test_an_absence_is_arranged_and_the_substitute_finds_the_tasks(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    browser = visit("handler")
    browser.post(f"/tasks/{task_id}/claim")
    wrong = browser.post("/me/absences", {"substitute": "agent", "begins_at": "x", "ends_at": ""})
    assert wrong.status_code == 422
    times = {"begins_at": "2026-03-02T00:00", "ends_at": "2026-03-04T00:00"}
    assert browser.post("/me/absences", {"substitute": "handler2", **times}).status_code == 303
    other = visit("handler2")
    assert "away; you stand in" in text(other.get("/tasks"))
    assert "in place of" in text(other.get(f"/tasks/{task_id}"))
    (end,) = page(browser.get("/me")).xpath("//form[contains(@action, '/end')]/@action")
    assert browser.post(end).status_code == 303
    assert "You have no task" in text(other.get("/tasks"))


def test_a_customer_is_looked_for_by_form_and_the_trail_says_that_not_whom(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser = visit("handler")
    answer = browser.post("/complaints/find", {"identifier": "139-1234-5678"})
    assert complaint_no in text(answer)
    assert "No complaint that you may see" in text(
        browser.post("/complaints/find", {"identifier": "13000000000"})
    )
    assert browser.post("/complaints/find", {"identifier": "王"}).status_code == 422
    with engine.sessions.read() as session:
        rows = session.query(History).filter_by(stream="system", kind="personal.searched").all()
    assert [row.data for row in rows] == ['{"by":"phone","found":1}', '{"by":"phone","found":0}']


def test_superiors_and_administrators_arrange_the_absences_of_others_on_a_page(visit: Visit) -> None:
    times = {"begins_at": "2026-03-02T08:00", "ends_at": "2026-03-06T18:00"}
    boss, admin = visit("supervisor"), visit("admin")
    wrong = boss.post("/team/absences", {"username": "handler", "substitute": "agent", **times})
    assert (wrong.status_code, "has none of the roles" in text(wrong)) == (422, True)
    handler = {"username": "handler", "substitute": "handler2", **times}
    assert boss.post("/team/absences", handler).status_code == 303
    assert boss.post("/team/absences", handler).status_code == 409
    elsewhere = {"username": "monitor", "substitute": "monitor2", **times}
    assert boss.post("/team/absences", elsewhere).status_code == 403
    assert admin.post("/team/absences", elsewhere).status_code == 303
    seen = {browser: page(browser.get("/team/absences")) for browser in (boss, admin)}
    rows = {browser: found.xpath("//tbody/tr") for browser, found in seen.items()}
    assert [len(rows[browser]) for browser in (boss, admin)] == [1, 2]
    (end,) = rows[boss][0].xpath(".//form/@action")
    assert boss.post(end).status_code == 303
    assert "Nobody is away" in text(boss.get("/team/absences"))


def test_a_quick_action_is_kept_shared_and_done_with_one_task_and_with_many(
    visit: Visit, engine: Redress, task_id: str
) -> None:
    lead, browser = visit("supervisor"), visit("handler")
    wrong = lead.post("/tasks/shortcuts/actions", {"name": "", "priority": "x"})
    assert (wrong.status_code, "Give a whole number" in text(wrong)) == (422, True)
    kept = {"name": "Soon", "role": "handlers", "priority": "90", "hand": "claim", "follow_up_days": "2"}
    assert lead.post("/tasks/shortcuts/actions", kept).status_code == 303
    assert not page(browser.get("/tasks/shortcuts")).xpath("//a[contains(@href, 'action=')]")
    (change,) = page(lead.get("/tasks/shortcuts")).xpath("//a[contains(@href, 'action=')]/@href")
    form = page(lead.get(change)).get_element_by_id("action-form")
    assert dict(form.form_values())["follow_up_days"] == "2"
    assert lead.post(form.get("action"), dict(form.form_values()) | {"name": "Sooner"}).status_code == 303
    (chosen,) = page(browser.get(f"/tasks/{task_id}")).xpath(
        "//select[@id='quick-action']/option[@value!='']"
    )
    assert chosen.text_content() == "Sooner"
    done = browser.post(f"/tasks/{task_id}/quick", {"action": chosen.get("value"), "held_by": ""})
    assert "carried out" in text(browser.get(done.location))
    assert assignee(engine, task_id) == "handler"
    late = visit("handler2").post(f"/tasks/{task_id}/quick", {"action": chosen.get("value"), "held_by": ""})
    assert (late.status_code, "it is handler's now" in text(late)) == (409, True)
    other = str(open_tasks(engine, register(engine).complaint_no)[0].id)
    many = {"task": [task_id, other], "action": f"quick {chosen.get('value')}", "tab": "groups"}
    browser.post("/tasks/bulk", many)
    assert assignee(engine, other) == "handler"
    gone = lead.post(f"/tasks/shortcuts/actions/{chosen.get('value')}/delete")
    assert (gone.status_code, "no quick action for you" in text(lead.get(gone.location))) == (303, True)
    late = browser.post(f"/tasks/{task_id}/quick", {"action": chosen.get("value"), "held_by": "handler"})
    told = ("no such quick action" in text(late), "Complete the task" in text(late))
    assert (late.status_code, *told) == (404, True, True)


def test_texts_are_kept_and_given_filled_in_for_the_page_s_case(visit: Visit, complaint_no: str) -> None:
    browser = visit("handler")
    wrong = browser.post("/tasks/shortcuts/texts", {"word": "a b", "text": "{{ customer.name }}"})
    assert (wrong.status_code, "nothing that a text can name" in text(wrong)) == (422, True)
    text_ = {"word": "docs", "text": "{{ case.no }}: please send the documents"}
    assert browser.post("/tasks/shortcuts/texts", text_).status_code == 303
    found = browser.get(f"/tasks/shortcuts/texts?complaint={complaint_no}").get_json()
    assert found["items"] == [{"word": "docs", "text": f"{complaint_no}: please send the documents"}]
    (drop,) = page(browser.get("/tasks/shortcuts")).xpath("//form[contains(@action, '/delete')]/@action")
    assert visit("handler2").post(drop).status_code == 404
    assert browser.post(drop).status_code == 303
