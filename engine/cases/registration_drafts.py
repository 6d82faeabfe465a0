"""Registrations that were begun: what an agent typed so far, sealed, until it is registered or thrown away.

Nobody is known yet whom it is about, so each has a key of its own, which goes with it. Its id is the key
under which the form registers (`Once`): what was registered is never kept again as begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.keyring import Keyring
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import create_subject, subject_key
from engine.runtime.once import is_known
from engine.runtime.runtime import Runtime
from engine.store.tables.privacy import DataSubject
from engine.store.tables.workplace import RegistrationDraft

KEPT_FOR = timedelta(days=14)
"""So long after its last change an abandoned one is kept: personal data is not hoarded (R60)."""
MOST_BYTES = 256 * 1024
MOST_OPEN = 50
"""So many may one person have begun."""
_PLACE = RegistrationDraft.__tablename__


@dataclass(frozen=True, slots=True)
class Begun:
    """A registration that was begun: the form's fields by name, and when they were last kept."""

    id: str
    values: dict[str, str]
    saved_at: datetime


def keep_begun(rt: Runtime, actor: Actor, draft_id: str, values: Mapping[str, str]) -> datetime:
    """Keep what the form holds by now in place of what was kept before; return when. Nothing is checked.

    Raises InvalidInput (too much, too many), Conflict (registered meanwhile), NotFound (somebody else's).
    """
    clear = orjson.dumps(dict(values))
    if len(clear) > MOST_BYTES:
        raise _refused(f"a draft holds at most {MOST_BYTES // 1024} kB")
    with rt.sessions.step() as session:
        if is_known(session, actor, draft_id):
            raise Conflict("the complaint was registered already")
        row = _row(session, actor, draft_id) or _begin(session, rt.keyring, actor, draft_id)
        key = subject_key(session, rt.keyring, row.subject_id)
        assert key is not None  # the key goes with its draft
        row.sealed, row.saved_at = seal(key, clear, _PLACE, draft_id, "values"), clock.now()
        return row.saved_at


def begun_by(session: Session, keyring: Keyring, actor: Actor) -> list[Begun]:
    """Return what the actor has begun, the newest first."""
    rows = select(RegistrationDraft).where(RegistrationDraft.person_id == actor.id)
    newest_first = rows.order_by(RegistrationDraft.saved_at.desc(), RegistrationDraft.id)
    return [_opened(session, keyring, row) for row in session.scalars(newest_first)]


def read_begun(session: Session, keyring: Keyring, actor: Actor, draft_id: str) -> Begun:
    """Return one of them. Raises NotFound."""
    row = _row(session, actor, draft_id)
    if row is None:
        raise NotFound("there is no such draft; it was registered or thrown away")
    return _opened(session, keyring, row)


def drop_begun(rt: Runtime, actor: Actor, draft_id: str) -> None:
    """Throw it away, and the key that it was sealed under; nothing happens where it is gone."""
    with rt.sessions.step() as session:
        overwrite_what_is_freed(session)
        forget_begun(session, actor, draft_id)


def forget_begun(session: Session, actor: Actor, draft_id: str) -> None:
    """Within the caller's transaction: take away what was begun, since it is registered now."""
    if (row := _row(session, actor, draft_id)) is not None:
        _remove(session, [(row.id, row.subject_id)])


def forget_abandoned(rt: Runtime) -> int:
    """Throw away what nobody has touched for `KEPT_FOR`; return how many."""
    old = select(RegistrationDraft.id, RegistrationDraft.subject_id).where(
        RegistrationDraft.saved_at < clock.now() - KEPT_FOR
    )
    with rt.sessions.step() as session:
        found = [(row.id, row.subject_id) for row in session.execute(old)]
        if found:
            overwrite_what_is_freed(session)
            _remove(session, found)
        return len(found)


def _row(session: Session, actor: Actor, draft_id: str) -> RegistrationDraft | None:
    row = session.get(RegistrationDraft, draft_id)
    if row is not None and row.person_id != actor.id:
        raise NotFound("there is no such draft; it was registered or thrown away")
    return row


def _begin(session: Session, keyring: Keyring, actor: Actor, draft_id: str) -> RegistrationDraft:
    mine = select(RegistrationDraft.id).where(RegistrationDraft.person_id == actor.id)
    if len(session.scalars(mine).all()) >= MOST_OPEN:
        raise _refused(f"you have begun {MOST_OPEN} registrations; finish or throw away some")
    row = RegistrationDraft(
        id=draft_id,
        person_id=actor.id,
        subject_id=create_subject(session, keyring),
        sealed=b"",
        saved_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _opened(session: Session, keyring: Keyring, row: RegistrationDraft) -> Begun:
    key = subject_key(session, keyring, row.subject_id)
    assert key is not None  # the key goes with its draft
    values = orjson.loads(unseal(key, row.sealed, _PLACE, row.id, "values"))
    return Begun(row.id, values, row.saved_at)


def _remove(session: Session, drafts: list[tuple[str, str]]) -> None:
    ids, subjects = zip(*drafts, strict=True)
    session.execute(delete(RegistrationDraft).where(RegistrationDraft.id.in_(ids)))
    session.execute(delete(DataSubject).where(DataSubject.id.in_(subjects)))


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"the draft was not kept: {why}", {"": [why]})
