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
from engine.errors import Conflict, InvalidInput, NewerDraft, NotFound
from engine.people.actor import Actor
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.keyring import Keyring
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import create_subject, subject_key
from engine.runtime.drafts import Continued
from engine.runtime.once import is_known
from engine.runtime.runtime import Runtime
from engine.store.tables.privacy import DataSubject
from engine.store.tables.workplace import RegistrationDraft
from engine.store.upsert import insert_into

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
    revision: str


def keep_begun(
    rt: Runtime,
    actor: Actor,
    draft_id: str,
    values: Mapping[str, str],
    continued: Continued | None = None,
) -> datetime:
    """Keep what the form holds by now in place of what is `continued`; return when. Nothing is checked.

    Raises InvalidInput (too much, too many), Conflict (registered meanwhile), NewerDraft (another window
    kept one that this one has not seen), NotFound (somebody else's).
    """
    goes_on = continued or Continued(None, takes_any=True)
    clear = orjson.dumps(dict(values))
    if len(clear) > MOST_BYTES:
        raise _refused(f"a draft holds at most {MOST_BYTES // 1024} kB")
    with rt.sessions.step() as session:
        if is_known(session, actor, draft_id):
            raise Conflict("the complaint was registered already")
        row = _row(session, actor, draft_id)
        if row is None:
            row = _begin(session, rt.keyring, actor, draft_id, goes_on.next_revision)
        _refuse_unseen(row, goes_on)
        key = subject_key(session, rt.keyring, row.subject_id)
        assert key is not None  # the key goes with its draft
        row.sealed, row.saved_at = seal(key, clear, _PLACE, draft_id, "values"), clock.now()
        row.revision = goes_on.next_revision
        return row.saved_at


def begun_by(session: Session, keyring: Keyring, actor: Actor) -> list[Begun]:
    """Return what the actor has begun, the newest first."""
    rows = select(RegistrationDraft).where(RegistrationDraft.person_id == actor.id)
    newest_first = rows.order_by(RegistrationDraft.saved_at.desc(), RegistrationDraft.id)
    return [_opened(session, keyring, row) for row in session.scalars(newest_first)]


def read_begun(session: Session, keyring: Keyring, actor: Actor, draft_id: str) -> Begun:
    """Return one of them. Raises NotFound."""
    row = _row(session, actor, draft_id, for_update=False)
    if row is None:
        raise NotFound("there is no such draft; it was registered or thrown away")
    return _opened(session, keyring, row)


def drop_begun(rt: Runtime, actor: Actor, draft_id: str, continued: Continued | None = None) -> None:
    """Throw it away, and the key that it was sealed under; nothing happens where it is gone.

    Raises NewerDraft (another was kept than the one that is `continued`), NotFound (somebody else's).
    """
    with rt.sessions.step() as session:
        overwrite_what_is_freed(session)
        forget_begun(session, actor, draft_id, continued)


def forget_begun(session: Session, actor: Actor, draft_id: str, continued: Continued | None = None) -> None:
    """Within the caller's transaction: take away what was begun, since it is registered now.

    Raises NewerDraft where more was begun than what is `continued`.
    """
    if (row := _row(session, actor, draft_id)) is not None:
        _refuse_unseen(row, continued or Continued(None, takes_any=True))
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


def _row(
    session: Session, actor: Actor, draft_id: str, *, for_update: bool = True
) -> RegistrationDraft | None:
    row = session.get(RegistrationDraft, draft_id, with_for_update=for_update)
    if row is not None and row.person_id != actor.id:
        raise NotFound("there is no such draft; it was registered or thrown away")
    return row


def _refuse_unseen(row: RegistrationDraft, continued: Continued) -> None:
    if not continued.has_seen(row.revision):
        raise NewerDraft("a newer draft of this registration was kept meanwhile, in another window")


def _begin(
    session: Session, keyring: Keyring, actor: Actor, draft_id: str, revision: str
) -> RegistrationDraft:
    """Return a new row, or that of a window which began it at the same moment."""
    mine = select(RegistrationDraft.id).where(RegistrationDraft.person_id == actor.id)
    if len(session.scalars(mine).all()) >= MOST_OPEN:
        raise _refused(f"you have begun {MOST_OPEN} registrations; finish or throw away some")
    subject_id = create_subject(session, keyring)
    fresh = insert_into(session, RegistrationDraft).values(
        id=draft_id,
        person_id=actor.id,
        subject_id=subject_id,
        sealed=b"",
        saved_at=clock.now(),
        revision=revision,
    )
    session.execute(fresh.on_conflict_do_nothing())
    row = _row(session, actor, draft_id)
    assert row is not None  # whoever was faster has committed
    if row.subject_id != subject_id:
        session.execute(delete(DataSubject).where(DataSubject.id == subject_id))
    return row


def _opened(session: Session, keyring: Keyring, row: RegistrationDraft) -> Begun:
    key = subject_key(session, keyring, row.subject_id)
    assert key is not None  # the key goes with its draft
    values = orjson.loads(unseal(key, row.sealed, _PLACE, row.id, "values"))
    return Begun(row.id, values, row.saved_at, row.revision)


def _remove(session: Session, drafts: list[tuple[str, str]]) -> None:
    ids, subjects = zip(*drafts, strict=True)
    session.execute(delete(RegistrationDraft).where(RegistrationDraft.id.in_(ids)))
    session.execute(delete(DataSubject).where(DataSubject.id.in_(subjects)))


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"the draft was not kept: {why}", {"": [why]})
