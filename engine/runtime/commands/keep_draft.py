"""Keep a half-filled form with its task, or throw it away; no step of the process, so no history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, Refusal
from engine.people.actor import Actor
from engine.privacy.subjects import create_subject
from engine.runtime.drafts import Continued, Draft, forget_draft, write_draft
from engine.runtime.form_context import read_step
from engine.runtime.open_task import OpenTask, lock_open_task
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step
from engine.store.tables.workplace import TaskDraft


def keep_draft(
    rt: Runtime,
    actor: Actor,
    task_id: str,
    values: Mapping[str, Any],
    continued: Continued | None = None,
) -> Draft:
    """Keep what the form holds by now; fields that the form does not have are left out.

    Nothing is checked beyond its size: a draft may be wrong. Raises NotFound, Conflict (the task ended, or
    another draft than the `continued` one was kept meanwhile: from another window, by a substitute),
    Forbidden (it is not the actor's), InvalidInput (too large).
    """
    with rt.sessions.step() as session:
        task = _own(session, task_id, actor)
        step = read_step(rt, session, task.instance_id, actor)
        names = step.bundle_of(task.process_id).form(task.form_id).names if task.form_id else ()
        kept = {name: values[name] for name in names if name in values}
        return write_draft(
            session,
            rt.keyring,
            actor,
            task.id,
            _subject(session, step, task),
            kept,
            continued or Continued(None, takes_any=True),
        )


def drop_draft(rt: Runtime, actor: Actor, task_id: str, *, revision: str | None = None) -> None:
    """Throw the draft away, where a `revision` is given that one alone. Raises as `keep_draft`."""
    with rt.sessions.step() as session:
        forget_draft(session, _own(session, task_id, actor).id, revision=revision)


def _own(session: Session, task_id: str, actor: Actor) -> OpenTask:
    task = lock_open_task(session, task_id, actor)
    if task.assignee not in ({actor.username} if task.restricted else actor.desks):
        raise Forbidden(
            Refusal(
                "only who has the task {name} can keep a draft of its form; claim it first", name=task.called
            )
        )
    return task


def _subject(session: Session, step: Step, task: OpenTask) -> str:
    """The person that the case is about; for a task of no case somebody without a name."""
    if step.case is not None:
        return step.case.subject_id()
    known = session.scalars(select(TaskDraft.subject_id).where(TaskDraft.task_id == task.id)).first()
    return known or create_subject(session, step.rt.keyring)
