"""The pages of supervision, accountability and improvement, and what has to happen for them to show it."""

from __future__ import annotations

from engine import clock
from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.quality.improvement.measures import propose_measure
from engine.quality.kinds import CHECK, CONTEST, FINDING
from engine.quality.opening import open_file
from engine.quality.publicity import open_publication
from engine.quality.reading import file_list
from engine.quality.regulator.opening import open_inquiry
from engine.quality.supervision.coding_samples import draw_sample_to_code
from engine.quality.supervision.inspections import begin_inspection
from tests.browser.accountability_places import accountability_places, populate_accountability
from tests.browser.place import Ids, Place, send, submit
from tests.driving import complaint, do, open_tasks_of
from tests.world import actor

MEASURE = {
    "metric": "share",
    "target": 10,
    "person": "handler",
    "action": "扣款前一日以短信通知，並核對扣款日。",
}


PLAN = {
    "period_from": "2026-01-01",
    "period_until": "2026-12-31",
    "cases": "both",
    "size": 4,
    "call_back_percent": 50,
    "check_groups": ["handling", "process"],
}
FINDING_ROW = {
    "finding_severity": "minor",
    "finding_group": "process",
    "finding_person": "handler",
    "finding_text": "未在規定時限內告知進度。",
}


def populate_quality(redress: Redress, ids: dict[str, str]) -> None:
    """A measure that was carried out and did not help, and an inquiry of the regulator."""
    rt, analyst = redress.runtime, actor(redress, "analyst")
    ids["publication"] = open_publication(rt, analyst, "官網投訴專頁").no
    asked = "請說明該產品費用投訴的處理情況。"
    today = clock.now().date()
    ids["inquiry"] = open_inquiry(
        redress.runtime,
        actor(redress, "compliance"),
        reference="監管函 2026-12",
        question=asked,
        received_on=today,
        complaint_no=ids["case"],
    ).no
    problem = "扣款通知與實際扣款日不一致，同類投訴佔比過高。"
    ids["measure"] = propose_measure(redress.runtime, actor(redress, "analyst"), problem).no
    case = complaint(redress, ids["case"])
    scope = {f"scope_{name}": getattr(case, name) for name in ("category", "channel", "product")}
    for who, answers in (("analyst", MEASURE | scope), ("management", {}), ("handler", {}), ("analyst", {})):
        do(redress, open_tasks_of(redress, ids["measure"])[0], who, **answers)
    ids["codings"] = draw_sample_to_code(rt, analyst, "2026", 5, seed="7")
    _inspect(redress, ids)
    populate_accountability(redress, ids)


def object_to_a_figure(redress: Redress, ids: dict[str, str]) -> None:
    """A handler objects to how a frozen month counted a case of theirs."""
    facts = {"period": "2026-01", "frozen_version": 1, "figure": "timeliness", "contested_case": ids["case"]}
    personal = {"contest_reason": "當日已答復，登記有誤。"}
    handler = actor(redress, "handler")
    with redress.sessions.step() as session:
        opened = open_file(
            redress.runtime, session, handler, CONTEST, facts=facts, personal=personal, owner="handler"
        )
    ids["contest"] = opened.no
    ids["contest-task"] = open_tasks_of(redress, opened.no)[0].id


def _inspect(redress: Redress, ids: dict[str, str]) -> None:
    """An inspection with a checked case, whose finding waits for an answer."""
    ids["inspection"] = begin_inspection(redress.runtime, actor(redress, "monitor"), seed="4711").no
    do(redress, open_tasks_of(redress, ids["inspection"])[0], "monitor", **PLAN)
    do(redress, open_tasks_of(redress, ids["inspection"])[0], "management")
    run_until_quiet(redress.runtime)
    monitor = actor(redress, "monitor")
    with redress.sessions.read() as session:
        ids["check"] = file_list(session, monitor, CHECK, parent_no=ids["inspection"]).items[0]["no"]
    do(redress, open_tasks_of(redress, ids["check"])[0], "monitor", findings=[FINDING_ROW])
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        ids["finding"] = file_list(session, monitor, FINDING, parent_no=ids["check"]).items[0]["no"]


def quality_places(ids: Ids) -> list[Place]:
    """Return every page of the screen, in the states that look different."""
    return [
        *accountability_places(ids),
        Place("quality", "quality.index", "analyst", "/quality"),
        Place("inspections", "quality.inspections", "monitor", "/supervision"),
        Place("inspections-empty", "quality.inspections", "auditor", "/supervision?status=concluded"),
        Place("inspection", "quality.inspection", "monitor", f"/supervision/{ids['inspection']}"),
        Place("check", "quality.check", "monitor", f"/checks/{ids['check']}"),
        Place("findings", "quality.findings", "handler", "/findings"),
        Place("findings-empty", "quality.findings", "agent", "/findings"),
        Place("finding", "quality.finding", "handler", f"/findings/{ids['finding']}"),
        Place("codings", "quality.codings", "analyst", "/second-coding"),
        Place(
            "codings-refused",
            "quality.draw_codings",
            "analyst",
            "/second-coding",
            submit(period="x", size="0"),
        ),
        Place("coding-sample", "quality.coding_sample", "monitor2", f"/second-coding/{ids['codings']}"),
        Place(
            "coding",
            "quality.read_coding",
            "monitor2",
            f"/second-coding/{ids['codings']}",
            send("/read"),
        ),
        Place("codes", "reports.coding", "analyst", "/reports/coding?period=2026"),
        Place("conformance", "quality.conformance", "auditor", "/conformance?period=2026"),
        Place("conformance-empty", "quality.conformance", "auditor", "/conformance?period=2019"),
        Place("contests", "quality.contests", "analyst", "/contests"),
        Place("contests-empty", "quality.contests", "auditor", "/contests?status=rejected"),
        Place("contest", "quality.contest", "handler", f"/contests/{ids['contest']}"),
        Place("task-contest", "tasks.show", "supervisor", f"/tasks/{ids['contest-task']}"),
        Place("measures", "quality.measures", "analyst", "/improvement"),
        Place("measures-empty", "quality.measures", "analyst", "/improvement?status=dropped"),
        Place("measures-refused", "quality.propose", "analyst", "/improvement", send("/improvement")),
        Place("measure", "quality.measure", "analyst", f"/improvement/{ids['measure']}"),
        Place("publicity", "quality.publications", "agent", "/publicity"),
        Place("publicity-refused", "quality.publish", "analyst", "/publicity", send("/publicity")),
        Place("publication", "quality.publication", "analyst", f"/publicity/{ids['publication']}"),
        Place("regulator", "quality.matters", "compliance", "/regulator"),
        Place("regulator-inquiries", "quality.matters", "compliance", "/regulator?kind=inquiry"),
        Place("regulator-returns", "quality.matters", "auditor", "/regulator?kind=return"),
        Place(
            "regulator-refused", "quality.rectify", "compliance", "/regulator?kind=rectification", send("s")
        ),
        Place("inquiry", "quality.matter", "compliance", f"/regulator/{ids['inquiry']}"),
        Place("entries", "quality.entries", "analyst", "/improvement/register"),
    ]
