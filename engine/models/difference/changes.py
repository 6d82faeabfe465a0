"""What is told of a difference: files, what they draw, and each fact before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

What = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class FactChange:
    """One thing that an element says, before and after; empty where it says nothing."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a file as people know it, and all that it says, by key."""

    element_id: str
    kind: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    """Where it is drawn; a difference here alone changes nothing but the picture."""


@dataclass(frozen=True, slots=True)
class Change:
    """An element that a version adds, removes, changes, or only draws elsewhere."""

    what: What
    element: Element
    facts: tuple[FactChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of a decision table: its number (the old one where it was removed) and its cells."""

    what: What
    number: int
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The cells, each before and after."""
        most = max(len(self.before), len(self.after))
        before, after = (each + ("",) * (most - len(each)) for each in (self.before, self.after))
        return list(zip(before, after, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table of which rules changed; `columns` are those of its new version."""

    decision_id: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file of which something changed."""

    path: str
    kind: str
    what: What
    changes: tuple[Change, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def moved(self) -> int:
        """How many elements are only drawn elsewhere."""
        return sum(change.what == "moved" for change in self.changes)

    @property
    def told(self) -> tuple[Change, ...]:
        """What changed in meaning."""
        return tuple(change for change in self.changes if change.what != "moved")


def compare_facts(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FactChange, ...]:
    """Return what differs, in the order of the new version, what is gone last."""
    keys = [*after, *(key for key in before if key not in after)]
    pairs = ((key, before.get(key, ""), after.get(key, "")) for key in keys)
    return tuple(FactChange(key, old, new) for key, old, new in pairs if old != new)


def compare_elements(before: Mapping[str, Element], after: Mapping[str, Element]) -> tuple[Change, ...]:
    """Return what became of each element, in the order of the new version, what was removed last."""
    changes = []
    for element_id, element in after.items():
        old = before.get(element_id)
        if old is None:
            changes.append(Change("added", element, compare_facts({}, element.facts)))
        elif facts := compare_facts(old.facts, element.facts):
            changes.append(Change("changed", element, facts))
        elif old.place != element.place:
            changes.append(Change("moved", element))
    gone = (element for element_id, element in before.items() if element_id not in after)
    return (*changes, *(Change("removed", element) for element in gone))
