"""Complete a user task: check the form, keep personal values apart, and run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, update

from engine.audit import Entry
from engine.documents.register import attach_documents, attach_to_instance
from engine.errors import Forbidden, FormRefused, InvalidInput, Refusal
from engine.models.forms import CheckedForm
from engine.models.vocabulary import ONCE
from engine.people.actor import Actor
from engine.privacy.finding import personal_texts
from engine.privacy.subjects import create_subject
from engine.privacy.values import is_reference, store_values
from engine.runtime.advance import open_step
from engine.runtime.form_context import check_values
from engine.runtime.notices import tell_of_task
from engine.runtime.once import Once, recall, remember
from engine.runtime.one_of_its_kind import take
from engine.runtime.open_task import (
    OpenTask,
    in_place_of,
    lock_open_task,
    may_work_on,
    refuse_untrained,
    require_four_eyes,
)
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Wait
from engine.runtime.step import CompletedTask, Step
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.prepared import Prepared
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.tables.workplace import TaskDraft


def complete(
    rt: Runtime,
    actor: Actor,
    task_id: str,
    values: Mapping[str, Any],
    *,
    idempotency: Once | None = None,
) -> str:
    """Complete an open task with the values of its form and return the instance's state.

    The actor is the assignee, or a candidate of a task that nobody has; who delegated it is told. Raises
    NotFound, Conflict (it ended meanwhile), Forbidden (not theirs, or four eyes), FormRefused (by field),
    StepFailed.
    """
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["instance_state"])
        task = lock_open_task(session, task_id, actor)
        refuse_untrained(task, actor)
        if not may_work_on(task, actor):
            raise Forbidden(
                Refusal("the task {name} is {who}'s", name=task.called, who=task.assignee)
                if task.assignee
                else Refusal("the task {name} is not yours", name=task.called)
            )
        require_four_eyes(session, task, actor)
        with open_step(rt, session, task.instance_id, actor, locked=task.instance) as step:
            _complete(step, task, values)
        remember(session, actor, idempotency, {"instance_state": step.instance.state})
        return step.instance.state


def complete_opened(step: Step, wait: Wait, values: Mapping[str, Any]) -> None:
    """Complete a task that opened within this step (registration by one call), on behalf of the step's
    actor.
    """
    element = wait.element
    task = OpenTask(
        id=new_id(),
        instance_id=step.instance.id,
        token=wait.token,
        element_id=element.element_id,
        process_id=wait.process_id,
        name=element.name,
        form_id=element.form_id or None,
        complaint_no=step.case.complaint_no if step.case else None,
        state="open",
        assignee=step.actor.username,
        owner=None,
        candidate_groups=list(wait.candidate_groups),
        four_eyes=[],
        labels=dict(element.labels),
    )
    _complete(step, task, values, has_row=False)


def _complete(step: Step, task: OpenTask, values: Mapping[str, Any], *, has_row: bool = True) -> None:
    username = step.actor.username
    checked, stored = check_values(step, task, values, in_person=has_row)
    kept = _keep_personal(step, checked, stored)
    _attach(step, task, checked)
    element = step.bundle_of(task.process_id).compiled.elements(task.process_id).get(task.element_id)
    if element is not None and (field := element.custom.get(ONCE)):
        take(step, task.process_id, field, kept)
    step.completed_tasks[task.token] = CompletedTask(task.id, username)
    if has_row:
        _close(step, task)
    if step.case is not None:
        step.case.task_taken(task.candidate_groups, username)
    kind = element.custom.get("redress:record") if element is not None else None
    step.note(
        Entry(
            "task.completed",
            {
                "task": task.id,
                "form": task.form_id,
                "process_id": task.process_id,
                "token": task.token,
                **in_place_of(task, step.actor),
                **({"owner": task.owner} if task.owner is not None else {}),
            },
            task.element_id,
            task.name,
            values=kept or None,
        )
    )
    tell_of_task(step.rt, step.session, step.actor, "delegate-done", task.owner, task)
    if kind and step.case is not None:
        step.case.record(kind, task_id=task.id, form_id=task.form_id, values=kept, username=username)
    step.workflow.complete_user_task(task.token, kept)
    step.run()


def _close(step: Step, task: OpenTask) -> None:
    of_task = {"task": task.id}
    step.writes.add(_CLOSE, [{**of_task, "now": step.now, "who": step.actor.username}])
    step.writes.add(_LEAVE_GROUPS, [of_task])
    if task.has_draft:
        step.writes.add(_FORGET_DRAFT, [of_task])


_TASK, _GROUP, _DRAFT = table_of(Task), table_of(TaskGroup), table_of(TaskDraft)
_LEAVE_GROUPS, _FORGET_DRAFT = (
    Prepared(delete(table).where(table.c.task_id == bindparam("task"))) for table in (_GROUP, _DRAFT)
)
_CLOSE = Prepared(
    update(_TASK)
    .where(_TASK.c.id == bindparam("task"))
    .values(
        state="completed",
        ended_at=bindparam("now"),
        completed_by=bindparam("who"),
        assignee=bindparam("who"),
        end_reason="completed",
    )
)


def _attach(step: Step, task: OpenTask, checked: CheckedForm) -> None:
    """Tie the documents of the form to the complaint, or to the quality file that has none beside it.

    Raises FormRefused at the fields that name them.
    """
    if not checked.documents or (task.complaint_no is None and step.case is None):
        return
    for path, identifiers in checked.documents_by_path.items():
        try:
            if task.complaint_no is not None:
                attach_documents(step.session, identifiers, task.complaint_no)
            else:
                attach_to_instance(step.session, identifiers, step.instance.id)
        except InvalidInput as error:
            raise FormRefused(str(error), {path: [str(error)]}) from error


def _keep_personal(step: Step, checked: CheckedForm, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Put personal values into the encrypted store; return all values with references in their places.

    A text that is not declared personal and holds a number or address that tells who somebody is goes there
    too (R61): what people type need not keep to what the form meant.

    A read-only field gives back the reference that it was opened with. Any other text that looks like one is
    only text: it is stored as such, so that nobody can bring up another's data by typing a reference.
    """
    if not checked.plain and not checked.personal:
        return {}
    checked = replace(checked, personal={**checked.personal, **_found_in_text(checked)})
    known = {value for value in _leaves(stored) if is_reference(value)}
    kept = {path: value for path, value in checked.personal.items() if is_reference(value) and value in known}
    fresh = {path: value for path, value in checked.personal.items() if path not in kept}
    if not fresh:
        return checked.with_references(kept)
    session, keyring = step.session, step.rt.keyring
    subject = step.case.subject_id() if step.case is not None else create_subject(session, keyring)
    return checked.with_references({**kept, **store_values(session, keyring, subject, fresh)})


def _found_in_text(checked: CheckedForm) -> dict[str, str]:
    """Return the texts, by path, in which personal data was found; ids of documents are none."""
    return {
        path: value
        for path, value in personal_texts(checked.plain)
        if path not in checked.personal and path not in checked.documents_by_path
    }


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
