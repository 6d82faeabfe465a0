"""Which groups the deployed models hand tasks to, and whether somebody active is in each (R2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.models.bundle import file_kind
from engine.models.dialects.zeebe import ModelIndex, read_properties
from engine.models.properties import ElementProperties
from engine.models.vocabulary import DEPUTIES, GROUP
from engine.models.xml import parse_model
from engine.store.tables.people import Person, PersonRole


@dataclass(frozen=True, slots=True)
class GroupOfTasks:
    """A group with how many active people are in it, and the tasks that are drawn for it."""

    group: str
    members: int
    elements: tuple[ElementProperties, ...]


def groups_of_tasks(session: Session, files: Mapping[str, bytes]) -> list[GroupOfTasks]:
    """Return the groups that model files (by path) name, those without anybody first."""
    members = dict(
        session.execute(
            select(PersonRole.role, func.count())
            .join(Person, Person.id == PersonRole.person_id)
            .where(Person.active)
            .group_by(PersonRole.role)
        ).all()
    )
    drawn = _drawn(files)
    found = [GroupOfTasks(name, members.get(name, 0), tuple(drawn[name])) for name in sorted(drawn)]
    return sorted(found, key=lambda each: each.members > 0)


def _drawn(files: Mapping[str, bytes]) -> dict[str, list[ElementProperties]]:
    """Return the elements by the group that they name; a group that an expression gives is not known here."""
    drawn: dict[str, list[ElementProperties]] = defaultdict(list)
    for path, content in sorted(files.items()):
        if file_kind(path) != "bpmn":
            continue
        root = parse_model(content, path)
        index = ModelIndex(root)
        for node in root.iter("{*}assignmentDefinition", "{*}property"):
            said = node.get("value") if node.get("name") in (GROUP, DEPUTIES) else None
            names = node.get("candidateGroups") or said
            if not names or names.startswith("="):
                continue
            element = next(each for each in node.iterancestors() if each.get("id"))
            for name in filter(None, map(str.strip, names.split(","))):
                drawn[name].append(read_properties(element, index))
    return drawn
