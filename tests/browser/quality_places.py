"""The pages of supervision, accountability and improvement, and what has to happen for them to show it."""

from __future__ import annotations

from engine.assembly import Redress
from engine.quality.improvement.measures import propose_measure
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
    """A measure that was carried out and did not help."""
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
        Place("entries", "quality.entries", "analyst", "/improvement/register"),
    ]
