"""What a step changed: recorded as it happens, so that nobody ever walks the tree to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.models.properties import ElementProperties

WaitKind = Literal["user", "timer", "job", "message", "signal"]
CloseReason = Literal["completed", "interrupted", "terminated", "cancelled", "scope-ended"]
DEFAULT_PRIORITY = 50


@dataclass(frozen=True, slots=True)
class Wait:
    """A place where the instance waits for the world; the values are evaluated, not texts as drawn."""

    token: int
    kind: WaitKind
    element: ElementProperties
    process_id: str
    due_at: datetime | None = None
    message_name: str = ""
    correlation_key: str = ""
    signal_name: str = ""
    assignee: str = ""
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    due_date: datetime | None = None
    follow_up_date: datetime | None = None
    priority: int = DEFAULT_PRIORITY
    form_id: str = ""
    job_type: str = ""
    job_retries: int = 3


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in order. `data` holds plain values only."""

    kind: str
    token: int
    element_id: str
    process_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closed:
    """A wait that is over, and why."""

    token: int
    kind: WaitKind
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything since the last call. A wait that opened and closed in between is in neither list."""

    events: list[Event]
    opened: list[Wait]
    closed: list[Closed]


class Recorder:
    """Collects events, opened and closed waits, and changes of variables of one workflow."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._opened: dict[int, Wait] = {}
        self._closed: list[Closed] = []
        self._variables: dict[str, list[Any]] = {}
        self._where: tuple[int, str, str] = (0, "", "")

    def at(self, token: int, element_id: str, process_id: str) -> None:
        """Say whose doing the following changes of variables are."""
        if self._variables:
            self._flush()
        self._where = (token, element_id, process_id)

    def event(
        self, kind: str, token: int, element_id: str, process_id: str, data: Mapping[str, Any] | None = None
    ) -> None:
        """Add one event."""
        if self._variables:
            self._flush()
        self._events.append(Event(kind, token, element_id, process_id, data or {}))

    def variable(self, name: str, old: Any, new: Any) -> None:
        """Note that a variable went from `old` to `new`; several are told as one `variables.changed`."""
        seen = self._variables.get(name)
        if seen is None:
            self._variables[name] = [old, new]
        else:
            seen[1] = new

    def open(self, wait: Wait) -> None:
        """Note that the instance waits here now."""
        self._opened[wait.token] = wait

    def close(self, token: int, kind: WaitKind, reason: CloseReason) -> None:
        """Note that a wait is over."""
        if self._opened.pop(token, None) is None:
            self._closed.append(Closed(token, kind, reason))

    def take(self) -> Changes:
        """Return everything since the last call, and forget it."""
        self._flush()
        changes = Changes(self._events, list(self._opened.values()), self._closed)
        self._events, self._opened, self._closed = [], {}, []
        return changes

    def _flush(self) -> None:
        variables, self._variables = self._variables, {}
        changed = {name: pair for name, pair in variables.items() if pair[0] != pair[1]}
        if changed:
            self._events.append(Event("variables.changed", *self._where, data=changed))
