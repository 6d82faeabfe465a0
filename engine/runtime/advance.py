"""THE transaction of a step: lock the instance, act, run to the next wait states, write all of it, once.

Everything that a step changes is written here and committed by the verb that opened the session: the
workflow's state, what it waits for, the business record and the history. Inside a step there is no
network, no mail, no file. A workflow is taken out of memory for the step and put back after the commit
under its new version; any exception drops it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from engine import clock, logs, metrics
from engine.audit import Entry, Head, chain
from engine.errors import Conflict, NotActive, NotFound, StateUnreadable
from engine.people.actor import Actor
from engine.runtime import projection
from engine.runtime.buffered import take_buffered
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.open_task import LOCKED
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Workflow
from engine.runtime.step import InstanceRow, Step
from engine.runtime.wreck import Wreck
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.prepared import Prepared
from engine.store.sessions import after_commit, after_rollback
from engine.store.tables.runtime import Instance

_COUNTED = {kind: metrics.STEPS.labels(kind) for kind in ("advance", "start")}
_INSTANCE = table_of(Instance)
_LOCK = Prepared(
    select(*(_INSTANCE.c[name] for name in LOCKED))
    .where(_INSTANCE.c.id == bindparam("instance"))
    .with_for_update()
)
_STATE = Prepared(select(_INSTANCE.c.workflow).where(_INSTANCE.c.id == bindparam("instance")))
_GOES_ON = ("version", "workflow", "history_seq", "history_hash")
_SAVE, _SAVE_STATE = (
    Prepared(
        update(_INSTANCE)
        .where(_INSTANCE.c.id == bindparam("instance"), _INSTANCE.c.version == bindparam("known_version"))
        .values({name: bindparam(name) for name in names})
    )
    for names in (_GOES_ON, (*_GOES_ON, "state", "ended_at"))
)
"""SQLite writes every index over a column that is named, whether its value changes or not."""
_INSERT = Prepared(insert(_INSTANCE))


@contextmanager
def open_step(
    rt: Runtime,
    session: Session,
    instance_id: str,
    actor: Actor,
    *,
    allow: tuple[str, ...] = ("active",),
    locked: Any = None,
    even_wrecked: bool = False,
) -> Iterator[Step]:
    """Lock an instance and give the step; what the block did is written at its end (not yet committed).

    `locked` is its row with the columns `LOCKED`, where the caller locked and read it in this transaction.
    Raises NotFound, or Conflict where the instance is not in one of the states `allow`, StateUnreadable where
    its state cannot be read; with `even_wrecked` the step has a `Wreck` then.
    """
    logs.mark(instance_id=instance_id)
    began = clock.monotonic()
    row = locked or _LOCK.one_or_none(session, {"instance": instance_id})
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    if row.state not in allow:
        raise NotActive(f"the instance is {row.state}; this needs one that is {' or '.join(allow)}")
    instance = InstanceRow.of(row, found_in=row.state)
    head = Head(row.id, row.history_seq, row.history_hash)
    step = _step(rt, session, instance, rt.bundles.get(session, row.bundle_id), head, actor)
    step.workflow = rt.workflows.take(row.id, row.version) or _restore(step, even_wrecked=even_wrecked)
    step.workflow.surroundings = step
    yield step
    _write(step)
    _time(session, "advance", began)


@contextmanager
def new_step(
    rt: Runtime,
    session: Session,
    process_id: str,
    actor: Actor,
    *,
    variables: Mapping[str, Any],
    business_key: str | None,
    version: int | None = None,
    instance_id: str | None = None,
    start_event: str | None = None,
) -> Iterator[Step]:
    """Begin an instance of the newest bundle (or `version`) and give its first step.

    `start_event` is the one to begin at; without it the plain one is taken.
    """
    began = clock.monotonic()
    definition = find_definition(session, process_id, version)
    bundle = rt.bundles.get(session, definition.bundle_id)
    if not bundle.compiled.executable(process_id):
        raise Conflict(
            f"the process {process_id!r} is drawn as not executable; set isExecutable in the modeler"
        )
    now = clock.now()
    instance = InstanceRow(
        instance_id or new_id(),
        process_id,
        bundle.id,
        business_key,
        "active",
        0,
        now,
        actor.username,
        is_new=True,
    )
    logs.mark(instance_id=instance.id)
    step = _step(rt, session, instance, bundle, Head(instance.id), actor)
    step.workflow = bundle.compiled.start(process_id, step, variables, start_event)
    step.note(
        Entry(
            "instance.started",
            {"process_id": process_id, "bundle": bundle.id, "version": definition.version},
            values=variables or None,
        )
    )
    yield step
    _write(step)
    _time(session, "start", began)


def _time(session: Session, kind: str, began: float) -> None:
    """Count the step and its time once it is committed."""
    counted = _COUNTED[kind]
    after_commit(session, lambda: counted.observe(clock.monotonic() - began))


def _step(
    rt: Runtime, session: Session, instance: InstanceRow, bundle: LoadedBundle, head: Head, actor: Actor
) -> Step:
    step = Step(rt, session, actor, clock.now(), instance, bundle, head, rt.functions(session))
    step.case = rt.business.bind(session, step)
    return step


def _restore(step: Step, *, even_wrecked: bool) -> Workflow:
    state: bytes = _STATE.one_or_none(step.session, {"instance": step.instance.id}).workflow
    try:
        return step.bundle.compiled.restore(state, step)
    except StateUnreadable as error:
        if not even_wrecked:
            raise
        return Wreck(step, state, error)


def _write(step: Step) -> None:
    """Write what the step did: history, state, business record, waits. One statement for each kind of row."""
    instance, session, rt = step.instance, step.session, step.rt
    if instance.state == "active":  # a suspended one takes its messages when it is resumed
        take_buffered(step)
    if instance.state == "active" and step.workflow.is_completed:
        instance.state, instance.ended_at = "completed", step.now
        step.note(Entry("instance.completed"))
    chain(step.writes, step.head, step.entries, actor=step.actor.username, at=step.now)
    _save_instance(step)
    limits_changed = step.case is not None and step.case.save()
    projection.project(step, limits_changed=limits_changed)
    step.writes.send_last(session)
    workflow, key, version = step.workflow, instance.id, instance.version + 1
    if instance.state == "active":
        after_commit(session, lambda: rt.workflows.put(key, version, workflow))
    after_rollback(session, lambda: rt.workflows.drop(key))
    after_commit(session, rt.wake)


def _save_instance(step: Step) -> None:
    instance = step.instance
    values = {
        "state": instance.state,
        "version": instance.version + 1,
        "ended_at": instance.ended_at,
        "workflow": step.workflow.dump(),
        "history_seq": step.head.seq,
        "history_hash": step.head.hash,
    }
    if instance.is_new:
        _insert_instance(step, values)
        return
    fence = {"instance": instance.id, "known_version": instance.version}
    save = _SAVE if instance.state == instance.found_in else _SAVE_STATE
    step.writes.add(save, [{**values, **fence}], fenced=True)


def _insert_instance(step: Step, values: dict[str, Any]) -> None:
    instance = step.instance
    begun = {
        "id": instance.id,
        "process_id": instance.process_id,
        "bundle_id": instance.bundle_id,
        "business_key": instance.business_key,
        "started_at": instance.started_at,
        "started_by": step.actor.username,
        "restricted": step.case is not None and step.case.restricted,
    }
    step.writes.add(_INSERT, [{**begun, **values}])
