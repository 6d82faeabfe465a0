"""The pages of supervision, accountability and improvement, and what has to happen for them to show it."""

from __future__ import annotations

from engine import clock
from engine.assembly import Redress
from engine.quality.improvement.measures import propose_measure
from engine.quality.publicity import open_publication
from engine.quality.regulator.opening import open_inquiry
from tests.browser.place import Ids, Place, send
from tests.driving import complaint, do, open_tasks_of
from tests.world import actor

MEASURE = {
    "metric": "share",
    "target": 10,
    "person": "handler",
    "action": "扣款前一日以短信通知，並核對扣款日。",
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


def quality_places(ids: Ids) -> list[Place]:
    """Return every page of the screen, in the states that look different."""
    return [
        Place("quality", "quality.index", "analyst", "/quality"),
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
