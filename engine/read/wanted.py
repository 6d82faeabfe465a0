"""The filters of a task list, and what is left of them once the database was asked how far they narrow it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.read.kinds import open_kinds
from engine.read.narrow import few_complaints, is_wide
from engine.read.task_text import Word
from engine.read.visibility import COMPLAINT, TASK
from engine.store.base import table_of
from engine.store.kinds import Kind
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Task
from engine.store.unindexed import Unindexed

STATES = ("open", "completed", "withdrawn")
_NONE: frozenset[str] = frozenset()
_OF_KIND = ("process_id", "element_id", "grade", "category", "channel")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a task list, names resolved; what is None does not narrow it."""

    state: str | None = None
    complaint_no: str | None = None
    instance_id: str | None = None
    assignees: frozenset[str] | None = None
    owners: frozenset[str] | None = None
    borrowed: bool = False
    """Whether those alone are wanted that somebody lent to who has them."""
    groups: frozenset[str] | None = None
    process_id: str | None = None
    element_id: str | None = None
    grade: int | None = None
    category: str | None = None
    channel: str | None = None
    due_before: datetime | None = None
    put_off: bool | None = None
    words: tuple[Word, ...] = ()
    unassigned: bool = False
    text: ColumnElement[bool] | None = None
    """What of the words is still to be asked of each task."""
    steps: frozenset[str] | None = None
    """The steps at which words are found."""
    kinds: frozenset[str] | None = None
    """Of open tasks: the kinds that have what is wanted; then the filters that they answer are None."""
    numbers: frozenset[str] | None = None
    """Where few complaints come into question: theirs alone."""
    reader: Actor | None = None
    """Who looks: tasks of complaints about them are left out."""
    few_put_off: bool = False
    """Whether so few tasks are put off that they are read instead of looked for."""

    @property
    def facts(self) -> list[tuple[ColumnElement[Any], Any]]:
        """The columns of the complaint that are to have a value."""
        exact = (
            (COMPLAINT.grade, self.grade),
            (COMPLAINT.category, self.category),
            (COMPLAINT.channel, self.channel),
        )
        return [(column, value) for column, value in exact if value is not None]

    @property
    def of_complaint(self) -> list[ColumnElement[bool]]:
        """The filters that the complaint's row answers, once a task has led to it."""
        return [Unindexed(column) == value for column, value in self.facts]

    @property
    def states(self) -> tuple[str, ...]:
        """The states in which wanted tasks may be: only open ones belong to groups."""
        if self.groups is not None:
            return ("open",) if self.state in (None, "open") else ()
        return STATES if self.state is None else (self.state,)

    @property
    def has_ended(self) -> bool:
        """Whether ended tasks are wanted, of which there is no end."""
        return self.states != ("open",)

    @property
    def is_pinned(self) -> bool:
        """Whether the tasks of one case or instance, or of few of them, are wanted."""
        narrow = (self.complaint_no, self.instance_id, self.numbers)
        return self.few_put_off or any(each is not None for each in narrow)

    @property
    def is_of_somebody(self) -> bool:
        """Whether few tasks are wanted, however they are sorted: those of a person, too."""
        return self.is_pinned or self.assignees is not None or self.owners is not None

    @property
    def names_kinds(self) -> bool:
        """Whether filters are left that the kinds of open tasks answer."""
        return bool(self.words) or any(getattr(self, name) is not None for name in (*_OF_KIND, "steps"))

    @property
    def is_nothing(self) -> bool:
        """Whether no task can be what is wanted."""
        return _NONE in (self.kinds, self.numbers) or not self.states


def narrowed(session: Session, wanted: Wanted) -> list[Wanted]:
    """Return wishes that together are this one, each as narrow as a few looks at indexes can make it.

    What would be rare is looked for along all open tasks, in vain; what is frequent is met soon.
    """
    if wanted.put_off:
        waiting = select().select_from(table_of(Task)).where(TASK.follow_up_at > clock.now())
        wanted = replace(wanted, few_put_off=not is_wide(session, [waiting]))
    if wanted.has_ended:
        found = [_of_few_complaints(session, _with_words(wanted, wanted.words))]
    else:
        kinds = open_kinds(session) if wanted.names_kinds else []
        found = [_of_kinds(way, kinds) for way in _ways(wanted)]
    return [each for each in found if not each.is_nothing]


def _ways(wanted: Wanted) -> list[Wanted]:
    """Words that are found at steps alone, or in few cases alone, narrow the tasks; one that is found in both
    ways makes two lists; all others are conditions.
    """
    steps, numbers, rest = wanted.steps, wanted.numbers, []
    for word in wanted.words:
        if word.numbers is not None and not word.numbers:
            steps = word.steps if steps is None else steps & word.steps
        elif word.numbers is not None and not word.steps:
            numbers = word.numbers if numbers is None else numbers & word.numbers
        else:
            rest.append(word)
    split = next((word for word in rest if word.numbers is not None), None)
    if split is None or steps is not None or numbers is not None:
        return [replace(_with_words(wanted, rest), steps=steps, numbers=numbers)]
    found = _with_words(wanted, [word for word in rest if word is not split])
    return [replace(found, steps=split.steps), replace(found, numbers=split.numbers)]


def _with_words(wanted: Wanted, words: Sequence[Word]) -> Wanted:
    """Return the same wish with these words as a condition."""
    return replace(wanted, words=(), text=and_(*(word.condition for word in words)) if words else None)


def _of_kinds(wanted: Wanted, kinds: Iterable[Kind]) -> Wanted:
    """Return the same wish with the kinds that fit it in the place of the filters which they answer."""
    if not wanted.names_kinds:
        return wanted
    exact = {name: value for name in _OF_KIND if (value := getattr(wanted, name)) is not None}
    fitting = frozenset(
        kind.text
        for kind in kinds
        if all(getattr(kind, name) == value for name, value in exact.items())
        and (wanted.steps is None or kind.element_id in wanted.steps)
    )
    answered: dict[str, Any] = dict.fromkeys((*_OF_KIND, "steps"))
    return replace(wanted, **answered, kinds=fitting)


def _of_few_complaints(session: Session, wanted: Wanted) -> Wanted:
    """Return the same wish for the few complaints that fit it, where they are few.

    No task is of a process that nobody ever deployed.
    """
    if wanted.process_id is not None and not _is_deployed(session, wanted.process_id):
        return replace(wanted, numbers=_NONE)
    if not wanted.facts:
        return wanted
    return replace(
        wanted, numbers=few_complaints(session, *(column == value for column, value in wanted.facts))
    )


def _is_deployed(session: Session, process_id: str) -> bool:
    query = select(Definition.process_id).where(Definition.process_id == process_id)
    return session.scalars(query.limit(1)).first() is not None
