"""List functions (DMN 1.5, table 76), and Camunda's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.limits import checked_list, checked_value
from engine.feel.types import kind_of
from engine.feel.values.compare import equal, identity, in_range, order
from engine.feel.values.functions import FeelFunction


def same(left: Any, right: Any) -> bool:
    """Return whether two members count as the same."""
    return equal(left, right) is True


def whole(number: Any) -> int:
    """Return a number as a place in a list. Raises ValueError unless it is whole."""
    if number != int(number):
        raise ValueError
    return int(number)


@builtin("list contains", "list: list, element: any")
def list_contains(members: Sequence[Any], element: Any) -> bool:
    """Return whether an element is among the members."""
    return any(same(member, element) or _inside(element, member) for member in members)


def _inside(element: Any, member: Any) -> bool:
    return kind_of(member) == "range" and kind_of(element) != "range" and in_range(element, member) is True


@builtin("count", "list: list")
def count(members: Sequence[Any]) -> int:
    """Return how many members there are."""
    return len(members)


@builtin("sublist", "list: list, start position: number, length?: number")
def sublist(members: Sequence[Any], start: Any, length: Any = None) -> Any:
    """Return the members from a place, counted from 1 or, below zero, from the end."""
    first = whole(start)
    if first == 0 or abs(first) > len(members):
        return None
    first = first - 1 if first > 0 else len(members) + first
    if length is None:
        return list(members[first:])
    size = whole(length)
    return list(members[first : first + size]) if size > 0 and first + size <= len(members) else None


@builtin("append", "list: list, item*: any")
def append(members: Sequence[Any], *items: Any) -> Any:
    """Return the list with more members behind."""
    return checked_list([*members, *items])


@builtin("concatenate", "list: list, lists*: list")
def concatenate(*lists: Sequence[Any]) -> Any:
    """Return one list of all members."""
    return checked_list([member for members in lists for member in members])


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(members: Sequence[Any], position: Any, item: Any) -> Any:
    """Return the list with `item` before the member at a place."""
    place = _place(members, position)
    return None if place is None else [*members[:place], item, *members[place:]]


def _place(members: Sequence[Any], position: Any) -> int | None:
    place = whole(position)
    if place == 0 or abs(place) > len(members):
        return None
    return place - 1 if place > 0 else len(members) + place


@builtin("list replace", "list: list, position: number, newItem: any")
def replace_at(members: Sequence[Any], position: Any, item: Any) -> Any:
    """Return the list with another member at a place."""
    place = _place(members, position)
    return None if place is None else [*members[:place], item, *members[place + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def replace_matching(members: Sequence[Any], match: FeelFunction, item: Any) -> Any:
    """Return the list with `item` instead of every member that matches."""
    outcomes = [match.call([member, item]) for member in members]
    if not all(isinstance(outcome, bool) for outcome in outcomes):
        return None
    return [item if outcome else member for member, outcome in zip(members, outcomes, strict=True)]


@builtin("remove", "list: list, position: number")
def remove(members: Sequence[Any], position: Any) -> Any:
    """Return the list without the member at a place."""
    place = _place(members, position)
    return None if place is None else [*members[:place], *members[place + 1 :]]


@builtin("reverse", "list: list")
def reverse(members: Sequence[Any]) -> list[Any]:
    """Return the members backwards."""
    return list(reversed(members))


@builtin("index of", "list: list, match: any")
def index_of(members: Sequence[Any], match: Any) -> list[int]:
    """Return all places of a member, from 1."""
    return [place for place, member in enumerate(members, 1) if same(member, match)]


@builtin("union", "list: list, lists*: list")
def union(*lists: Sequence[Any]) -> list[Any]:
    """Return all members, each once."""
    return distinct_values([member for members in lists for member in members])


@builtin("distinct values", "list: list")
def distinct_values(members: Sequence[Any]) -> list[Any]:
    """Return the members, each once."""
    found: dict[Any, Any] = {}
    for member in members:
        found.setdefault(identity(member), member)
    return list(found.values())


@builtin("duplicate values", "list: list")
def duplicate_values(members: Sequence[Any]) -> list[Any]:
    """Return the members that stand there more than once, each once (Camunda)."""
    counts: dict[Any, int] = {}
    for member in members:
        counts[identity(member)] = counts.get(identity(member), 0) + 1
    return [one for one in distinct_values(members) if counts[identity(one)] > 1]


@builtin("flatten", "list: list")
def flatten(members: Sequence[Any]) -> list[Any]:
    """Return the members of all lists inside one another as one list."""
    found: list[Any] = []
    _flatten_into(found, checked_value(members))
    return checked_list(found)


def _flatten_into(found: list[Any], members: Sequence[Any]) -> None:
    for member in members:
        if isinstance(member, list | tuple):
            _flatten_into(found, member)
        else:
            found.append(member)


@builtin("sort", "list: list, precedes?: function")
def sort(members: Sequence[Any], precedes: FeelFunction | None = None) -> Any:
    """Return the members in order: their own, or that of a function that says what precedes what."""
    if precedes is None:
        return sorted(members, key=cmp_to_key(_ordered))

    def compare(left: Any, right: Any) -> int:
        for first, second, outcome in ((left, right, -1), (right, left, 1)):
            found = precedes.call([first, second])
            if not isinstance(found, bool):
                raise TypeError
            if found:
                return outcome
        return 0

    return sorted(members, key=cmp_to_key(compare))


def _ordered(left: Any, right: Any) -> int:
    found = order(left, right)
    if found is None:
        raise TypeError
    return found


@builtin("partition", "list: list, size: number")
def partition(members: Sequence[Any], size: Any) -> Any:
    """Return the list cut into lists of at most `size` members (Camunda)."""
    length = whole(size)
    return [list(members[at : at + length]) for at in range(0, len(members), length)] if length > 0 else None


@builtin("is empty", "list: list")
def is_empty(members: Sequence[Any]) -> bool:
    """Return whether there are no members (Camunda)."""
    return not members
