"""What every verb of the engine needs, put together once by `engine.assembly`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.config import Config
from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_table import calendar_from_plain
from engine.errors import ConfigurationError
from engine.privacy.keyring import Keyring
from engine.runtime.bundles import BundleCache
from engine.runtime.business import Business
from engine.runtime.functions import functions_for
from engine.runtime.parameters import ParameterSource
from engine.runtime.workflow_cache import WorkflowCache
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.sessions import Sessions
from engine.store.tables.calendars import CalendarVersion

CALENDAR_RECHECK_S = 2.0
_CALENDAR = table_of(CalendarVersion)
_NEWEST = Prepared(select(_CALENDAR.c.id).order_by(_CALENDAR.c.id.desc()).limit(1))


class CalendarSource:
    """The calendar in force, read again at most every two seconds and at once after an import."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: WorkingCalendar | None = None
        self._held_id: str | None = None
        self._checked_at = 0.0

    def current(self, session: Session) -> WorkingCalendar:
        """Return the newest imported calendar. Raises ConfigurationError where none was imported."""
        with self._lock:
            if self._held is not None and clock.monotonic() - self._checked_at < CALENDAR_RECHECK_S:
                return self._held
            held, held_id = self._held, self._held_id
        row = _NEWEST.one_or_none(session, {})
        if row is None:
            raise ConfigurationError("no working-day calendar is imported: run `redress init`")
        newest = row.id
        if held is None or newest != held_id:
            years = session.scalars(select(CalendarVersion.years).where(CalendarVersion.id == newest)).one()
            held = calendar_from_plain(years)
        with self._lock:
            self._held, self._held_id, self._checked_at = held, newest, clock.monotonic()
        return held

    def of_version(self, session: Session, version: str) -> WorkingCalendar | None:
        """Return the calendar that a limit was counted with, or None where its tables are not kept."""
        held = self.current(session)
        if held.version == version:
            return held
        years = session.scalars(
            select(CalendarVersion.years)
            .where(CalendarVersion.sha256.startswith(version.rpartition("-")[2], autoescape=True))
            .limit(1)
        ).first()
        found = calendar_from_plain(years) if years else None
        return found if found is not None and found.version == version else None

    def forget(self) -> None:
        """Read again on the next use."""
        with self._lock:
            self._checked_at = 0.0


@dataclass
class Runtime:
    """The engine's parts. `business` finds the business record of an instance.

    `wake` is called after each commit of a step; `enqueue` is told, within the transaction, the id and type
    of each job that is ready now (see engine.jobs.dispatch).
    """

    config: Config
    sessions: Sessions
    keyring: Keyring
    business: Business
    bundles: BundleCache = field(init=False)
    workflows: WorkflowCache = field(default_factory=WorkflowCache)
    calendars: CalendarSource = field(default_factory=CalendarSource)
    parameters: ParameterSource = field(default_factory=ParameterSource)
    wake: Callable[[], None] = lambda: None
    enqueue: Callable[[Session, Sequence[tuple[str, str]]], None] = lambda _session, _jobs: None

    def __post_init__(self) -> None:
        """Make the cache of bundles, whose timers count in the company's time zone."""
        self.bundles = BundleCache(self.config.timezone)

    def functions(self, session: Session) -> Mapping[str, Callable[..., Any]]:
        """Return our FEEL functions with the calendar and the parameters in force."""
        return functions_for(
            self.calendars.current(session), self.config.timezone, self.parameters.current(session)
        )
