"""Telling people of something: the notice comes with the step; mails and messages to devices are jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.people.notice_choices import ways_of
from engine.people.push_devices import devices_of
from engine.runtime.open_task import OpenTask
from engine.runtime.outbox import add_jobs, outbox_row
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Notification, Person
from engine.store.upsert import insert_into

LOAN_OVER = "loan-over"
"""Told of a loan whose day has passed, once for each loan."""
MAIL_JOB, PUSH_JOB = "redress:notice-mail", "redress:notice-push"


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell of. `key` and the person make it one: told again under the same key it is not repeated."""

    kind: str
    key: str
    complaint_no: str | None = None
    task_id: str | None = None


def leave_notice(rt: Runtime, session: Session, person_ids: Iterable[str], notice: Notice) -> int:
    """Leave a notice for people as each of them chose; return to how many it is new. Whom its case is about
    is told of tasks of their own alone (Art. 17).

    Who wants it neither way gets a row that counts as read: so it is known that they were thought of.
    """
    people = set(person_ids)
    if notice.complaint_no is not None and notice.task_id is None:
        about = select(Person.id).join(Complaint, Complaint.accused == Person.username)
        people.difference_update(session.scalars(about.where(Complaint.no == notice.complaint_no)))
    return _leave(rt, session, notice, {person_id: f"{notice.key}:{person_id}" for person_id in people})


def leave_each(rt: Runtime, session: Session, kind: str, keys: Mapping[str, str]) -> int:
    """Leave each person a notice of their own, under its whole key; return for how many it is new."""
    return _leave(rt, session, Notice(kind, ""), keys)


def _leave(rt: Runtime, session: Session, notice: Notice, keys: Mapping[str, str]) -> int:
    ways = ways_of(session, keys, notice.kind)
    now, told = clock.now(), dict[str, str]()
    for person_id, way in ways.items():
        row = {
            "id": new_id(),
            "person_id": person_id,
            "kind": notice.kind,
            "complaint_no": notice.complaint_no,
            "task_id": notice.task_id,
            "created_at": now,
            "read_at": None if way.page else now,
            "source_key": keys[person_id],
        }
        made = insert_into(session, Notification).values(**row).on_conflict_do_nothing()
        if session.execute(made.returning(Notification.id)).first() is not None:
            told[person_id] = str(row["id"])
    _mail(rt, session, {person_id: told[person_id] for person_id in told if ways[person_id].mail})
    _push(rt, session, {person_id: told[person_id] for person_id in told if ways[person_id].push})
    return len(told)


def tell_of_task(
    rt: Runtime, session: Session, actor: Actor, kind: str, to: Actor | str | None, task: OpenTask
) -> None:
    """Tell somebody (a username where they are not loaded) of what the actor did with a task, each time anew,
    as it may happen again; nobody is told of what they did themselves.
    """
    username = to.username if isinstance(to, Actor) else to
    if username is None or username == actor.username:
        return
    active = select(Person.id).where(Person.username == username, Person.active)
    people = [to.id] if isinstance(to, Actor) else session.scalars(active).all()
    leave_notice(rt, session, people, Notice(kind, new_id(), task.complaint_no, task.id))


def forget_loan_over(session: Session, task_id: str) -> None:
    """Forget what was told of an earlier loan of a task: it is lent anew."""
    gone = delete(Notification).where(Notification.task_id == task_id, Notification.kind == LOAN_OVER)
    session.execute(gone)


def _mail(rt: Runtime, session: Session, notices: Mapping[str, str]) -> None:
    """Have mails sent to those who have an address, where there is a mail server."""
    if not notices or rt.config.smtp_url is None:
        return
    reachable = select(Person.id).where(Person.id.in_(sorted(notices)), Person.email.is_not(None))
    rows: list[dict[str, Any]] = [
        outbox_row(MAIL_JOB, {"notice": notices[person_id]}) for person_id in session.scalars(reachable)
    ]
    if rows:
        add_jobs(rt, session, rows)


def _push(rt: Runtime, session: Session, notices: Mapping[str, str]) -> None:
    """Have messages sent to the devices of those who chose some, where push services may be spoken to."""
    if not notices or not rt.config.push_services:
        return
    rows = [
        outbox_row(PUSH_JOB, {"notice": notices[person_id], "device": device})
        for person_id, device in devices_of(session, notices)
    ]
    if rows:
        add_jobs(rt, session, rows)
