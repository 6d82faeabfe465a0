"""The FEEL functions of our own that models may call: both clocks, parameters and the engine's time (R36-R38,
D1-D4, Art. 18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine import clock
from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.policy.parameters import DEFAULTS, Parameters
from engine.errors import NotFound
from engine.models.vocabulary import FUNCTIONS

_in_force: ContextVar[Mapping[str, Callable[..., Any]]] = ContextVar("functions in force")


@contextmanager
def in_force(functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Let what was compiled with `DISPATCHED` call these functions within the block."""
    token = _in_force.set(functions)
    try:
        yield
    finally:
        _in_force.reset(token)


def _dispatcher(name: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        function = _in_force.get({}).get(name)
        return None if function is None else function(*arguments)

    return call


DISPATCHED: Mapping[str, Callable[..., Any]] = {name: _dispatcher(name) for name in FUNCTIONS}
"""Stand-ins that a decision is compiled with once; the functions behind them follow the calendar in force."""


@lru_cache(maxsize=16)
def functions_for(
    calendar: WorkingCalendar, zone: ZoneInfo, parameters: Parameters = DEFAULTS
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions bound to one version of the calendar and of the parameters; the same mapping for
    the same versions.
    """

    def deadline(received: Any, n: Any) -> Any:
        if not isinstance(received, datetime) or not _is_count(n):
            return None
        return deadlines.deadline(received, int(n), calendar, zone).due_at

    def statutory_deadline(start: Any, n: Any) -> Any:
        if not isinstance(start, datetime) or not _is_count(n) or n < 1:
            return None
        return deadlines.statutory_deadline(start, int(n), zone)

    def working_days_after(start: Any, n: Any) -> Any:
        day = _day(start, zone)
        return None if day is None or not _is_count(n) else calendar.working_days_after(day, int(n))

    def working_days_between(start: Any, end: Any) -> Any:
        first, last = _day(start, zone), _day(end, zone)
        return None if first is None or last is None else calendar.working_days_between(first, last)

    def is_working_day(value: Any) -> Any:
        day = _day(value, zone)
        return None if day is None else calendar.is_working_day(day)

    def now() -> datetime:
        return clock.now().astimezone(zone)

    def today() -> date:
        return clock.now().astimezone(zone).date()

    return {
        "deadline": deadline,
        "statutory deadline": statutory_deadline,
        "partial deadline": _partial_deadline(calendar, zone),
        "setting": _setting(parameters, zone),
        "working days after": working_days_after,
        "working days between": working_days_between,
        "is working day": is_working_day,
        "now": now,
        "today": today,
    }


def _partial_deadline(calendar: WorkingCalendar, zone: ZoneInfo) -> Callable[..., Any]:
    def partial_deadline(received: Any, due: Any, percent: Any) -> Any:
        """The end of the working day by which `percent` of the limit has passed; rounded up."""
        if not isinstance(received, datetime) or not isinstance(due, datetime) or not _is_count(percent):
            return None
        last_day = deadlines.last_day_of(due, zone)
        days = calendar.working_days_between(deadlines.local_date(received, zone), last_day)
        return deadlines.deadline(received, max(1, -(-days * int(percent) // 100)), calendar, zone).due_at

    return partial_deadline


def _setting(parameters: Parameters, zone: ZoneInfo) -> Callable[..., Any]:
    def setting(name: Any, at: Any = None) -> Any:
        day = clock.now().astimezone(zone).date() if at is None else _day(at, zone)
        if not isinstance(name, str) or day is None:
            return None
        try:
            return Decimal(parameters.value(name, day))
        except NotFound:
            return None

    return setting


def _is_count(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return False
    return value == int(value) and 0 <= value <= 10_000


def _day(value: Any, zone: ZoneInfo) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(zone).date() if value.tzinfo else value.date()
    return value if isinstance(value, date) else None
