"""What starts an instance without anybody asking: a message, a signal, or a timer and its next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import RedressError, StepFailed
from engine.models.properties import EventKind, TimerKind
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.timers import next_occurrence, occurrence, parse_cycle, parse_instant, parse_period

Plan = tuple[datetime, dict[str, Any]]
"""When a timer fires next, and what a cycle must remember: its text, its anchor, where it stands."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """One thing that starts a process at one of its start events."""

    element_id: str
    process_id: str
    kind: EventKind
    name: str = ""
    timer_kind: TimerKind = "duration"
    timer: Formula | None = None


def first_time(
    beginning: Beginning, functions: Mapping[str, Callable[..., Any]], now: datetime, zone: ZoneInfo
) -> Plan | None:
    """Return when the timer of a start event that is armed at `now` fires first; None if that is past.

    Raises StepFailed when the timer cannot be evaluated.
    """
    assert beginning.timer is not None
    try:
        value = beginning.timer.evaluate({}, functions)
        if beginning.timer_kind == "date":
            due = parse_instant(value, zone)
            return (due, {}) if due > now else None
        if beginning.timer_kind == "duration":
            return parse_period(value).after(now, zone), {}
        cycle = parse_cycle(value, zone)
        due = occurrence(cycle, now, 0, zone)
    except (RedressError, ValueError) as error:
        message = f"timer {beginning.timer.text} of start event {beginning.element_id!r}: {error}"
        raise StepFailed(message, element_id=beginning.element_id, process_id=beginning.process_id) from error
    if cycle.times == 0:
        return None
    kept = {"text": cycle.text, "anchor": now.isoformat(), "number": 0, "left": cycle.times or -1}
    return (due, kept) if due > now else next_time({**kept, "left": (cycle.times or -2) + 1}, now, zone)


def next_time(kept: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Plan | None:
    """Return when a cycle fires again after it fired; None when it has ended.

    Times that passed while nobody ran are one firing, not a burst of them.
    """
    if not kept or kept["left"] == 1:
        return None
    cycle, anchor = parse_cycle(kept["text"], zone), datetime.fromisoformat(kept["anchor"])
    try:
        number = next_occurrence(cycle, anchor, kept["number"], now, zone)
        due = occurrence(cycle, anchor, number, zone)
    except ValueError:
        return None  # the calendar ends before
    left = kept["left"] - 1 if kept["left"] > 0 else -1
    return due, {**kept, "number": number, "left": left}
