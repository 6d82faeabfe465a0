"""The tick: APScheduler lets a worker look after the chores once a second.

APScheduler 3 plans by the wall clock: set back by an hour, it would tick again only an hour later. A guard
that waits by the monotonic clock sees such a jump within a second and plans the tick anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine import clock
from engine.jobs.pace import TICK_S

log = logging.getLogger(__name__)

JUMP_S = 0.5
"""How far the wall clock may drift from the monotonic one between two looks before it counts as set."""


class Tick:
    """Repeats one pass under APScheduler; stopped and waited for like a lane. Never two passes at once."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        """`work` makes one pass, which may rightly take long; the ticks that it misses are one."""
        self.name = name
        self._work = work
        self._stopped = threading.Event()
        self._pools = {"default": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(executors=self._pools, timezone=UTC)
        self._ending = threading.Thread(target=self._scheduler.shutdown, name=f"{name}-end", daemon=True)
        self._guard = threading.Thread(target=self._watch, name=f"{name}-guard", daemon=True)

    def start(self) -> None:
        """Begin to tick, at once for the first time."""
        self._job = self._scheduler.add_job(
            self._pass,
            IntervalTrigger(seconds=TICK_S, timezone=UTC),
            name=self.name,
            next_run_time=_wall(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        self._guard.start()

    def wake(self) -> None:
        """Nothing that a step leaves behind has to be looked after sooner than with the next tick."""

    def stop(self) -> None:
        """Let no further pass begin, and the scheduler end after the one at work."""
        self._stopped.set()
        self._scheduler.remove_all_jobs()
        self._ending.start()

    def is_stuck(self) -> bool:
        """A chore may take long; that one hangs is seen by what it leaves undone (`redress doctor`)."""
        return False

    def join(self, timeout_s: float) -> bool:
        """Wait for the pass at work; return whether it ended in time."""
        self._ending.join(timeout_s)
        return not self._ending.is_alive()

    def _pass(self) -> None:
        if self._stopped.is_set():
            return
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - the database may be away; it is tried again
            log.warning("the %s could not be worked off: %s", self.name, type(error).__name__)

    def _watch(self) -> None:
        """Plan the tick anew whenever the wall clock was set."""
        ahead = _ahead()
        while not self._stopped.wait(TICK_S):
            now_ahead = _ahead()
            if abs(now_ahead - ahead) > JUMP_S:
                self._job.modify(next_run_time=_wall())
            ahead = now_ahead


def _wall() -> datetime:
    """Return the wall clock, by which APScheduler plans; the engine's own clock may be set in a demo."""
    return clock.real_now()


def _ahead() -> float:
    """Return how far the wall clock is ahead of the monotonic one, in seconds."""
    return _wall().timestamp() - clock.monotonic()
