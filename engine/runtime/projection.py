"""From workflow to rows: what opened and what closed in a step becomes tasks, timers, jobs and subscriptions.

Only what changed is written. A token that opened and closed within one step leaves a row only where
somebody's work is to be remembered (a user task that was completed).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, delete, insert, select, update

from engine.models.vocabulary import FOUR_EYES_WHO
from engine.read.four_eyes import STARTER, Checked
from engine.runtime.business import NOWHERE
from engine.runtime.closing import close
from engine.runtime.deputies import groups_of
from engine.runtime.open_task import place
from engine.runtime.outbox import add_jobs, thrown_jobs
from engine.runtime.plain import plain
from engine.runtime.spiff import Closed, Wait
from engine.runtime.step import Step
from engine.runtime.task_limits import earliest, move_in_instance
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.kinds import kind_of
from engine.store.prepared import Prepared
from engine.store.tables.jobs import Job
from engine.store.tables.people import Person
from engine.store.tables.runtime import OF_CASE, Subscription, Task, TaskGroup, Timer
from engine.store.tables.workplace import TaskDraft


@dataclass(slots=True)
class _Rows:
    tasks: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)


def project(step: Step, *, limits_changed: bool) -> None:
    """Have the rows written of everything that opened or closed since the step began."""
    opened, closed = _net(step)
    if limits_changed and not step.instance.is_new:
        step.writes.send_last(step.session)  # what ended in this step is no open task any more
        move_in_instance(step.session, step.instance.id, step.limits)
    close(step, closed, {wait.token for wait in opened})
    rows = _Rows(jobs=thrown_jobs(step))
    for wait in opened:
        _open(step, wait, rows)
    step.writes.add(_INSERT_TASKS, rows.tasks)
    step.writes.add(_INSERT_GROUPS, rows.groups)
    step.writes.add(_INSERT_TIMERS, rows.timers)
    step.writes.add(_INSERT_SUBSCRIPTIONS, rows.subscriptions)
    if rows.jobs:
        step.writes.send_last(step.session)
        add_jobs(step.rt, step.session, rows.jobs)


def rewrite(step: Step, waits: Iterable[Wait]) -> None:
    """Bring the rows of waits that were open before to what they are now, as after a migration.

    Who has a task keeps it; timers keep their attempts, jobs their retries.
    """
    step.writes.send(step.session)
    connection, instance = step.session.connection(), step.instance.id
    for wait in waits:
        rows = _Rows()
        _open(step, wait, rows)
        same = {"instance": instance, "of": wait.token}
        for row in rows.tasks:
            task_id = connection.execute(_TASK_OF, same).scalar_one()
            connection.execute(_REWRITE_TASK, {f"to_{name}": row[name] for name in _DRAWN} | same)
            connection.execute(delete(_GROUP).where(_GROUP.c.task_id == task_id))
            if rows.groups:
                _INSERT_GROUPS.run(step.session, *({**each, "task_id": task_id} for each in rows.groups))
            place(step.session, [task_id])
        for row in rows.timers:
            connection.execute(_REWRITE_TIMER, {"to": row["element_id"], "due": row["due_at"]} | same)
        for row in rows.subscriptions:
            given = {"to": row["element_id"], "named": row["name"], "key": row["correlation_key"]}
            connection.execute(_REWRITE_SUBSCRIPTION, given | same)
        for row in rows.jobs:
            connection.execute(_REWRITE_JOB, {"to": row["element_id"], "held": row["payload"]} | same)


def _net(step: Step) -> tuple[list[Wait], list[Closed]]:
    opened: dict[int, Wait] = {}
    closed: list[Closed] = []
    for changes in step.changes:
        opened |= {wait.token: wait for wait in changes.opened}
        closed.extend(changes.closed)
    gone = {item.token for item in closed}
    kept = [w for w in opened.values() if w.token not in gone or w.token in step.completed_tasks]
    return kept, closed


def _open(step: Step, wait: Wait, rows: _Rows) -> None:
    common = {
        "id": new_id(),
        "instance_id": step.instance.id,
        "token": wait.token,
        "element_id": wait.element.element_id,
    }
    if wait.kind == "user":
        _open_task(step, wait, common, rows)
    elif wait.kind == "timer" and wait.due_at is not None:
        state = "armed" if step.instance.state == "active" else "held"
        due = {"due_at": wait.due_at, "run_at": wait.due_at}
        of = {"process_id": step.instance.process_id}
        rows.timers.append({**common, **of, **due, "attempts": 0, "state": state})
    elif wait.kind == "job":
        rows.jobs.append(_job(step, wait, common))
    elif wait.kind in ("message", "signal"):
        rows.subscriptions.append(
            {
                **common,
                "kind": wait.kind,
                "name": wait.message_name or wait.signal_name,
                "correlation_key": wait.correlation_key,
            }
        )


def _open_task(step: Step, wait: Wait, common: dict[str, Any], rows: _Rows) -> None:
    element = wait.element
    due_at, due_kind = earliest(wait.due_date, step.limits)
    done = step.completed_tasks.get(wait.token)
    complaint_no, four_eyes = step.case.complaint_no if step.case else None, _four_eyes(step, wait)
    groups = groups_of(step, wait, Checked(common["id"], step.instance.id, complaint_no, four_eyes))
    row = {
        **common,
        "process_id": wait.process_id,
        "name": element.name or element.element_id,
        "labels": dict(element.labels),
        "form_id": wait.form_id or element.form_id or None,
        "complaint_no": complaint_no,
        "state": "completed" if done else "open",
        "assignee": done.username if done else _assignee(step, wait, groups),
        "owner": None,
        "lent_at": None,
        "lent_until": None,
        "candidate_groups": list(groups),
        "four_eyes": four_eyes,
        "own_due_at": wait.due_date,
        "due_at": due_at,
        "due_kind": due_kind,
        "follow_up_at": wait.follow_up_date,
        "priority": wait.priority,
        "created_at": step.now,
        "ended_at": step.now if done else None,
        "completed_by": done.username if done else None,
        "end_reason": "completed" if done else None,
        "restricted": step.case is not None and step.case.restricted,
        "kind": "",
    }
    if done:
        row["id"] = done.task_id
    else:
        stands = step.case.place if step.case else NOWHERE
        row["kind"] = kind_of(wait.process_id, element.element_id, stands.traits)
        rows.groups.extend(
            {
                "task_id": row["id"],
                "group_name": group,
                "element_id": row["element_id"],
                "is_free": row["assignee"] is None,
                "due_at": due_at,
                "instance_id": row["instance_id"],
                "complaint_no": row["complaint_no"],
                "received_at": stands.received_at,
                "limit_at": stands.limit_at,
                "kind": row["kind"],
            }
            for group in set(groups)
        )
    rows.tasks.append(row)


def _assignee(step: Step, wait: Wait, groups: Collection[str]) -> str | None:
    """Whom the diagram gives the task to; nobody where they have left meanwhile: its groups take it (R2)."""
    name = wait.assignee or None
    if name is None or name == step.actor.username or not groups:
        return name
    return None if _LEFT.one_or_none(step.session, {"username": name}) else name


def _four_eyes(step: Step, wait: Wait) -> list[str]:
    """The elements whose doers may not do this task (R24); a start event stands for who started the
    instance, an element of another process for what was done anywhere in the case (Art. 20).
    """
    drawn = [part.strip() for part in wait.element.custom.get("redress:four-eyes", "").split(",")]
    elements = step.bundle_of(wait.process_id).compiled.elements(wait.process_id)
    starts = [name for name in drawn if name in elements and elements[name].kind == "startEvent"]
    return [
        STARTER
        if name in starts
        else name
        if name in elements or name in FOUR_EYES_WHO
        else f"{OF_CASE}{name}"
        for name in drawn
        if name
    ]


def _job(step: Step, wait: Wait, common: dict[str, Any]) -> dict[str, Any]:
    return {
        **common,
        "type": wait.job_type,
        "payload": {
            "headers": dict(wait.element.job_headers),
            "variables": plain(dict(step.workflow.scope(wait.token))),
            "complaint_no": step.case.complaint_no if step.case else None,
            "business_key": step.instance.business_key,
            "element_id": wait.element.element_id,
        },
        "state": "ready" if step.instance.state == "active" else "held",
        "retries": wait.job_retries,
        "attempts": 0,
        "run_at": step.now,
        "created_at": step.now,
    }


_TASK, _GROUP, _TIMER = table_of(Task), table_of(TaskGroup), table_of(Timer)
_JOB, _SUBSCRIPTION, _DRAFT = table_of(Job), table_of(Subscription), table_of(TaskDraft)
_PERSON = table_of(Person)
_LEFT = Prepared(
    select(_PERSON.c.id).where(_PERSON.c.username == bindparam("username"), _PERSON.c.active.is_(False))
)
_INSERT_TASKS, _INSERT_GROUPS = Prepared(insert(_TASK)), Prepared(insert(_GROUP))
_INSERT_TIMERS = Prepared(insert(_TIMER))
_INSERT_SUBSCRIPTIONS = Prepared(insert(_SUBSCRIPTION))


def _of_token(table: Table) -> ColumnElement[bool]:
    return and_(table.c.instance_id == bindparam("instance"), table.c.token == bindparam("of"))


_DRAWN = (
    "element_id",
    "process_id",
    "name",
    "labels",
    "form_id",
    "candidate_groups",
    "four_eyes",
    "own_due_at",
    "due_at",
    "due_kind",
    "follow_up_at",
    "priority",
    "kind",
)
"""The columns of a task that come from its diagram."""


_TASK_OF = select(_TASK.c.id).where(_of_token(_TASK))
_REWRITE_TASK = (
    update(_TASK)
    .where(_of_token(_TASK), _TASK.c.state == "open")
    .values({name: bindparam(f"to_{name}") for name in _DRAWN})
)
_REWRITE_TIMER = (
    update(_TIMER)
    .where(_of_token(_TIMER))
    .values(
        element_id=bindparam("to"),
        run_at=case((_TIMER.c.due_at == bindparam("due"), _TIMER.c.run_at), else_=bindparam("due")),
        due_at=bindparam("due"),
    )
)
_REWRITE_SUBSCRIPTION = (
    update(_SUBSCRIPTION)
    .where(_of_token(_SUBSCRIPTION))
    .values(element_id=bindparam("to"), name=bindparam("named"), correlation_key=bindparam("key"))
)
_REWRITE_JOB = (
    update(_JOB)
    .where(_of_token(_JOB), _JOB.c.state.in_(("ready", "held", "dead")))
    .values(element_id=bindparam("to"), payload=bindparam("held"))
)
