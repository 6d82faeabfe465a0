"""Where instances are found, for the trail of somebody who may not see all: ranges to be merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.read.caselist import Found, of_own_tasks
from engine.read.narrow import is_wide
from engine.read.paging import Order
from engine.read.visibility import COMPLAINT, GROUP, INSTANCE, TASK, instances_not_about, open_trail
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance, TaskGroup
from engine.store.unindexed import Unindexed

_COMPLAINT, _INSTANCE, _GROUP = (table_of(each) for each in (Complaint, Instance, TaskGroup))
_ENDED = ("completed", "cancelled")


@dataclass(frozen=True, slots=True)
class WantedInstances:
    """The filters of a trail; what is None does not narrow it."""

    reader: Actor
    """Who looks: instances of complaints about them are left out."""
    state: str | None = None
    process_id: str | None = None
    business_key: str | None = None

    @property
    def filters(self) -> list[tuple[ColumnElement[Any], str]]:
        """The columns that are to have a value."""
        exact = (
            (INSTANCE.state, self.state),
            (INSTANCE.process_id, self.process_id),
            (INSTANCE.business_key, self.business_key),
        )
        return [(column, value) for column, value in exact if value is not None]

    def exact(self) -> list[ColumnElement[bool]]:
        """Return the filters as conditions by which instances are found."""
        exact = [column == value for column, value in self.filters]
        return [*exact, *instances_not_about(self.reader)]

    def asked(self) -> list[ColumnElement[bool]]:
        """Return the filters as conditions on an instance that was found by something else."""
        asked = [Unindexed(column) == value for column, value in self.filters]
        return [*asked, *instances_not_about(self.reader)]


def trail_sources(session: Session, wanted: WantedInstances) -> list[Found]:
    """Return where the wanted instances that the actor may see are found, the newest first."""
    actor, found = wanted.reader, _own(wanted)
    groups = () if wanted.state in _ENDED else sorted(actor.groups)  # what has ended waits for nobody
    # Restricted tasks wait for a group that may read all instances.
    few = select(INSTANCE.id).where(*wanted.exact())
    if groups and wanted.filters and not is_wide(session, [few.with_only_columns()]):
        for group in groups:
            of_group = select().select_from(_GROUP).where(GROUP.group_name == group)
            found.append(_newest(of_group.where(GROUP.instance_id.in_(few)), Unindexed(GROUP.instance_id)))
        return found
    for group in groups:
        of_group = _joined(_GROUP, GROUP.instance_id, wanted).where(GROUP.group_name == group)
        found.append(_newest(of_group, GROUP.instance_id))
    return found


def _own(wanted: WantedInstances) -> list[Found]:
    """What the actor started, has or had a task of, or whose case is theirs or was registered by them."""
    actor, rest = wanted.reader, wanted.asked()
    mine = select().select_from(_INSTANCE).where(open_trail(actor), *rest)
    own = INSTANCE.id.in_(of_own_tasks(actor, TASK.instance_id))
    found = [
        _newest(mine.where(INSTANCE.started_by == actor.username), INSTANCE.id),
        _newest(mine.where(own), Unindexed(INSTANCE.id)),
    ]
    for column in (COMPLAINT.handler, COMPLAINT.created_by):
        of_case = _joined(_COMPLAINT, COMPLAINT.instance_id, wanted)
        of_case = of_case.where(column == actor.username, COMPLAINT.instance_id.is_not(None))
        found.append(_newest(of_case, COMPLAINT.instance_id))
    return found


def _newest(query: Select[Any], column: ColumnElement[Any]) -> Found:
    return query.distinct(), Order("newest", (column,), descending=True)


def _joined(table: FromClause, instance: ColumnElement[Any], wanted: WantedInstances) -> Select[Any]:
    rest = wanted.asked()
    tables = table.join(_INSTANCE, INSTANCE.id == instance) if rest else table
    return select().select_from(tables).where(*rest)
