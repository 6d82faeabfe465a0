"""Forms that were sent after the log-in had run out: sealed, for an hour, for whoever filled them in.

Each has a key of its own, which goes with it. Times are real, as those of the log-ins are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.keyring import Keyring
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import create_subject, subject_key
from engine.store.ids import new_id
from engine.store.sessions import Sessions
from engine.store.tables.people import Person, UnsentForm
from engine.store.tables.privacy import DataSubject

KEPT_FOR = timedelta(hours=1)
MOST_BYTES = 256 * 1024
MOST = 5
"""So many are kept for one person; a further one takes the place of the oldest."""
_PLACE = UnsentForm.__tablename__


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a form held: where it went, from which page, its fields in order, of its files the names."""

    path: str
    came_from: str | None
    fields: list[tuple[str, str]]
    files: list[str] = field(default_factory=list)


def keep_unsent(sessions: Sessions, keyring: Keyring, person_id: str, form: Unsent) -> str | None:
    """Keep a form for the person; return its id, None where it is too large or the account is closed."""
    clear, now, unsent_id = orjson.dumps(asdict(form)), clock.real_now(), new_id()
    if len(clear) > MOST_BYTES:
        return None
    with sessions.step() as session:
        known = select(Person.id).where(Person.id == person_id, Person.active).with_for_update()
        if session.scalar(known) is None:
            return None
        mine = select(UnsentForm.id, UnsentForm.subject_id).where(UnsentForm.person_id == person_id)
        oldest_first = session.execute(mine.order_by(UnsentForm.kept_at, UnsentForm.id)).all()
        _remove(session, [(row.id, row.subject_id) for row in oldest_first[: 1 - MOST]])
        subject_id = create_subject(session, keyring)
        key = subject_key(session, keyring, subject_id)
        assert key is not None  # made just now
        sealed = seal(key, clear, _PLACE, unsent_id, "form")
        row = UnsentForm(id=unsent_id, person_id=person_id, subject_id=subject_id, sealed=sealed, kept_at=now)
        session.add(row)
    return unsent_id


def read_unsent(session: Session, keyring: Keyring, actor: Actor, unsent_id: str) -> Unsent:
    """Return one of the actor's own. Raises NotFound: sent, thrown away, too old, or somebody else's."""
    row = session.get(UnsentForm, unsent_id)
    if row is None or row.person_id != actor.id or row.kept_at <= clock.real_now() - KEPT_FOR:
        raise NotFound("there is no such form any more: it was sent, thrown away or kept for an hour")
    key = subject_key(session, keyring, row.subject_id)
    assert key is not None  # the key goes with its form
    found = orjson.loads(unseal(key, row.sealed, _PLACE, row.id, "form"))
    return Unsent(found["path"], found["came_from"], [(k, v) for k, v in found["fields"]], found["files"])


def forget_unsent(sessions: Sessions, person_id: str, unsent_id: str) -> None:
    """Throw one away with its key, as when it was sent; nothing happens where it is gone."""
    mine = select(UnsentForm.id, UnsentForm.subject_id).where(
        UnsentForm.id == unsent_id, UnsentForm.person_id == person_id
    )
    with sessions.step() as session:
        _remove(session, [(row.id, row.subject_id) for row in session.execute(mine)])


def forget_old_unsent(sessions: Sessions) -> int:
    """Throw away what is older than `KEPT_FOR`; return how many."""
    old = select(UnsentForm.id, UnsentForm.subject_id).where(
        UnsentForm.kept_at <= clock.real_now() - KEPT_FOR
    )
    with sessions.step() as session:
        found = [(row.id, row.subject_id) for row in session.execute(old)]
        _remove(session, found)
        return len(found)


def _remove(session: Session, forms: list[tuple[str, str]]) -> None:
    if not forms:
        return
    overwrite_what_is_freed(session)
    ids, subjects = zip(*forms, strict=True)
    session.execute(delete(UnsentForm).where(UnsentForm.id.in_(ids)))
    session.execute(delete(DataSubject).where(DataSubject.id.in_(subjects)))
