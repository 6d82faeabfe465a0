"""Half-filled forms: sealed whole, since what somebody is typing may be anything (R60)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NewerDraft, Refusal
from engine.people.actor import Actor
from engine.privacy.keyring import Keyring
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import subject_key
from engine.store.ids import new_id
from engine.store.tables.people import Person
from engine.store.tables.workplace import TaskDraft
from engine.store.upsert import insert_into

MOST_BYTES = 512 * 1024
_PLACE = TaskDraft.__tablename__


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far, by whom, and when it was kept."""

    values: dict[str, Any]
    saved_by: str
    saved_at: datetime
    revision: str


@dataclass(frozen=True, slots=True)
class Continued:
    """Which draft its writer has before them (None: there was none), and what the next one is called.

    Whoever got no answer sends under the same name again: it is kept over itself.
    """

    revision: str | None
    next_revision: str = field(default_factory=new_id)
    takes_any: bool = False
    """Whether it takes the place of whatever is kept by now."""

    def has_seen(self, kept: str) -> bool:
        """Whether the writer knows of the draft of this revision."""
        return self.takes_any or kept in (self.revision, self.next_revision)


def read_draft(session: Session, keyring: Keyring, task_id: str) -> Draft | None:
    """Return the draft of a task; None where there is none, or its person was erased. Raises SealBroken."""
    row = session.execute(
        select(
            TaskDraft.subject_id, TaskDraft.sealed, TaskDraft.saved_by, TaskDraft.saved_at, TaskDraft.revision
        ).where(TaskDraft.task_id == task_id)
    ).one_or_none()
    key = None if row is None else subject_key(session, keyring, row.subject_id)
    if row is None or key is None:
        return None
    values = orjson.loads(unseal(key, row.sealed, _PLACE, task_id, "values"))
    return Draft(values, row.saved_by, row.saved_at, row.revision)


def write_draft(
    session: Session,
    keyring: Keyring,
    actor: Actor,
    task_id: str,
    subject_id: str,
    values: dict[str, Any],
    continued: Continued,
) -> Draft:
    """Keep `values` in place of what was kept before, if that is what is `continued`.

    Raises InvalidInput (too much), NewerDraft (another draft than the one continued is kept by now).
    """
    clear = orjson.dumps(values)
    key = subject_key(session, keyring, subject_id)
    if len(clear) > MOST_BYTES or key is None:
        message = f"a draft holds at most {MOST_BYTES // 1024} kB" if key else "the person was erased"
        raise InvalidInput(f"the draft was not kept: {message}", {"": [message]})
    draft = Draft(
        values,
        actor.username,
        clock.now(),
        continued.next_revision,
    )
    row = {
        "subject_id": subject_id,
        "sealed": seal(key, clear, _PLACE, task_id, "values"),
        "saved_by": draft.saved_by,
        "saved_at": draft.saved_at,
        "revision": draft.revision,
    }
    seen = None if continued.takes_any else TaskDraft.revision.in_((continued.revision, draft.revision))
    statement = (
        insert_into(session, TaskDraft)
        .values(task_id=task_id, **row)
        .on_conflict_do_update(index_elements=[TaskDraft.task_id], set_=row, where=seen)
        .returning(TaskDraft.task_id)
    )
    if session.execute(statement).one_or_none() is None:
        raise _newer(session, task_id)
    return draft


def forget_draft(session: Session, task_id: str, *, revision: str | None = None) -> None:
    """Remove the draft of a task, if there is one. Raises NewerDraft where it is not the `revision` given."""
    kept = select(TaskDraft.revision).where(TaskDraft.task_id == task_id)
    if revision is not None and session.scalars(kept).one_or_none() not in (None, revision):
        raise _newer(session, task_id)
    session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id))


def _newer(session: Session, task_id: str) -> NewerDraft:
    query = select(TaskDraft.saved_by, Person.display_name).outerjoin(
        Person, Person.username == TaskDraft.saved_by
    )
    username, display_name = session.execute(query.where(TaskDraft.task_id == task_id)).one()
    who = display_name or username
    return NewerDraft(Refusal("a newer draft of this form was kept meanwhile, by {who}", who=who))
