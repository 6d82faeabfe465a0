"""Hand a message to whoever waits for it, or keep it until somebody does; broadcast a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotActive
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import refuse_personal
from engine.runtime.advance import open_step
from engine.runtime.buffered import REMEMBERED
from engine.runtime.ledger import lock_instance
from engine.runtime.once import Once, recall, remember
from engine.runtime.outbox import SIGNAL_JOB, SIGNAL_TO_JOB, add_jobs, outbox_row
from engine.runtime.runtime import Runtime
from engine.runtime.spiff.values import from_plain, to_plain
from engine.runtime.starts import start_by_event
from engine.store.ids import new_id
from engine.store.tables.runtime import BufferedMessage, Instance, Subscription
from engine.store.upsert import insert_into

TOLD_AT_ONCE, SPREAD_AT_ONCE = 100, 500
"""So many instances are told a signal in the caller's transaction; more are told by the worker."""
THROWN_TTL_S = 3600.0
"""How long a message that a process threw waits for somebody, as in Camunda 8's clients."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Which instances caught a signal or were started by it, and whether the worker still tells others."""

    correlated: list[str] = field(default_factory=list)
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Correlation:
    """Which instances caught a message, and whether it is kept for one that may come."""

    correlated: list[str] = field(default_factory=list)
    buffered: bool = False


def correlate(
    rt: Runtime,
    actor: Actor,
    name: str,
    correlation_key: str | None = None,
    variables: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    ttl_s: float | None = None,
    *,
    idempotency: Once | None = None,
) -> Correlation:
    """Deliver a message to the one subscription of each instance that waits for `name` with this key.

    The same `message_id` acts once: a repetition gets the first answer. With `ttl_s` a message that nobody
    waits for is kept that many seconds. Raises StepFailed when what follows cannot run, InvalidInput for what
    tells who somebody is.
    """
    refuse_personal(correlation_key=correlation_key, variables=variables)
    with rt.sessions.step() as session:
        if (answered := recall(session, actor, idempotency)) is not None:
            return Correlation(**answered)
        answer = _once_by_id(session, name, message_id)
        if answer is None:
            caught = deliver(rt, session, actor, name, correlation_key or "", variables or {})
            answer = Correlation(caught, not caught and bool(ttl_s))
            if message_id is not None or answer.buffered:
                _keep(session, name, correlation_key or "", message_id, variables or {}, answer, ttl_s)
        remember(session, actor, idempotency, asdict(answer))
        return answer


def deliver(
    rt: Runtime, session: Session, actor: Actor, name: str, key: str, variables: Mapping[str, Any]
) -> list[str]:
    """Deliver within the caller's transaction; return the instances that caught the message."""
    rows = session.execute(
        select(Subscription.instance_id, Subscription.token)
        .where(Subscription.kind == "message", Subscription.name == name, Subscription.correlation_key == key)
        .order_by(Subscription.instance_id, Subscription.id)  # locked in this order: no deadlock
    ).all()
    caught: list[str] = []
    for instance_id, token in rows:
        if instance_id in caught:
            continue  # one subscription an instance, as in Camunda 8
        try:
            with open_step(rt, session, instance_id, actor) as step:
                if not step.workflow.is_waiting(token, "message"):
                    continue  # something else came first, before the instance was locked
                step.workflow.deliver_message(token, dict(variables))
                step.run()
        except NotActive:
            continue  # it ended or was suspended meanwhile
        caught.append(instance_id)
    processes = session.scalars(select(Instance.process_id).where(Instance.id.in_(caught))).all()
    started = start_by_event(rt, session, actor, "message", name, key=key, variables=variables, but=processes)
    return [*caught, *started]


def publish(
    rt: Runtime, session: Session, actor: Actor, name: str, key: str, variables: Mapping[str, Any]
) -> None:
    """Deliver a message that a process threw; one that nobody waits for is kept for `THROWN_TTL_S`."""
    if not deliver(rt, session, actor, name, key, variables):
        _keep(session, name, key, None, variables, Correlation([], True), THROWN_TTL_S)


def deliver_kept(rt: Runtime, message_id: str) -> bool:
    """Deliver a kept message that somebody waits for by now; false if it is gone or still nobody does.

    The instances first, then the message, as a step does that takes it by itself: no deadlock.
    """
    with rt.sessions.step() as session:
        for instance_id in _who_waits(session, message_id):
            lock_instance(session, instance_id)
        row = session.execute(
            select(BufferedMessage)
            .where(BufferedMessage.id == message_id, BufferedMessage.state == "buffered")
            .with_for_update()
        ).scalar_one_or_none()
        if row is None:
            return False
        kept = update(BufferedMessage).where(BufferedMessage.id == message_id)
        session.execute(
            kept.values(state="correlated")
        )  # first: who waits anew at once is not to get it again
        caught = deliver(rt, session, SYSTEM, row.name, row.correlation_key, from_plain(row.variables))
        caught_now = {"state": "correlated", "correlated": caught, "expires_at": clock.now() + REMEMBERED}
        session.execute(kept.values(caught_now if caught else {"state": "buffered"}))
        return bool(caught)


