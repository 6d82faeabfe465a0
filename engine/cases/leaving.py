"""Somebody leaves: the account is closed, and what was theirs goes back to those who can do it (R2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.cases.rows import COMPLAINT, lock_complaint
from engine.domain.complaint import UNFINISHED
from engine.errors import Conflict
from engine.people.accounts import superiors
from engine.people.actor import SYSTEM, Actor
from engine.people.administration import close_account
from engine.runtime.ledger import note_on_instance
from engine.runtime.open_task import give, lock_open_task
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.people import Person
from engine.store.tables.runtime import Instance, Task, TaskGroup
from engine.store.tables.workplace import Absence

AT_ONCE: Final = 50
"""So many tasks and cases go back in one transaction: nobody else who writes waits long."""
_INSTANCE = table_of(Instance)


@dataclass(frozen=True, slots=True)
class Left:
    """How many tasks went back to their groups, and how many cases lost their handler."""

    tasks: int
    cases: int


def leave(rt: Runtime, actor: Actor, username: str) -> Left:
    """Close an account and give back what was theirs. Raises NotFound, Forbidden, Conflict."""
    with rt.sessions.step() as session:
        close_account(session, actor, username)
    return give_back(rt, actor, username)


def who_counts_on(session: Session, username: str) -> tuple[list[str], list[str]]:
    """Return who counts on somebody who has left: whose superior they are, and for whom they were to stand in
    from now on (active people, by user name). Others have to be named.
    """
    person = select(Person.id).where(Person.username == username).scalar_subquery()
    reports = select(Person.username).where(Person.superior_id == person, Person.active)
    absent = select(Person.username).where(
        Person.active,
        Person.id.in_(
            select(Absence.person_id).where(Absence.substitute_id == person, Absence.ends_at > clock.now())
        ),
    )
    told = [session.scalars(query.order_by(Person.username)).all() for query in (reports, absent)]
    return list(told[0]), list(told[1])


def give_back(rt: Runtime, actor: Actor, *usernames: str, groups: frozenset[str] | None = None) -> Left:
    """Give the open tasks of people who may not do them any more back to their groups (those without one to
    the superior), and their open cases to whoever takes them next; with `groups` only tasks of these.

    Some at once, each some in a transaction; a second call carries on where the first was broken off.
    """
    with rt.sessions.read() as session:
        cases = session.execute(
            select(COMPLAINT.c.instance_id, COMPLAINT.c.no, COMPLAINT.c.handler).where(
                COMPLAINT.c.handler.in_(usernames),
                COMPLAINT.c.status.in_(UNFINISHED),
                COMPLAINT.c.instance_id.is_not(None),
            )
        ).all()
        held = select(Task.instance_id, Task.id, Task.assignee)
        held = held.where(Task.state == "open", Task.assignee.in_(usernames))
        if groups is not None:
            of_groups = select(TaskGroup.task_id).where(TaskGroup.group_name.in_(sorted(groups)))
            held = held.where(Task.id.in_(of_groups))
        tasks = session.execute(held).all()
    everything = [_Held(str(row.instance_id), row.no, str(row.handler), _free_case) for row in cases]
    everything += [_Held(row.instance_id, row.id, str(row.assignee), _release) for row in tasks]
    everything.sort(key=lambda each: (each.instance_id, each.what), reverse=True)
    freed: Counter[_Free] = Counter()
    for first in range(0, len(everything), AT_ONCE):
        freed += _give_back(rt, actor, everything[first : first + AT_ONCE])
    return Left(freed[_release], freed[_free_case])


_Free = Callable[[Session, Actor, str, str], bool]


@dataclass(frozen=True, slots=True)
class _Held:
    """A case (by number) or task (by id) of somebody, and how it is given back."""

    instance_id: str
    what: str
    username: str
    free: _Free


def _give_back(rt: Runtime, actor: Actor, some: Sequence[_Held]) -> Counter[_Free]:
    """Give some back in one transaction, all their instances locked before: the newest first, as who locks
    those of a case does.
    """
    instances = sorted({each.instance_id for each in some})
    with rt.sessions.step() as session:
        locked = select(_INSTANCE.c.id).where(_INSTANCE.c.id.in_(instances))
        session.execute(locked.order_by(_INSTANCE.c.id.desc()).with_for_update())
        return Counter(each.free for each in some if each.free(session, actor, each.what, each.username))


def _free_case(session: Session, actor: Actor, no: str, username: str) -> bool:
    row = lock_complaint(session, no)
    if row is None or row["handler"] != username or not row["instance_id"]:
        return False
    session.execute(
        update(COMPLAINT).where(COMPLAINT.c.no == no).values(handler=None, version=COMPLAINT.c.version + 1)
    )
    entry = Entry("handler.released", {"complaint_no": no, "username": username})
    note_on_instance(session, row["instance_id"], actor, [entry])
    return True


def _release(session: Session, actor: Actor, task_id: str, username: str) -> bool:
    try:
        task = lock_open_task(session, task_id, SYSTEM)  # nothing keeps work with somebody who has left
    except Conflict:
        return False  # it ended in this very moment
    if task.assignee != username or task.restricted:  # compliance names somebody else for a part in a file
        return False
    heir = None if task.candidate_groups else _heir(session, username)
    give(session, task.id, assignee=heir, owner=None)
    data = {"task": task.id, "from": username, "to": heir}
    entry = Entry("task.released", data, task.element_id, task.name)
    note_on_instance(session, task.instance_id, actor, [entry])
    return True


def _heir(session: Session, username: str) -> str | None:
    """The nearest superior who has not left themselves."""
    above = superiors(session, username)
    active = set(session.scalars(select(Person.username).where(Person.username.in_(above), Person.active)))
    return next((name for name in above if name in active), None)
