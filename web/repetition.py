"""The same request sent twice acts once: the first answer is kept under its key (`idempotency`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import clock
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.store.tables.runtime import Idempotency
from web.extensions import redress

LONGEST_KEY = 200


def once(
    actor: Actor, key: str, content: Mapping[str, Any], act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Act under `key` and return the answer, or return that of the first time.

    Raises InvalidInput without a key, Conflict where the key came with other content or is at work just now.
    """
    if not 8 <= len(key) <= LONGEST_KEY:
        raise InvalidInput("the form carries no key; load the page anew")
    digest = _digest(content)
    known = _reserve(actor, key, digest)
    if known is not None:
        return known
    try:
        answer = act()
    except BaseException:
        _forget(actor, key)
        raise
    with redress().sessions.step() as session:
        session.execute(update(Idempotency).where(*_same(actor, key)).values(answer=answer))
    return answer


def _reserve(actor: Actor, key: str, digest: str) -> dict[str, Any] | None:
    """Put the key down, or return the answer that is kept under it."""
    try:
        with redress().sessions.step() as session:
            session.execute(
                insert(Idempotency).values(
                    key=key, actor=actor.username, request_sha256=digest, answer={}, created_at=clock.now()
                )
            )
    except IntegrityError:
        with redress().sessions.read() as session:
            query = select(Idempotency.request_sha256, Idempotency.answer).where(*_same(actor, key))
            row = session.execute(query).one_or_none()
        if row is None or row.request_sha256 != digest:
            raise Conflict("this form was sent with other content before; load the page anew") from None
        if not row.answer:
            raise Conflict(
                "this form is being worked on just now; look at the list before sending it again"
            ) from None
        return dict(row.answer)
    return None


def _forget(actor: Actor, key: str) -> None:
    with redress().sessions.step() as session:
        session.execute(delete(Idempotency).where(*_same(actor, key)))


def _same(actor: Actor, key: str) -> tuple[Any, ...]:
    return Idempotency.key == key, Idempotency.actor == actor.username


def _digest(content: Mapping[str, Any]) -> str:
    pairs = sorted((str(name), str(value)) for name, value in content.items() if name != "csrf_token")
    return hashlib.sha256(repr(pairs).encode()).hexdigest()
