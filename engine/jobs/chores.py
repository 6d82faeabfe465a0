"""Work that belongs to no process: done once across all workers each time it is due, and safe to repeat.

Whoever moves a chore's row to its next time does it. A chore whose worker dies over it is done the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.drills import remind_of_drill
from engine.cases.incoming.daily_check import begin_daily_check
from engine.cases.registration_drafts import forget_abandoned
from engine.cases.reindexing import reindex_some
from engine.cases.requests import withdraw_moot_requests
from engine.channels.throttle import forget_counts
from engine.jobs.ended import remove_ended_jobs
from engine.jobs.pace import BATCH, TICK_S, Pace
from engine.jobs.task_notices import tell_of_tasks
from engine.people.browser_sessions import forget_ended_sessions
from engine.people.log_ins import forget_old_log_ins
from engine.people.presence import forget_absent
from engine.people.unsent import forget_old_unsent
from engine.quality.accountability.opening import open_what_is_owed
from engine.quality.accountability.retention import erase_old_files
from engine.quality.facts import gather
from engine.quality.freezing import freeze_due
from engine.quality.leaks import scan_due
from engine.quality.regulator.by_itself import open_what_is_due
from engine.quality.regulator.due import tell_of_returns
from engine.quality.report.keep import draft_due
from engine.quality.summary import sum_up
from engine.quality.training.expiry import see_to_expiry
from engine.quality.verification import verify_due
from engine.runtime import once
from engine.runtime.buffered import REMEMBERED
from engine.runtime.commands import resolve_moot_incidents, run_migrations
from engine.runtime.commands.correlate import deliver_kept
from engine.runtime.runtime import Runtime
from engine.store.tables.jobs import Chore, Job
from engine.store.tables.runtime import BufferedMessage, Subscription
from engine.store.upsert import insert_into

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=24)
"""Nothing waits longer for its next attempt, and no worker outside may lock a job for longer."""

_AT_ONCE, _ROUNDS = 1_000, 20


@dataclass(frozen=True, slots=True)
class Duty:
    """A chore and after how many seconds it is due again."""

    name: str
    every_s: float
    work: Callable[[Runtime], object]


def expire_messages(rt: Runtime) -> None:
    """Drop buffered messages past their time to live; one with an id is known by it for `REMEMBERED`.

    A thousand a transaction and `_ROUNDS` of them a pass: what is left is for the next one.
    """
    for part in (_expire, _drop_messages):
        for _ in range(_ROUNDS):
            if part(rt) < _AT_ONCE:
                break


def deliver_kept_messages(rt: Runtime, limit: int = BATCH) -> int:
    """Deliver kept messages that somebody waits for: each began while the other was not committed yet."""
    with rt.sessions.read() as session:
        found = session.scalars(
            select(BufferedMessage.id)
            .join(
                Subscription,
                and_(
                    Subscription.kind == "message",
                    Subscription.name == BufferedMessage.name,
                    Subscription.correlation_key == BufferedMessage.correlation_key,
                ),
            )
            .where(
                BufferedMessage.state == "buffered",
                or_(BufferedMessage.expires_at.is_(None), BufferedMessage.expires_at > clock.now()),
            )
            .distinct()
            .order_by(BufferedMessage.id)
            .limit(limit)
        ).all()
    return sum(_deliver(rt, message_id) for message_id in found)


def _deliver(rt: Runtime, message_id: str) -> bool:
    try:
        return deliver_kept(rt, message_id)
    except Exception as error:  # noqa: BLE001 - one that cannot take its message keeps no other from its own
        log.warning("a kept message could not be delivered: %s", type(error).__name__)
        return False


def forget_answers(rt: Runtime) -> None:
    """Forget the answers to requests that nobody repeats any more."""
    while True:
        with rt.sessions.step() as session:
            if once.forget_answers(session, _AT_ONCE) < _AT_ONCE:
                return


def mend_after_clock(rt: Runtime) -> None:
    """Bring back what a clock that ran ahead and was set right has put too far into the future.

    Attempts and locks of jobs are never more than `LONGEST_WAIT` away; the dates of timers are the process's.
    """
    now, limit = clock.now(), clock.now() + LONGEST_WAIT
    with rt.sessions.step() as session:
        far = update(Job).where(Job.state == "ready", Job.run_at > limit)  # a lock moves `run_at`, too
        locked = case((Job.locked_until > limit, now), else_=Job.locked_until)
        session.execute(far.values(run_at=now, locked_until=locked))


def forget_throttles(rt: Runtime) -> None:
    """Drop counts of attempts at the public pages whose span is over."""
    with rt.sessions.step() as session:
        forget_counts(session)


def forget_sessions(rt: Runtime) -> None:
    """Drop the numbers of browser sessions that were logged out, once their cookies are too old to count."""
    with rt.sessions.step() as session:
        forget_ended_sessions(session)
        forget_old_log_ins(session)


def forget_unsent(rt: Runtime) -> None:
    """Throw away forms that waited for an hour for whose log-in had run out."""
    forget_old_unsent(rt.sessions)


def forget_presence(rt: Runtime) -> None:
    """Drop the windows that were cut off while somebody had a task or a case open."""
    with rt.sessions.step() as session:
        forget_absent(session)


DUTIES: Sequence[Duty] = (
    Duty("tell-of-tasks", 30, tell_of_tasks),
    Duty("migrate-instances", 1, run_migrations),
    Duty("withdraw-moot-requests", 10, withdraw_moot_requests),
    Duty("resolve-moot-incidents", 10, resolve_moot_incidents),
    Duty("gather-measures", 30, gather),
    Duty("sum-up-months", 300, sum_up),
    Duty("freeze-figures", 3600, freeze_due),
    Duty("draft-reports", 3600, draft_due),
    Duty("open-regulator-files", 300, open_what_is_due),
    Duty("tell-of-returns", 3600, tell_of_returns),
    Duty("verify-trail", 5, verify_due),
    Duty("look-for-leaks", 5, scan_due),
    Duty("open-accountability", 300, open_what_is_owed),
    Duty("erase-accountability", 3600, erase_old_files),
    Duty("see-to-expired-training", 600, see_to_expiry),
    Duty("remind-of-drills", 3600, remind_of_drill),
    Duty("deliver-kept-messages", 60, deliver_kept_messages),
    Duty("begin-mailbox-check", 60, begin_daily_check),
    Duty("expire-messages", 60, expire_messages),
    Duty("mend-after-clock", 60, mend_after_clock),
    Duty("index-customers-again", 60, reindex_some),
    Duty("forget-answers", 600, forget_answers),
    Duty("remove-ended-jobs", 600, remove_ended_jobs),
    Duty("forget-throttles", 3600, forget_throttles),
    Duty("forget-sessions", 3600, forget_sessions),
    Duty("forget-unsent-forms", 300, forget_unsent),
    Duty("forget-presence", 3600, forget_presence),
    Duty("forget-abandoned-registrations", 3600, forget_abandoned),
)


def chore_pass(rt: Runtime, duties: Sequence[Duty] = DUTIES) -> Pace:
    """Do the chores that are due and that no other worker has taken."""
    now = clock.now()
    with rt.sessions.read() as session:
        known = {row.name: row.due_at for row in session.scalars(select(Chore))}
    done = 0
    for duty in duties:
        due_at, every = known.get(duty.name), timedelta(seconds=duty.every_s)
        if due_at is not None and now < due_at <= now + 2 * every:
            continue  # one that is further ahead was planned before the clock was set back
        with rt.sessions.step() as session:
            is_ours = _take(session, duty.name, due_at, now + every)
        if is_ours:
            done += _do(rt, duty)
    return Pace(done, TICK_S)


def _take(session: Session, name: str, due_at: object, following: object) -> bool:
    if due_at is None:
        row = insert_into(session, Chore).values(name=name, due_at=following)
        return session.execute(row.on_conflict_do_nothing().returning(Chore.name)).first() is not None
    moved = update(Chore).where(Chore.name == name, Chore.due_at == due_at).values(due_at=following)
    return session.execute(moved.returning(Chore.name)).first() is not None


def _do(rt: Runtime, duty: Duty) -> bool:
    try:
        duty.work(rt)
    except Exception as error:  # noqa: BLE001 - the other chores are to be done, this one again next time
        log.warning("the chore %s failed: %s", duty.name, type(error).__name__)
        return False
    return True


def _expire(rt: Runtime) -> int:
    now = clock.now()
    old = (
        BufferedMessage.state == "buffered",
        BufferedMessage.expires_at <= now,
        BufferedMessage.message_id.is_not(None),
    )
    with rt.sessions.step() as session:
        some = select(BufferedMessage.id).where(*old).order_by(BufferedMessage.expires_at).limit(_AT_ONCE)
        expired = update(BufferedMessage).where(BufferedMessage.id.in_(some), *old)
        made = expired.values(state="expired", expires_at=now + REMEMBERED).returning(BufferedMessage.id)
        return len(session.execute(made).all())


def _drop_messages(rt: Runtime) -> int:
    with rt.sessions.step() as session:
        past = (
            select(BufferedMessage.id)
            .where(
                BufferedMessage.expires_at <= clock.now(),
                or_(BufferedMessage.state != "buffered", BufferedMessage.message_id.is_(None)),
            )
            .limit(_AT_ONCE)
        )
        dropped = delete(BufferedMessage).where(BufferedMessage.id.in_(past)).returning(BufferedMessage.id)
        return len(session.execute(dropped).all())
