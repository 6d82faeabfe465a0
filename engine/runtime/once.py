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

from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.store.base import table_of
from engine.store.prepared import Prepared, Writes, driver_of
from engine.store.tables.runtime import Idempotency

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
    dialect = driver_of(session)[1]
    own = {"key": request.key, "actor": actor.username}
    fresh = {**own, "request_sha256": request.request_sha256, "answer": {}, "created_at": clock.now()}
    if _TAKE[dialect.name].one_or_none(session, fresh) is not None:
        return None
    row = _KEPT.one_or_none(session, {"of_key": request.key, "of_actor": actor.username})
    if row is None:
        raise Conflict("the first request under this key has just been given up; send it again")
    if row.request_sha256 != request.request_sha256:
        message = "this key was used for another request; take a new key for a new request"
        raise InvalidInput(message, {"Idempotency-Key": [message]})
    return dict(row.answer)


def is_known(session: Session, actor: Actor, key: str) -> bool:
    """Whether the actor has used a key, whatever for; reads only."""
    return _KEPT.one_or_none(session, {"of_key": key, "of_actor": actor.username}) is not None


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
        writes = Writes()
        given = {"of_key": request.key, "of_actor": actor.username, "given": dict(answer)}
        writes.add(_ANSWER, [given])
        writes.send_last(session)


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


_KEY = table_of(Idempotency)
_OF_KEY = _KEY.c.key == bindparam("of_key"), _KEY.c.actor == bindparam("of_actor")
_TAKE = {
    name: Prepared(make(_KEY).on_conflict_do_nothing().returning(_KEY.c.key))
    for name, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_KEPT = Prepared(select(_KEY.c.request_sha256, _KEY.c.answer).where(*_OF_KEY))
_ANSWER = Prepared(update(_KEY).where(*_OF_KEY).values(answer=bindparam("given")))
