"""A task's form in its context: what it is filled with, what it may see, and the check of what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, logs
from engine.audit import Head
from engine.errors import Forbidden, NotFound, Refusal
from engine.models.forms import CheckedForm, Form
from engine.models.forms.tree import Field
from engine.people.actor import Actor
from engine.privacy.values import is_reference, read_values
from engine.read.visibility import is_about
from engine.runtime.bundles import LoadedBundle
from engine.runtime.drafts import Draft, read_draft
from engine.runtime.open_task import OF_TASK, OpenTask, may_work_on
from engine.runtime.options import OrganisationOptions
from engine.runtime.past_moments import refuse_future
from engine.runtime.repeated_rows import refuse_repeated
from engine.runtime.runtime import Runtime
from engine.runtime.step import InstanceRow, Step
from engine.store.tables.runtime import Instance, Task

HIDDEN = "•••"
DEFAULT_LANGUAGE = "zh-Hant"


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A form ready to show: the schema with options and labels resolved, and the values to fill it with."""

    form_id: str | None
    schema: dict[str, Any]
    values: dict[str, Any]
    complaint_no: str | None = None
    shows_personal: bool = False
    """Whether personal values are among `values`: the caller notes who was shown them (R60)."""
    draft: Draft | None = None
    """The half-filled form that `values` continue, where the actor has the task."""
    documents: tuple[str, ...] = ()
    """The ids of files among `values`."""
    explanation: str = ""
    """What is to be done and why, in the reader's language, as the diagram says it."""


EMPTY_SCHEMA: dict[str, Any] = {"type": "default", "components": []}


def task_form(rt: Runtime, session: Session, actor: Actor, task_id: str, language: str) -> TaskForm:
    """Return the form of a task that the actor may work on or read (personal values only for the former).

    Raises NotFound, Forbidden.
    """
    task = _find(session, task_id)
    working = may_work_on(task, actor) and task.state == "open"
    if not working and (task.restricted or not actor.may("task.read_all")):
        raise Forbidden(Refusal("the task {name} is not yours", name=task.called))
    if task.assignee != actor.username and is_about(actor, task.complaint_no):
        raise NotFound("there is no such task, or it is not one that you may see")
    step = read_step(rt, session, task.instance_id, actor)
    explanation = _explanation(step, task, language)
    if not task.form_id:
        return TaskForm(None, EMPTY_SCHEMA, {}, explanation=explanation)
    form = step.bundle_of(task.process_id).form(task.form_id)
    values = stored_values(step, task, form)
    context = _as_asked(form, expression_context(step, task))
    options = OrganisationOptions(session, language)
    may_read = working if task.restricted else actor.may("personal.read") or task.assignee in actor.desks
    reveal = working and may_read
    shown = resolve(step, values, reveal=reveal)
    draft = read_draft(session, rt.keyring, task.id) if working and task.assignee is not None else None
    if draft is not None:
        shown = {**shown, **_drafted(form, draft)}
    schema, filled = form.render(context=context, values=shown, options=options, language=language)
    filled = {key: value for key, value in filled.items() if key in shown or not _is_empty(value)}
    files = tuple(_files(form, filled))
    shows = reveal and step.case is not None and bool(files or _references(values))
    filled |= _in_words(step.bundle_of(task.process_id), form, filled, language)
    return TaskForm(task.form_id, schema, filled, task.complaint_no, shows, draft, files, explanation)


def _explanation(step: Step, task: OpenTask, language: str) -> str:
    element = step.bundle_of(task.process_id).compiled.elements(task.process_id).get(task.element_id)
    return "" if element is None else element.explanation(language)


def _as_asked(form: Form, context: dict[str, Any]) -> dict[str, Any]:
    """What the form's expressions may read, without earlier answers to what is asked anew each time."""
    anew = {item.full_path[0] for item in form.fields if item.afresh and item.full_path}
    return {name: value for name, value in context.items() if name not in anew}


def _drafted(form: Form, draft: Draft) -> dict[str, Any]:
    """What was typed; what the form only shows comes from the case as it stands."""
    shown_only = {each.full_path[0] for each in form.fields if each.full_path and _only_shown(each)}
    return {name: value for name, value in draft.values.items() if name not in shown_only}


def _only_shown(field: Field) -> bool:
    return field.disabled or field.readonly or field.type == "expression"


def _in_words(bundle: LoadedBundle, form: Form, values: Mapping[str, Any], language: str) -> dict[str, str]:
    """What the form only shows, where a decision table said it, in the reader's language."""
    shown = {each.full_path[0] for each in form.fields if each.disabled and len(each.full_path) == 1}
    return {
        name: bundle.called(value, language)
        for name, value in values.items()
        if name in shown and isinstance(value, str)
    }


