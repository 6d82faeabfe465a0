"""What becomes of a job that could not be done: tried again after a while, in the end an incident."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import RedressError
from engine.runtime.incidents import open_incident
from engine.store.tables.jobs import Job

FIRST_DELAY_S = 5
LONGEST_DELAY_S = 3600


def count_failure(
    session: Session, job: Job, message: str, *, delay_s: float | None = None, retries: int | None = None
) -> int:
    """Count an attempt on a locked job and return how many are left; at none an incident is opened.

    `delay_s` until the next one grows fourfold each time unless given; `retries` says how many are left.
    The job's instance was locked before it.
    """
    attempts = job.attempts + 1
    left = max(0, job.retries - attempts if retries is None else retries)
    delay = min(FIRST_DELAY_S * 4 ** (attempts - 1), LONGEST_DELAY_S) if delay_s is None else delay_s
    session.execute(
        update(Job)
        .where(Job.id == job.id)
        .values(
            attempts=attempts,
            retries=attempts + left,
            state="ready" if left else "dead",
            run_at=clock.now() + timedelta(seconds=delay),
            locked_by=None,
            locked_until=None,
            last_error=message,
        )
    )
    if not left:
        open_incident(session, "job", job.id, job.instance_id, job.element_id, message)
    return left


def describe(error: Exception) -> str:
    """Return what went wrong without values: our own messages as they are, others by their kind only."""
    return str(error) if isinstance(error, RedressError) else f"unexpected {type(error).__name__}"
