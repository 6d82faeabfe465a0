"""Events of the trail in words: what happened, at which step, by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.domain.deadlines import last_day_of
from engine.errors import NotFound
from engine.people.actor import SYSTEM
from engine.read.history import history
from engine.read.people import display_names
from engine.runtime.bundles import LoadedBundle
from engine.store.tables.runtime import Instance
from web import times, words
from web.answers import Answer, answers
from web.channels import channel_words
from web.extensions import db, runtime
from web.gettext import gettext
from web.language import current_language
from web.vocabulary import GATEWAYS, Vocabulary, vocabulary

_HIDDEN = "•••"
_FROM_TO = ("from", "to")
_PEOPLE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("task.assigned", "task.delegated", "task.released", "task.restored"), _FROM_TO),
    "task.completed": ("for", "owner"),
}
"""Which fields of an event's data hold user names."""
MACHINERY = ("element.", "flow.", "variables.", "decision.", "job.", "instance.")
"""Beginnings of the kinds that belong to the process rather than to what people did with the case."""


def case_events(instance_id: str | None, limit: int) -> list[dict[str, Any]]:
    """Return what people did in an instance, the newest first, described; the caller checked who looks."""
    if instance_id is None:
        return []
    found = history(db.session(), instance_id, limit=limit, newest_first=True, leave_out=MACHINERY)
    return described(found.items, instance_id)


def described(rows: list[dict[str, Any]], instance_id: str) -> list[dict[str, Any]]:
    """Add to each event `what`, `step`, `who`, `detail` and `answers`, all in the page's language."""
    session = db.session()
    instance = session.get(Instance, instance_id)
    bundle = runtime().bundles.get(session, instance.bundle_id) if instance is not None else None
    names = display_names(session, {row["actor"] for row in rows} | set(_named(rows)))
    called = vocabulary(bundle.forms.values()) if bundle is not None else {}
    for row in rows:
        row["what"] = words.word(words.EVENTS, row["kind"])
        row["step"] = "" if row["kind"] == "milestone.reached" else _step(bundle, row)
        row["who"] = (
            gettext("System") if row["actor"] == SYSTEM.username else names.get(row["actor"], row["actor"])
        )
        detail = _DETAILS.get(row["kind"])
        row["detail"] = detail(_with_names(row, names)) if detail else ""
        if row["kind"] == "decision.evaluated" and bundle is not None:
            row["detail"] = bundle.decision_name(row["detail"], current_language())
        row["answers"] = _answers(bundle, row, called)
    return rows


def _named(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Give the user names that events tell of beside their actor."""
    for row in rows:
        for field in _PEOPLE.get(row["kind"], ()):
            if isinstance(name := row["data"].get(field), str):
                yield name


def _with_names(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what an event holds, people by the names that they are known by."""
    data = dict(row["data"])
    told = ((field, data.get(field)) for field in _PEOPLE.get(row["kind"], ()))
    return data | {field: names.get(name, name) for field, name in told if isinstance(name, str)}


def _step(bundle: LoadedBundle | None, row: Mapping[str, Any]) -> str:
    if not row["element_id"]:
        return ""
    process_id = row["data"].get("process_id")
    for drawn in bundle.processes if bundle is not None and row["kind"].startswith("process.") else ():
        if drawn.process_id == row["element_id"]:
            return drawn.labels.get(current_language()) or drawn.name
    if bundle is not None:
        for process in [process_id] if process_id else bundle.compiled.process_ids:
            try:
                element = bundle.compiled.elements(process).get(row["element_id"])
            except (KeyError, NotFound):
                continue
            if element is not None and (element.name or element.kind not in GATEWAYS):
                return element.label(current_language())
            if element is not None:
                return words.word(GATEWAYS, element.kind)
    return str(row["element_name"] or row["element_id"])


def _answers(bundle: LoadedBundle | None, row: Mapping[str, Any], called: Vocabulary) -> list[Answer]:
    if not row["values"]:
        return []
    form_id = row["data"].get("form")
    form = bundle.forms.get(form_id) if bundle is not None and form_id else None
    return answers(db.session(), form, row["values"], lambda _: _HIDDEN, called)


def _instant(value: Any) -> str:
    try:
        return times.local(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _change(data: Mapping[str, Any]) -> str:
    return gettext("%(old)s → %(new)s", old=data.get("from") or "—", new=data.get("to") or "—")


def _lent(data: Mapping[str, Any]) -> str:
    """From whom to whom a task went, and until when where that was said."""
    if not (until := data.get("until")):
        return _change(data)
    last = last_day_of(datetime.fromisoformat(str(until)), times.zone())
    return f"{_change(data)} · {gettext('until')} {last.isoformat()}"


def _last_days(data: Mapping[str, Any]) -> str:
    try:
        old, new = (datetime.fromisoformat(str(data[name])) for name in ("from", "to"))
    except (KeyError, ValueError):
        return ""
    days = [last_day_of(day, times.zone()).isoformat() for day in (old, new)]
    return gettext("last day %(old)s → %(new)s", old=days[0], new=days[1])


def _reason(data: Mapping[str, Any]) -> str:
    return str(data.get("reason") or "")


def _moved_here(data: Mapping[str, Any]) -> str:
    """From where a token came to the step that is told before it, and why."""
    return " · ".join(part for part in (f"← {data.get('from', '—')}", _reason(data)) if part)


def _moved(data: Mapping[str, Any]) -> str:
    """From when a timer was moved to when, and why where somebody did it."""
    places = [_instant(data[name]) if data.get(name) else "—" for name in ("from", "to")]
    change = gettext("%(old)s → %(new)s", old=places[0], new=places[1])
    return " · ".join(part for part in (change, _reason(data)) if part)


def _on_behalf(data: Mapping[str, Any]) -> str:
    """For whom a task was done: somebody absent, or who delegated it."""
    absent, owner = data.get("for"), data.get("owner")
    parts = (
        gettext("in place of %(name)s", name=absent) if absent else "",
        gettext("delegated by %(name)s", name=owner) if owner else "",
    )
    return " · ".join(part for part in parts if part)


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "milestone.reached": lambda data: words.word(words.STATUSES, data.get("milestone")),
    "task.assigned": _change,
    "task.delegated": _lent,
    "task.released": _change,
    "task.restored": _change,
    "task.rescheduled": lambda data: _instant(data["to"]) if data.get("to") else "—",
    "task.prioritised": lambda data: str(data.get("to")),
    "task.completed": _on_behalf,
    "action.applied": lambda data: str(data.get("action", "")),
    "complaint.regraded": _change,
    "deadline.extended": _last_days,
    "deadline.recounted": _last_days,
    "timer.fired": lambda data: _instant(data["due_at"]) if data.get("due_at") else "",
    "decision.evaluated": lambda data: str(data.get("decision", "")),
    "contact.recorded": lambda data: words.word(
        {**channel_words(), **words.CONTACT_CHANNELS}, data.get("channel")
    ),
    **dict.fromkeys(
        (
            *("instance.suspended", "instance.resumed", "instance.cancelled", "instance.migrated"),
            *("variables.changed", "incident.resolved"),
        ),
        _reason,
    ),
    "incident.opened": lambda data: str(data.get("message", "")),
    "timer.rescheduled": _moved,
    "token.moved": _moved_here,
    "error.thrown": lambda data: str(data.get("code", "")),
}
