"""A request that may be sent twice acts once: its answer is kept in the very transaction that it answers.

A verb asks `recall` first thing in its step and tells `remember` last: what it did and what it answered are
committed together or not at all, so that no crash leaves one without the other. A repetition that comes
while the first is still at work waits for it: on SQLite for the write lock, on PostgreSQL at the key's row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.store.tables.runtime import Idempotency
from engine.store.upsert import insert_into

KEPT_FOR = timedelta(days=30)
"""How long a request may be repeated under its key."""


@dataclass(frozen=True, slots=True)
class Once:
    """The key under which a caller repeats a request, and the SHA-256 (hex) of what is asked for."""

    key: str
    request_sha256: str


def recall(session: Session, actor: Actor, request: Once | None) -> dict[str, Any] | None:
    """Take the actor's key for this step, or return the answer that is kept under it; None without a key.

    Raises InvalidInput where the key came with another request before.
    """
    if request is None:
        return None
    taken = session.execute(
        insert_into(session, Idempotency)
        .values(
            key=request.key,
            actor=actor.username,
            request_sha256=request.request_sha256,
            answer={},
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Idempotency.key)
    ).first()
    if taken is not None:
        return None
    row = session.execute(
        select(Idempotency.request_sha256, Idempotency.answer).where(*_same(actor, request))
    ).one_or_none()
    if row is None:
        raise Conflict("the first request under this key has just been given up; send it again")
    if row.request_sha256 != request.request_sha256:
        message = "this key was used for another request; take a new key for a new request"
        raise InvalidInput(message, {"Idempotency-Key": [message]})
    return dict(row.answer)


def is_answered(session: Session, actor: Actor, request: Once | None) -> bool:
    """Whether this very request was answered before; reads only."""
    if request is None:
        return False
    same = select(Idempotency.key).where(
        *_same(actor, request), Idempotency.request_sha256 == request.request_sha256
    )
    return session.execute(same).first() is not None


def remember(session: Session, actor: Actor, request: Once | None, answer: Mapping[str, Any]) -> None:
    """Keep the answer under the key that `recall` took in this step."""
    if request is not None:
        session.execute(update(Idempotency).where(*_same(actor, request)).values(answer=dict(answer)))


def forget_answers(session: Session, most: int) -> int:
    """Forget at most so many answers that are older than anybody repeats a request; return how many."""
    old = (
        select(Idempotency.key, Idempotency.actor)
        .where(Idempotency.created_at < clock.now() - KEPT_FOR)
        .order_by(Idempotency.created_at)
        .limit(most)
    )
    rows = session.execute(old).all()
    if rows:
        known = tuple_(Idempotency.key, Idempotency.actor).in_([tuple(row) for row in rows])
        session.execute(delete(Idempotency).where(known))
    return len(rows)


def _same(actor: Actor, request: Once) -> tuple[Any, ...]:
    return Idempotency.key == request.key, Idempotency.actor == actor.username
