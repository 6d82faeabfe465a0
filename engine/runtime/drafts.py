"""Half-filled forms: sealed whole, since what somebody is typing may be anything (R60)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.privacy.keyring import Keyring
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import subject_key
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


def read_draft(session: Session, keyring: Keyring, task_id: str) -> Draft | None:
    """Return the draft of a task; None where there is none, or its person was erased. Raises SealBroken."""
    row = session.execute(
        select(TaskDraft.subject_id, TaskDraft.sealed, TaskDraft.saved_by, TaskDraft.saved_at).where(
            TaskDraft.task_id == task_id
        )
    ).one_or_none()
    key = None if row is None else subject_key(session, keyring, row.subject_id)
    if row is None or key is None:
        return None
    return Draft(orjson.loads(unseal(key, row.sealed, _PLACE, task_id, "values")), row.saved_by, row.saved_at)


def write_draft(
    session: Session,
    keyring: Keyring,
    actor: Actor,
    task_id: str,
    subject_id: str,
    values: Mapping[str, Any],
) -> datetime:
    """Keep `values` in place of what was kept before; return when. Raises InvalidInput (too much)."""
    clear = orjson.dumps(values)
    key = subject_key(session, keyring, subject_id)
    if len(clear) > MOST_BYTES or key is None:
        message = f"a draft holds at most {MOST_BYTES // 1024} kB" if key else "the person was erased"
        raise InvalidInput(f"the draft was not kept: {message}", {"": [message]})
    row = {
        "subject_id": subject_id,
        "sealed": seal(key, clear, _PLACE, task_id, "values"),
        "saved_by": actor.username,
        "saved_at": clock.now(),
    }
    statement = insert_into(session, TaskDraft).values(task_id=task_id, **row)
    session.execute(statement.on_conflict_do_update(index_elements=[TaskDraft.task_id], set_=row))
    return row["saved_at"]  # type: ignore[return-value]


def forget_draft(session: Session, task_id: str) -> None:
    """Remove the draft of a task, if there is one."""
    session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id))