def _files(form: Form, values: Mapping[str, Any]) -> Iterator[str]:
    for item in form.fields:
        if item.type == "filepicker" and item.full_path:
            yield from (text for text in _leaves(values, item.full_path) if isinstance(text, str))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for row in value:
            yield from _leaves(row, path)
    elif path:
        yield from _leaves(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else ()
    else:
        yield value


def _is_empty(value: Any) -> bool:
    """Whether nobody filled a field: it is told as absent, so that no box looks answered by no."""
    return value is None or value is False or value in ("", [])


def check_values(
    step: Step, task: OpenTask, values: Mapping[str, Any], *, in_person: bool = True
) -> tuple[CheckedForm, dict[str, Any]]:
    """Check what came back against the same form; return it with the values that the form was opened with.

    Raises FormRefused; a task without a form takes no values.
    """
    if not task.form_id and not values:
        return CheckedForm({}, {}, [], {}), {}
    form = step.bundle_of(task.process_id).form(task.form_id) if task.form_id else _NO_FORM
    stored = stored_values(step, task, form)
    checked = form.check(
        values,
        stored=stored,
        context=_as_asked(form, expression_context(step, task)),
        options=OrganisationOptions(step.session, DEFAULT_LANGUAGE),
        in_person=in_person,
    )
    refuse_future(form, values, clock.now(), step.rt.config.timezone)
    refuse_repeated(form, checked.plain)
    return checked, stored


def read_step(rt: Runtime, session: Session, instance_id: str, actor: Actor) -> Step:
    """Load an instance for reading: nothing is locked, nothing will be written."""
    logs.mark(instance_id=instance_id)
    row = session.get(Instance, instance_id)
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    instance = InstanceRow.of(row)
    bundle = rt.bundles.get(session, row.bundle_id)
    step = Step(
        rt, session, actor, clock.now(), instance, bundle, Head(row.id), rt.functions(session), readonly=True
    )
    step.case = rt.business.bind(session, step)
    step.workflow = bundle.compiled.restore(row.workflow, step)
    return step


def expression_context(step: Step, task: OpenTask) -> dict[str, Any]:
    """Return what the form's own expressions may read: the variables in scope and the case's facts."""
    return {**_variables(step, task), **step.facts()}


def stored_values(step: Step, task: OpenTask, form: Form) -> dict[str, Any]:
    """Return what the form is filled with: facts of the case, variables, and what this form recorded
    before.
    """
    keys = {item.full_path[0] for item in form.fields if item.full_path}
    facts = step.facts().get("case", {})
    values = {key: facts[key] for key in keys if facts.get(key) is not None}
    values |= {
        key: value for key, value in _variables(step, task).items() if key in keys and value is not None
    }
    element = step.bundle_of(task.process_id).compiled.elements(task.process_id).get(task.element_id)
    kind = element.custom.get("redress:record") if element is not None else None
    if kind and step.case is not None:
        # What the form only shows comes from the case as it stands, not from what was shown then.
        own = {item.full_path[0] for item in form.fields if item.full_path and not item.disabled}
        values |= {key: value for key, value in step.case.latest_record(kind).items() if key in own}
    for item in form.fields:
        if item.afresh:
            values.pop(item.full_path[0], None)
    return values


def resolve(step: Step, values: Any, *, reveal: bool) -> Any:
    """Replace references to personal values of this case by the values, or by dots where they are not for
    the actor.
    """
    references = set(_references(values))
    if not references:
        return values
    clear: Mapping[str, Any] = {}
    if reveal and step.case is not None:
        clear = read_values(
            step.session, step.rt.keyring, sorted(references), subject_id=step.case.subject_id()
        )
    return _replace(values, lambda reference: clear.get(reference, HIDDEN))


def _variables(step: Step, task: OpenTask) -> dict[str, Any]:
    try:
        return dict(step.workflow.scope(task.token))
    except (KeyError, NotFound):
        return dict(step.workflow.variables)  # the task has ended; its own scope is gone


def _references(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in _references(item)]
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    return [value] if isinstance(value, str) and is_reference(value) else []


def _replace(value: Any, by: Callable[[str], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _replace(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, by) for item in value]
    return by(value) if isinstance(value, str) and is_reference(value) else value


def _find(session: Session, task_id: str) -> OpenTask:
    row = session.execute(select(*OF_TASK).where(Task.id == task_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such task")
    return OpenTask(*row)


_NO_FORM = Form.parse({"type": "default", "id": "none", "components": []}, "none")
