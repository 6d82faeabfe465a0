"""The local dispatcher: APScheduler ticks once a second in a process of its own (or inside a single web
process).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from engine.cases.requests import withdraw_moot_requests
from engine.jobs import passes
from engine.runtime.commands import resolve_moot_incidents
from engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

TICK_S = 1
EXPIRY_S = 60
REQUESTS_S = 10


def run_worker(rt: Runtime, *, beat: Callable[[], None] | None = None) -> None:
    """Work until the process is told to stop; `beat` is called at each tick, for the health check."""
    scheduler = BlockingScheduler(timezone="UTC")
    _plan(scheduler, rt, beat)
    scheduler.start()


def start_in_background(rt: Runtime) -> BackgroundScheduler:
    """Start ticking in a thread of this process; the caller shuts the scheduler down."""
    scheduler = BackgroundScheduler(timezone="UTC")
    _plan(scheduler, rt, None)
    scheduler.start()
    return scheduler


def tick(rt: Runtime) -> int:
    """One pass over timers and jobs; return how many items were worked off."""
    return passes.run_due_timers(rt) + passes.run_due_starts(rt) + passes.run_ready_jobs(rt)


def _plan(scheduler: BaseScheduler, rt: Runtime, beat: Callable[[], None] | None) -> None:
    # A tick that lasts longer than a second, as after a long stop, is no news: the next one is left out.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def work() -> None:
        if beat is not None:
            beat()
        while tick(rt) >= passes.BATCH:
            if beat is not None:
                beat()

    scheduler.add_job(
        work, "interval", seconds=TICK_S, max_instances=1, coalesce=True, misfire_grace_time=None
    )
    for tidy, seconds in (
        (passes.expire_messages, EXPIRY_S),
        (passes.deliver_kept_messages, EXPIRY_S),
        (passes.forget_answers, EXPIRY_S),
        (withdraw_moot_requests, REQUESTS_S),
        (resolve_moot_incidents, REQUESTS_S),
    ):
        scheduler.add_job(
            tidy,
            "interval",
            args=(rt,),
            seconds=seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
