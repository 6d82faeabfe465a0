"""What becomes of a job that could not be done: tried again after a while, in the end an incident."""

from __future__ import annotations

import traceback
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import LostRace, RedressError
from engine.jobs.backoff import QUICK, Backoff
from engine.runtime.incidents import open_incident
from engine.store.tables.jobs import Job

_ROOT = Path(__file__).parent.parent.parent


def count_failure(
    session: Session,
    job: Job,
    message: str,
    *,
    delay_s: float | None = None,
    retries: int | None = None,
    backoff: Backoff = QUICK,
) -> int:
    """Count an attempt on a locked job and return how many are left; at none an incident is opened.

    `delay_s` until the next one follows `backoff` unless given; `retries` says how many are left. The job's
    instance was locked before it.
    """
    attempts = job.attempts + 1
    left = max(0, job.retries - attempts if retries is None else retries)
    delay = backoff.delay(attempts) if delay_s is None else timedelta(seconds=delay_s)
    session.execute(
        update(Job)
        .where(Job.id == job.id)
        .values(
            attempts=attempts,
            retries=attempts + left,
            state="ready" if left else "dead",
            run_at=clock.now() + delay,
            locked_by=None,
            locked_until=None,
            lock_key=None,
            last_error=message,
        )
    )
    if not left:
        told = (
            f"the job {job.type!r} failed {attempts} time(s), at last with: {message}. "
            "Mend the cause, then retry the incident"
        )
        open_incident(session, "job", job.id, job.instance_id, job.element_id, told)
    return left


def end_in_incident(session: Session, job: Job, message: str) -> None:
    """Give a locked job up at once: trying it again would end in the same way."""
    count_failure(session, job, message, retries=0)


def describe(error: Exception) -> str:
    """Return what went wrong without values: our own messages as they are, others by kind and place."""
    if isinstance(error, RedressError):
        return str(error)
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    place = f" in {Path(ours[-1].filename).relative_to(_ROOT)}:{ours[-1].lineno}" if ours else ""
    return f"unexpected {type(error).__name__}{place}"


def is_bad_luck(error: Exception) -> bool:
    """Whether the same may succeed in a moment: another step was first, or the database was away or full.

    That is no failure of the instance, and never becomes an incident.
    """
    return isinstance(error, LostRace | OperationalError)


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(_ROOT / "engine")
