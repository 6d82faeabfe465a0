"""Jobs that have ended are kept for a while, to look into, and then removed in small steps.

What was given up (`dead`) has not ended: it stays until it is retried or its instance goes another way.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from engine import clock
from engine.runtime.runtime import Runtime
from engine.store.tables.jobs import Job

AT_ONCE = 1_000
"""So many rows a transaction: on SQLite nobody else writes meanwhile."""


def remove_ended_jobs(rt: Runtime) -> int:
    """Remove the jobs that ended longer ago than `REDRESS_KEEP_JOBS_DAYS`; return how many."""
    before = clock.now() - timedelta(days=rt.config.keep_jobs_days)
    old = (
        select(Job.id)
        .where(Job.ended_at.is_not(None), Job.ended_at < before, Job.state.in_(("done", "withdrawn")))
        .order_by(Job.ended_at)
        .limit(AT_ONCE)
    )
    removed = 0
    while True:
        with rt.sessions.step() as session:
            gone = session.execute(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all()
        removed += len(gone)
        if len(gone) < AT_ONCE:
            return removed
