"""A comment for the colleagues, with who is to read it and files; the words are kept encrypted (R60)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.documents.register import attach_documents
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.privacy.subjects import create_subject
from engine.privacy.values import store_value
from engine.read.visibility import TASK, is_about, visible_tasks
from engine.runtime.ledger import note_on_instance
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task
from engine.store.tables.workplace import TaskComment, TaskSeen

LONGEST = 10_000
MENTION = re.compile(r"(?<![\w@])@([a-z][a-z0-9._-]{1,62})", re.ASCII)


def add_comment(
    rt: Runtime,
    actor: Actor,
    task_id: str,
    text: str,
    *,
    documents: Iterable[str] = (),
    idempotency: Once | None = None,
) -> str:
    """Write a comment to a task that the actor may see, and return its id.

    Whoever is named in it as `@username` gets a notice; they must be able to see the task. Raises NotFound,
    Forbidden (who only looks on cannot write), InvalidInput by field (`text`, `documents`).
    """
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["comment_id"])
        comment_id = comment_within(rt, session, actor, task_id, text, documents)
        remember(session, actor, idempotency, {"comment_id": comment_id})
        return comment_id


def comment_within(
    rt: Runtime, session: Session, actor: Actor, task_id: str, text: str, documents: Iterable[str] = ()
) -> str:
    """As `add_comment`, within the caller's step."""
    actor.require("task.work")
    said = text.strip()
    if not 1 <= len(said) <= LONGEST:
        message = "say something" if not said else f"has at most {LONGEST} characters"
        raise InvalidInput("the comment cannot be added: see the fields", {"text": [message]})
    task = _visible(session, actor, task_id)
    mentioned = [_reader(session, task_id, name) for name in dict.fromkeys(MENTION.findall(said))]
    kept = _attach(session, documents, task.complaint_no)
    comment_id = new_id()
    session.execute(
        insert(TaskComment).values(
            id=comment_id,
            instance_id=task.instance_id,
            task_id=task_id,
            body_ref=store_value(session, rt.keyring, _subject(rt, session, task), "comment", said),
            mentions=[person.username for person in mentioned],
            documents=kept,
            actor=actor.username,
            at=clock.now(),
        )
    )
    told = Notice("mention", comment_id, task.complaint_no, task.id)
    leave_notice(rt, session, [person.id for person in mentioned], told)
    data = {"comment": comment_id, "task": task_id, "mentions": [each.username for each in mentioned]}
    entry = Entry("comment.added", data | {"documents": kept}, task.element_id, task.name)
    note_on_instance(session, task.instance_id, actor, [entry])
    _unsee(session, task.instance_id, actor)
    return comment_id


def _visible(session: Session, actor: Actor, task_id: str) -> Task:
    task = session.scalars(select(Task).where(Task.id == task_id, visible_tasks(actor))).one_or_none()
    if task is None or task.restricted or is_about(actor, task.complaint_no):
        raise NotFound("there is no such task, or it is not one that you may see")
    return task


def _reader(session: Session, task_id: str, username: str) -> Actor:
    """Return who is mentioned. Raises InvalidInput for nobody, and for somebody who may not see the task."""
    try:
        person = load_actor(session, username)
    except NotFound as error:
        message = f"there is nobody called @{username}"
        raise InvalidInput(message, {"text": [message]}) from error
    seen = select(TASK.complaint_no).where(TASK.id == task_id, visible_tasks(person))
    found = session.execute(seen).one_or_none()
    if found is None or is_about(person, found.complaint_no):
        message = f"@{username} may not see this task, and so cannot be asked to read about it"
        raise InvalidInput(message, {"text": [message]})
    return person


def _attach(session: Session, documents: Iterable[str], complaint_no: str | None) -> list[str]:
    wanted = list(dict.fromkeys(documents))
    if not wanted:
        return []
    if complaint_no is None:
        raise Forbidden("files belong to a case; this task has none")
    try:
        return [document.id for document in attach_documents(session, wanted, complaint_no)]
    except InvalidInput as error:
        raise InvalidInput(str(error), {"documents": [str(error)]}) from error


def _subject(rt: Runtime, session: Session, task: Task) -> str:
    if task.complaint_no is None:
        return create_subject(session, rt.keyring)
    return session.scalars(select(Complaint.subject_id).where(Complaint.no == task.complaint_no)).one()


def _unsee(session: Session, instance_id: str, actor: Actor) -> None:
    """The tasks of the instance have something new for everybody else."""
    tasks = select(Task.id).where(Task.instance_id == instance_id, Task.state == "open")
    session.execute(delete(TaskSeen).where(TaskSeen.task_id.in_(tasks), TaskSeen.username != actor.username))
