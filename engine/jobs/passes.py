"""Everything that is due, worked off in the caller's thread: for tests, the demo and the command line."""

from __future__ import annotations

from engine.jobs.chores import deliver_kept_messages, expire_messages, forget_answers
from engine.jobs.ready import run_job, run_ready_jobs
from engine.jobs.timers import TIMER_ATTEMPTS, run_due_starts, run_due_timers
from engine.runtime.runtime import Runtime

__all__ = [
    "TIMER_ATTEMPTS",
    "deliver_kept_messages",
    "expire_messages",
    "forget_answers",
    "run_due_starts",
    "run_due_timers",
    "run_job",
    "run_ready_jobs",
    "run_until_quiet",
]


def run_until_quiet(rt: Runtime, most: int = 1_000) -> int:
    """Work off jobs and timers until none is due, or `most` were; return how many."""
    total = 0
    while total < most:
        done = run_due_timers(rt) + run_due_starts(rt) + run_ready_jobs(rt)
        if not done:
            break
        total += done
    return total
