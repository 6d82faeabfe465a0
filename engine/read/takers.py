"""Who could have a task instead, and who may not and why: asked by those who give tasks away.

The verbs decide (`assign`, `delegate`); this says beforehand what they would say, for many tasks at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.roles import TRAINED
from engine.read.four_eyes import Bar, Checked, barred_each
from engine.read.visibility import COMPLAINT, TASK
from engine.store.tables.people import Person

GROUP, TRAINING, ABOUT = "@group", "@training", "@about"
"""Why somebody may not have a task, beside four eyes: they are in none of its groups, their training has
expired (R67), or its complaint is about them (Art. 17).
"""
_PERSON = Person.__table__.c


def takers(
    session: Session, people: Mapping[str, Collection[str]], task_ids: Iterable[str]
) -> dict[str, dict[str, Bar | None]]:
    """Return of each task, by its id, what keeps each of `people` (usernames with their roles) from it: None
    where they may have it.
    """
    ids = sorted(set(task_ids))
    columns = (TASK.id, TASK.instance_id, TASK.complaint_no, TASK.four_eyes, TASK.candidate_groups)
    tasks = session.execute(select(*columns).where(TASK.id.in_(ids))).all()
    trained, accused = _trained(session, people), _accused(session, tasks)
    found: dict[str, dict[str, Bar | None]] = {task.id: {} for task in tasks}
    asked: dict[str, list[Checked]] = {username: [] for username in people}
    for username, roles in people.items():
        groups = set(roles) if username in trained else set(roles) - TRAINED
        for task in tasks:
            bar = found[task.id][username] = _bar(task, username, roles, groups, accused)
            if bar is None:
                checked = Checked(task.id, task.instance_id, task.complaint_no, task.four_eyes)
                asked[username].append(checked)
    for username, barred in barred_each(session, asked).items():
        for task_id, four_eyes in barred.items():
            found[task_id][username] = four_eyes
    return found


def _bar(
    task: Any,
    username: str,
    roles: Collection[str],
    groups: Collection[str],
    accused: Mapping[str, Collection[str]],
) -> Bar | None:
    if task.complaint_no in accused[username]:
        return Bar(ABOUT)
    if not set(groups).isdisjoint(task.candidate_groups):
        return None
    return Bar(GROUP if set(roles).isdisjoint(task.candidate_groups) else TRAINING)


def _trained(session: Session, usernames: Iterable[str]) -> frozenset[str]:
    query = select(_PERSON.username).where(
        _PERSON.username.in_(sorted(usernames)), _PERSON.training_valid_until > clock.now()
    )
    return frozenset(session.scalars(query))


def _accused(session: Session, tasks: Iterable[Any]) -> Mapping[str, Collection[str]]:
    numbers = sorted({task.complaint_no for task in tasks if task.complaint_no is not None})
    query = select(COMPLAINT.accused, COMPLAINT.no).where(
        COMPLAINT.no.in_(numbers), COMPLAINT.accused.is_not(None)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for username, no in session.execute(query):
        found[username].add(no)
    return found
