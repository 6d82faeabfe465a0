"""Opening a file: its number, its row and the instance that carries it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.domain.deadlines import local_date
from engine.models.forms.context import plain_json
from engine.people.actor import Actor
from engine.privacy.subjects import create_subject
from engine.privacy.values import store_values
from engine.quality.files import FILE, PENDING
from engine.quality.kinds import Kind
from engine.runtime.advance import new_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.quality import QualityCounter
from engine.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Opened:
    """The number of a file and the instance that carries it."""

    no: str
    instance_id: str


def open_file(
    rt: Runtime,
    session: Session,
    actor: Actor,
    kind: Kind,
    *,
    facts: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    complaint_no: str | None = None,
    parent_no: str | None = None,
    source_key: str | None = None,
    owner: str | None = None,
    raiser: str | None = None,
    department_id: str | None = None,
    due_at: datetime | None = None,
    references: Mapping[str, str] | None = None,
) -> Opened:
    """Open a file of `kind` and run its process to the first wait; the caller commits.

    `personal` are texts for the encrypted store: under the customer's key where the file is about a
    complaint, else under a key of its own; `references` are such texts of another file about the same
    complaint. What `source_key` names opens one file only: a second call returns the first. Raises NotFound
    (the process is not deployed), StepFailed.
    """
    if source_key is not None and (known := _known(session, source_key)) is not None:
        return known
    now, kept = clock.now(), {name: text for name, text in (personal or {}).items() if text}
    about = None if kind.restricted else complaint_no
    subject = _subject_of(session, about) or create_subject(session, rt.keyring)
    row = {
        "no": _next_number(rt, session, kind),
        "kind": kind.name,
        "status": kind.first,
        "complaint_no": complaint_no,
        "parent_no": parent_no,
        "source_key": source_key,
        "owner": owner,
        "raiser": raiser or actor.username,
        "department_id": department_id,
        "due_at": due_at,
        "facts": plain_json(facts or {}),
        "personal": {**store_values(session, rt.keyring, subject, kept), **(references or {})},
        "subject_id": subject,
        "opened_by": actor.username,
        "opened_at": now,
        "closed_at": None,
        "version": 1,
    }
    session.info[PENDING] = row
    instance_id = new_id()
    variables = {"file_no": row["no"], **({"complaint_no": about} if about else {})}
    with new_step(
        rt,
        session,
        kind.process_id,
        actor,
        variables=variables,
        business_key=row["no"],
        instance_id=instance_id,
    ) as step:
        step.note(Entry("file.opened", {"no": row["no"], "kind": kind.name, "parent": parent_no}))
        step.run()
    return Opened(row["no"], instance_id)


def open_once(
    rt: Runtime, actor: Actor, idempotency: Once | None, begin: Callable[[Session], Opened]
) -> Opened:
    """Have `begin` open a file in a transaction of its own; a repeated request gets the file of the first.

    Raises what `begin` raises, and as `recall`.
    """
    try:
        return _open_once(rt, actor, idempotency, begin)
    except IntegrityError:  # somebody has opened it at this moment: now `begin` sees theirs, and says so
        return _open_once(rt, actor, idempotency, begin)


def _open_once(
    rt: Runtime, actor: Actor, idempotency: Once | None, begin: Callable[[Session], Opened]
) -> Opened:
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return Opened(str(known["no"]), str(known["instance_id"]))
        opened = begin(session)
        remember(session, actor, idempotency, {"no": opened.no, "instance_id": opened.instance_id})
        return opened


def _known(session: Session, source_key: str) -> Opened | None:
    query = select(FILE.c.no, FILE.c.instance_id).where(FILE.c.source_key == source_key)
    row = session.execute(query).one_or_none()
    return Opened(row.no, row.instance_id) if row is not None else None


def _subject_of(session: Session, complaint_no: str | None) -> str | None:
    if complaint_no is None:
        return None
    return session.scalars(select(Complaint.subject_id).where(Complaint.no == complaint_no)).one()


def _next_number(rt: Runtime, session: Session, kind: Kind) -> str:
    """Return the next number of the year; the counter's row is locked until the commit."""
    series = f"{kind.series}-{local_date(clock.now(), rt.config.timezone).year}"
    statement = insert_into(session, QualityCounter).values(series=series, last=1)
    count = session.scalars(
        statement.on_conflict_do_update(
            index_elements=[QualityCounter.series], set_={"last": QualityCounter.last + 1}
        ).returning(QualityCounter.last)
    ).one()
    return f"{series}-{count:04d}"
