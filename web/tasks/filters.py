"""What a task list's address says: which list, which filters, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from engine import clock
from engine.domain.deadlines import end_of_day, local_date
from web import words
from web.gettext import lazy_gettext as _
from web.times import calendar, zone

TABS: Final = ("mine", "groups", "lent", "borrowed", "team", "all")
NAMES: Final = (
    "q",
    "complaint",
    "process",
    "step",
    "grade",
    "category",
    "channel",
    "due",
    "person",
    "later",
    "sort",
)
"""The parameters that make up a view, beside the list itself."""
DUE: Final[words.Words] = {
    "late": _("Overdue"),
    "today": _("Due today"),
    "soon": _("Due within 2 working days"),
    "week": _("Due within 7 days"),
}
ORDERS: Final[words.Words] = {
    "due": _("Soonest limit first"),
    "priority": _("Priority, then age"),
    "created": _("Newest first"),
}
"""Orders that an index gives, for lists of any length."""
SORTS: Final[words.Words] = {
    "priority,due": _("Priority, then limit"),
    "grade,due": _("Grade, then limit"),
    "statute": _("Limit of the law"),
    "follow-up,due": _("Follow-up, then limit"),
    "step,due": _("Step, then limit"),
    "person,due": _("Person, then limit"),
    "received": _("Received longest ago first"),
}
"""Orders for which a list is sorted at each look, as long as it has no more than `NARROW` tasks."""


def arguments(given: Mapping[str, str]) -> dict[str, str]:
    """Return the list and the filters of an address without what is empty or none of ours."""
    return {name: given[name].strip() for name in ("tab", *NAMES) if given.get(name, "").strip()}


def scope(tab: str, team: frozenset[str]) -> dict[str, Any]:
    """Return which tasks a list is about, as the engine takes it."""
    if tab == "mine":
        return {"assignee": "me"}
    if tab == "groups":
        return {"group": "mine", "unassigned": True}
    if tab == "lent":
        return {"owner": "me"}
    if tab == "borrowed":
        return {"assignee": "me", "borrowed": True}
    return {"team": team} if tab == "team" else {}


def filters(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the filters as the engine takes them; what makes no sense is left out."""
    grade = given.get("grade", "")
    found: dict[str, Any] = {
        "text": given.get("q"),
        "complaint_no": given.get("complaint", "").upper() or None,
        "process_id": given.get("process"),
        "element_id": given.get("step"),
        "grade": int(grade) if grade in words.GRADES else None,
        "category": given.get("category"),
        "channel": given.get("channel"),
        "due_before": _due_before(given.get("due", "")),
        "assignee": given.get("person"),
        "put_off": {"1": True, "0": False}.get(given.get("later", "")),
    }
    return {name: value for name, value in found.items() if value is not None}


def _due_before(which: str) -> datetime | None:
    if which not in DUE:
        return None
    now = clock.now()
    if which == "late":
        return now
    today = local_date(now, zone())
    last: date = {
        "today": today,
        "soon": calendar().working_days_after(today, 2),
        "week": today + timedelta(days=7),
    }[which]
    return end_of_day(last, zone()) + timedelta(microseconds=1)
