"""The local dispatcher: lanes that look into our own tables once a second, and at once after a step here.

It needs nothing but the database. Several workers may run, also on several hosts: rows are passed over while
another worker has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine import clock
from engine.jobs.chores import chore_pass
from engine.jobs.handlers import sending_types
from engine.jobs.lanes import STOP_S, Lane
from engine.jobs.mailboxes import mailbox_pass
from engine.jobs.pace import Pace
from engine.jobs.ready import job_pass, send_pass
from engine.jobs.tick import Tick
from engine.jobs.timers import run_due_starts, timer_pass
from engine.runtime.runtime import Runtime

SENDERS = 4
"""How many slow partners may be waited for at the same time."""


class LocalDispatcher:
    """One lane each for timers, jobs and chores, and `SENDERS` for what waits for other machines."""

    def __init__(self, rt: Runtime) -> None:
        self._lanes: list[Lane | Tick] = [
            *lanes_of(rt),
            Lane("jobs", lambda stopping: job_pass(rt, stopping=stopping)),
            *(
                Lane(f"sendings-{n}", lambda _: send_pass(rt), may_wait=True)
                for n in range(SENDERS if sending_types() else 0)
            ),
        ]

    def start(self) -> None:
        """Start the lanes."""
        for lane in self._lanes:
            lane.start()

    def wake(self) -> None:
        """Let every lane look again."""
        for lane in self._lanes:
            lane.wake()

    def stuck(self) -> list[str]:
        """Return the lanes in which something hangs."""
        return [lane.name for lane in self._lanes if lane.is_stuck()]

    def stop(self) -> bool:
        """Stop the lanes."""
        return stop_all(self._lanes)


def lanes_of(rt: Runtime) -> list[Lane | Tick]:
    """Return the lanes that are the same under every dispatcher: timers, chores and mailboxes."""

    def timers(stopping: Callable[[], bool]) -> Pace:
        started = run_due_starts(rt)
        found = timer_pass(rt, stopping=stopping)
        return Pace(found.done + started, found.wait_s)

    lanes: list[Lane | Tick] = [Lane("timers", timers), Tick("chores", lambda: chore_pass(rt))]
    if rt.config.imap_urls:
        lanes.append(Lane("mailboxes", lambda stopping: mailbox_pass(rt, stopping), may_wait=True))
    return lanes


def stop_all(lanes: Iterable[Lane | Tick]) -> bool:
    """Tell all lanes to stop, then wait for them; return whether all ended in time."""
    lanes = list(lanes)
    for lane in lanes:
        lane.stop()
    until = clock.monotonic() + STOP_S
    ended = [lane.join(max(0.0, until - clock.monotonic())) for lane in lanes]
    return all(ended)
