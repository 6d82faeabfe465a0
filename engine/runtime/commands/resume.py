"""Resume a suspended instance: what fell due meanwhile happens once, in the order in which it fell due."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.people.actor import Actor
from engine.runtime.commands.correlate import deliver_kept
from engine.runtime.commands.fire_timer import fire_timer
from engine.runtime.once import Once
from engine.runtime.operating import operate, release_waits
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step
from engine.store.tables.runtime import BufferedMessage, Subscription, Timer

log = logging.getLogger(__name__)

MOST = 100
"""How many missed timers and messages the caller waits for; the worker does the rest."""


def resume_instance(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    reason: str,
    *,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> str:
    """Let a suspended instance go on and return the state that it resumed in. Raises as `operate`.

    Timers that fell due and messages that were kept follow by their instants, each in a step of its own, so
    that one that cannot run stops neither the resumption nor what does not depend on it: the worker tries
    it again and makes it an incident.
    """

    def act(step: Step, why: str) -> None:
        step.note(Entry("instance.resumed", {"reason": why}))
        step.instance.state = "active"
        release_waits(step)

    done = operate(
        rt, actor, instance_id, reason, act, allow=("suspended",), revision=revision, idempotency=idempotency
    )
    _catch_up(rt, instance_id)
    return str(done["state"])


def _catch_up(rt: Runtime, instance_id: str) -> None:
    with rt.sessions.read() as session:
        missed = sorted(_missed(rt, session, instance_id), key=lambda each: each[:2])[:MOST]
    for _, _, happen in missed:
        try:
            happen()
        except Exception as error:  # noqa: BLE001 - the worker tries again and tells
            log.warning("what an instance missed could not happen: %s", type(error).__name__)
            return


def _missed(
    rt: Runtime, session: Session, instance_id: str
) -> list[tuple[datetime, str, Callable[[], object]]]:
    now = clock.now()
    timers = session.execute(
        select(Timer.due_at, Timer.id)
        .where(Timer.instance_id == instance_id, Timer.state == "armed", Timer.due_at <= now)
        .order_by(Timer.due_at)
        .limit(MOST)
    ).all()
    kept = session.execute(
        select(BufferedMessage.published_at, BufferedMessage.id)
        .join(
            Subscription,
            and_(
                Subscription.kind == "message",
                Subscription.name == BufferedMessage.name,
                Subscription.correlation_key == BufferedMessage.correlation_key,
            ),
        )
        .where(
            Subscription.instance_id == instance_id,
            BufferedMessage.state == "buffered",
            or_(BufferedMessage.expires_at.is_(None), BufferedMessage.expires_at > now),
        )
        .order_by(BufferedMessage.id)
        .limit(MOST)
    ).all()
    return [
        *((at, each, partial(fire_timer, rt, each)) for at, each in timers),
        *((at, each, partial(deliver_kept, rt, each)) for at, each in kept),
    ]