def _who_waits(session: Session, message_id: str) -> Sequence[str]:
    waiting = (
        select(Subscription.instance_id)
        .join(
            BufferedMessage,
            (BufferedMessage.name == Subscription.name)
            & (BufferedMessage.correlation_key == Subscription.correlation_key),
        )
        .where(BufferedMessage.id == message_id, Subscription.kind == "message")
    )
    return session.scalars(waiting.distinct().order_by(Subscription.instance_id)).all()


def broadcast(
    rt: Runtime,
    actor: Actor,
    name: str,
    variables: Mapping[str, Any] | None = None,
    *,
    idempotency: Once | None = None,
) -> Broadcast:
    """Deliver a signal to every instance that waits for it now.

    Up to `TOLD_AT_ONCE` are told at once, all or none. More are told by the worker, each in a transaction of
    its own: one that cannot run keeps it from no other, and what a crash interrupts goes on afterwards.
    Raises InvalidInput for what tells who somebody is.
    """
    refuse_personal(variables=variables)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return Broadcast(**known)
        rows = listeners(session, name, limit=TOLD_AT_ONCE + 1)
        if len(rows) > TOLD_AT_ONCE:
            spread(rt, session, {"name": name, "variables": to_plain(variables or {}), "by": actor.username})
            answer = Broadcast(pending=True)
        else:
            told = [each for each in rows if tell(rt, session, actor, each, name, variables or {})]
            answer = Broadcast(told)
        answer.correlated.extend(
            start_by_event(rt, session, actor, "signal", name, variables=variables or {})
        )
        remember(session, actor, idempotency, asdict(answer))
    rt.wake()
    return answer


def spread(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
    """Leave a job for each of the next `SPREAD_AT_ONCE` instances that wait for the signal of `payload`, and
    one for those after them.

    Who waits is settled by the first: `payload` then holds `after` and `upto`, the bounds of what is left.
    """
    name, thrower = str(payload["name"]), payload.get("thrower")
    upto = payload.get("upto") or last_listener(session, name)
    if upto is None:
        return
    after = str(payload.get("after", ""))
    found = listeners(session, name, after=after, upto=str(upto), limit=SPREAD_AT_ONCE)
    rows = [
        {**outbox_row(SIGNAL_TO_JOB, {**payload, "to": each}), "instance_id": each}
        for each in found
        if each != thrower
    ]
    if len(found) == SPREAD_AT_ONCE:
        rows.append(outbox_row(SIGNAL_JOB, {**payload, "after": found[-1], "upto": upto}))
    add_jobs(rt, session, rows)


def listeners(session: Session, name: str, *, after: str = "", upto: str = "", limit: int) -> list[str]:
    """Return the first instances behind `after`, by id and not beyond `upto`, that wait for a signal."""
    query = (
        select(Subscription.instance_id)
        .where(Subscription.kind == "signal", Subscription.name == name, Subscription.instance_id > after)
        .distinct()
        .order_by(Subscription.instance_id)
        .limit(limit)
    )
    return list(session.scalars(query.where(Subscription.instance_id <= upto) if upto else query))


def last_listener(session: Session, name: str) -> str | None:
    """Return the last instance, by id, that waits for a signal."""
    waiting = (Subscription.kind == "signal", Subscription.name == name)
    return session.scalar(select(func.max(Subscription.instance_id)).where(*waiting))


def tell(
    rt: Runtime, session: Session, actor: Actor, instance_id: str, name: str, variables: Mapping[str, Any]
) -> bool:
    """Tell a signal to one instance, within the caller's transaction; false if it runs no more."""
    try:
        with open_step(rt, session, instance_id, actor) as step:
            step.workflow.broadcast_signal(name, dict(variables))
            step.run()
    except NotActive:
        return False  # it ended or was suspended meanwhile
    return True


def _once_by_id(session: Session, name: str, message_id: str | None) -> Correlation | None:
    """Take the message's id for this step, or return the answer that the message had; None without an id."""
    if message_id is None:
        return None
    taken = session.execute(
        insert_into(session, BufferedMessage)
        .values(
            id=new_id(),
            name=name,
            message_id=message_id,
            variables={},
            state="correlated",
            correlated=[],
            published_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(BufferedMessage.id)
    ).first()
    if taken is not None:
        return None
    found = session.execute(
        select(BufferedMessage.correlated, BufferedMessage.state).where(
            BufferedMessage.name == name, BufferedMessage.message_id == message_id
        )
    ).one()
    return Correlation(list(found.correlated), found.state == "buffered")


def _keep(
    session: Session,
    name: str,
    key: str,
    message_id: str | None,
    variables: Mapping[str, Any],
    answer: Correlation,
    ttl_s: float | None,
) -> None:
    now = clock.now()
    values = {
        "correlation_key": key,
        "variables": to_plain(variables),
        "state": "buffered" if answer.buffered else "correlated",
        "correlated": answer.correlated,
        "expires_at": now + (timedelta(seconds=ttl_s) if answer.buffered and ttl_s else REMEMBERED),
    }
    if message_id is None:
        row = {"id": new_id(), "name": name, "published_at": now, **values}
        session.execute(insert(BufferedMessage).values(**row))
        return
    same = (BufferedMessage.name == name, BufferedMessage.message_id == message_id)
    session.execute(update(BufferedMessage).where(*same).values(**values))
