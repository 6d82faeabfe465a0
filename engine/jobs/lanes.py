"""Threads that each repeat a pass, so that a slow one delays no other: timers, jobs, sendings, chores.

They wait by the monotonic clock: setting the machine's clock neither stops nor hurries them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from engine import clock
from engine.jobs.pace import TICK_S, Pace

log = logging.getLogger(__name__)

STUCK_S = 60.0
"""A lane that has begun nothing for so long hangs; each item is a short step."""

STOP_S = 20.0
"""How long to wait for what is at work when told to stop; the rest is done again by another worker."""


class Lane:
    """One thread and what it repeats."""

    def __init__(
        self, name: str, work: Callable[[Callable[[], bool]], Pace], *, may_wait: bool = False
    ) -> None:
        """`work` makes one pass; it is given a question to ask between items: whether to stop.

        `may_wait` says that a pass may rightly take long, as when it waits for another machine.
        """
        self.name = name
        self._work = work
        self._may_wait = may_wait
        self._seen = clock.monotonic()
        self._stopped = False
        self._signal = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to repeat."""
        self._thread.start()

    def wake(self) -> None:
        """Look again at once: there may be something to do."""
        self._signal.set()

    def stop(self) -> None:
        """Let no further item begin."""
        self._stopped = True
        self._signal.set()

    def is_stuck(self) -> bool:
        """Whether an item hangs, so that nothing behind it is ever done."""
        return not self._may_wait and clock.monotonic() - self._seen > STUCK_S

    def join(self, timeout_s: float) -> bool:
        """Wait for the item at work; return whether it ended in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _is_stopped(self) -> bool:
        self._seen = clock.monotonic()
        return self._stopped

    def _run(self) -> None:
        while not self._stopped:
            self._signal.clear()
            self._seen = clock.monotonic()
            try:
                wait_s = self._work(self._is_stopped).wait_s
            except Exception as error:  # noqa: BLE001 - the database may be away; it is tried again
                log.warning("the %s could not be worked off: %s", self.name, type(error).__name__)
                wait_s = TICK_S
            if wait_s > 0:
                self._signal.wait(wait_s)
