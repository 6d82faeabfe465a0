"""What must hold after any fault: one check for all of the harness, on the database as it was left.

It restores every state, reads every row and every entry of the trail, and compares them with one another and
with what the load was told. It returns sentences; an empty list is a proof.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Redress
from engine.audit.verify import verify
from engine.people.actor import SYSTEM
from engine.runtime.form_context import read_step
from engine.store.tables.audit import History, HistoryValue
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification, Person, PersonRole
from engine.store.tables.runtime import Incident, Instance, Subscription, Task, Timer
from tests.faults import drawn
from tests.faults.load import Ledger

Row = tuple[str, int, str]
ARMED_BY = {"pause": ("task.completed", "first"), "reminder": ("task.created", "second")}
AFTER = {"pause": timedelta(seconds=drawn.PAUSE_S), "reminder": timedelta(days=2)}


def problems(
    redress: Redress, ledger: Ledger | None = None, *, settled: bool = False, poisoned: Collection[str] = ()
) -> list[str]:
    """Return what does not hold, in words.

    `settled` says that nothing is left to be done: every instance of `work` has ended. `poisoned` are
    instances that were made unable to go on: they must be told as incidents, and nothing else may be.
    """
    with redress.sessions.read() as session:
        found = [f"the trail: {each}" for each in verify(session).problems]
        found += _rows_are_waits(redress, session, poisoned)
        found += _tasks_are_told_once(session)
        found += _timers(session)
        found += _effects(session, ledger)
        found += _incidents(session, poisoned)
        if ledger is not None:
            found += ledger.surprises
            found += _starts(session, ledger)
            found += _completions(session, ledger)
        if settled:
            found += _unsettled(session)
    return found


def _rows_are_waits(redress: Redress, session: Session, poisoned: Collection[str]) -> Iterator[str]:
    """Open rows are what the engine waits for: by instance, token and element, and timers by their time."""
    rows: dict[str, Counter[Any]] = defaultdict(Counter)
    for kind, table, of in (
        ("user", Task, Task.state == "open"),
        ("timer", Timer, True),
        ("job", Job, Job.token.is_not(None) & Job.state.in_(("ready", "dead"))),
        ("event", Subscription, True),
    ):
        extra = [Timer.due_at] if table is Timer else []
        query = select(table.instance_id, table.token, table.element_id, *extra)
        for instance_id, *row in session.execute(query.where(of)):
            rows[instance_id][(kind, *row)] += 1
    instances = session.execute(select(Instance.id, Instance.state).order_by(Instance.id)).all()
    for instance_id, state in instances:
        if instance_id in poisoned:
            continue
        waits = _waits(redress, session, instance_id) if state in ("active", "suspended") else Counter()
        if rows[instance_id] != waits:
            lost, extra_rows = waits - rows[instance_id], rows[instance_id] - waits
            yield f"{instance_id} ({state}): waits without a row {list(lost)}, rows beyond {list(extra_rows)}"


def _waits(redress: Redress, session: Session, instance_id: str) -> Counter[Any]:
    kinds = {"message": "event", "signal": "event"}
    step = read_step(redress.runtime, session, instance_id, SYSTEM)
    return Counter(
        (
            kinds.get(wait.kind, wait.kind),
            wait.token,
            wait.element.element_id,
            *([wait.due_at] if wait.kind == "timer" else []),
        )
        for wait in step.workflow.waits()
    )


def _told(session: Session, *kinds: str) -> list[tuple[str, str, datetime, dict[str, Any], int]]:
    query = select(History.stream, History.element_id, History.at, History.data, History.seq)
    return [
        (stream, element, at, json.loads(data), seq)
        for stream, element, at, data, seq in session.execute(
            query.where(History.kind.in_(kinds)).order_by(History.stream, History.seq)
        )
    ]


def _tasks_are_told_once(session: Session) -> Iterator[str]:
    """Each completed task has one entry in the trail, and each entry its task."""
    told = Counter(data["task"] for _, _, _, data, _ in _told(session, "task.completed"))
    done = Counter(session.scalars(select(Task.id).where(Task.state == "completed")))
    for task, times in (told - done).items():
        yield f"task {task} was completed {times} time(s) too often by its trail"
    for task in done - told:
        yield f"task {task} is completed without an entry in its trail"


def _timers(session: Session) -> Iterator[str]:
    """Each timer fires once, and not before its time."""
    armed: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    by = {cause: element for element, cause in ARMED_BY.items()}
    kinds = {kind for kind, _ in ARMED_BY.values()}
    fired: Counter[Any] = Counter()
    for kind in sorted(kinds):
        for stream, element, at, _, _ in _told(session, kind):
            if (kind, element) in by:
                armed[(stream, by[kind, element])].append(at)
    for stream, element, at, data, _ in _told(session, "timer.fired"):
        fired[(stream, element, data["token"])] += 1
        if element in AFTER and (stream, element) in armed:
            due = armed[stream, element][0] + AFTER[element]
            if at < due:
                yield f"{stream}: {element} fired at {at}, {due - at} before its time"
    for (stream, element, _), times in fired.items():
        if times > 1:
            yield f"{stream}: {element} fired {times} times"


def _effects(session: Session, ledger: Ledger | None) -> Iterator[str]:
    """Each job that is done had its effect, once under its key; nothing had an effect without a job."""
    jobs = {
        job_id: (kind, state) for job_id, kind, state in session.execute(select(Job.id, Job.type, Job.state))
    }
    told = select(Person.id).join(PersonRole, PersonRole.person_id == Person.id)
    supervisors = len(session.scalars(told.where(PersonRole.role == "supervisors", Person.active)).all())
    notices = Counter(key.partition(":")[0] for key in session.scalars(select(Notification.source_key)))
    thrown = len(_told(session, "message.thrown"))
    receipts = len(session.scalars(select(Instance.id).where(Instance.process_id == drawn.RECEIPT)).all())
    sent = [state for kind, state in jobs.values() if kind == "redress:message"]
    if thrown != len(sent):
        yield f"{thrown} messages were thrown, {len(sent)} jobs send them"
    if receipts != sent.count("done"):
        yield f"{receipts} receipts of {sent.count('done')} messages that were delivered"
    for job_id, (kind, state) in jobs.items():
        if kind == "notify" and state == "done" and notices[job_id] != supervisors:
            yield f"job {job_id} is done, and {notices[job_id]} of {supervisors} supervisors got its notice"
        if ledger is not None and kind == drawn.OUTSIDE and state == "done" and not ledger.delivered[job_id]:
            yield f"job {job_id} is done and was never delivered"
    if ledger is not None:
        for job_id in ledger.ended_jobs:
            if jobs.get(job_id) != (drawn.OUTSIDE, "done"):
                yield f"the end of job {job_id} was acknowledged; it is {jobs.get(job_id)}"


def _incidents(session: Session, poisoned: Collection[str]) -> Iterator[str]:
    found = Counter(session.scalars(select(Incident.instance_id).where(Incident.state == "open")))
    for instance_id in set(found) - set(poisoned):
        yield f"{instance_id}: an incident, and nothing is wrong with it"
    for instance_id in poisoned:
        if found[instance_id] != 1:
            yield f"{instance_id}: {found[instance_id]} incidents of an instance that cannot go on"


def _starts(session: Session, ledger: Ledger) -> Iterator[str]:
    """Each acknowledged start is there once; no start is there twice, acknowledged or not."""
    query = select(Instance.business_key, Instance.id).where(Instance.process_id == drawn.WORK)
    there: dict[str, list[str]] = defaultdict(list)
    for key, instance_id in session.execute(query):
        there[key].append(instance_id)
    for key, instance_id in ledger.started.items():
        if there[key] != [instance_id]:
            yield f"the start {key} was acknowledged as {instance_id}; there is {there[key] or 'nothing'}"
    for key in ledger.asked - set(ledger.started):
        if len(there[key]) > 1:
            yield f"the start {key} acted {len(there[key])} times"


def _completions(session: Session, ledger: Ledger) -> Iterator[str]:
    """Each acknowledged completion is there once, with the value that was given; what was refused is not."""
    values = {
        (stream, seq): json.loads(value)
        for stream, seq, value in session.execute(
            select(HistoryValue.stream, HistoryValue.seq, HistoryValue.value).where(
                HistoryValue.name == "value"
            )
        )
    }
    told: dict[str, list[Any]] = defaultdict(list)
    for stream, _, _, data, seq in _told(session, "task.completed"):
        told[data["task"]].append((stream, values.get((stream, seq))))
    for task, given in ledger.completed.items():
        if told[task] != [given]:
            yield f"the completion of {task} by {given} was acknowledged; there is {told[task] or 'nothing'}"
    if drawn.SPOILT in values.values():
        yield "a completion that was refused is in the trail"


def _unsettled(session: Session) -> Iterable[str]:
    active = session.scalars(
        select(Instance.id).where(Instance.process_id == drawn.WORK, Instance.state != "completed")
    )
    for instance_id in active:
        yield f"{instance_id} has not come to its end"
