"""The fields of a form as they stand in given data: one for each row of a list, and which of them are hidden.

The order of things is form-js's: values start from data and defaults; a first round of conditions decides
what is left out of the data that expressions see; the conditions judged on that data decide what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.models.forms.context import field_json
from engine.models.forms.data import Path, copied, get_at, remove_at, set_at
from engine.models.forms.expressions import Place, outermost
from engine.models.forms.tree import Component, Container, Field

_ABSENT = object()
_ROUNDS = 3  # computed fields may read one another


@dataclass(frozen=True, slots=True)
class Instance:
    """A field (or a hidden list) at its place in the data."""

    component: Component
    path: Path
    place: Place
    hidden: bool


def initialize(form: Container, data: Mapping[str, Any], *, sent: bool = False) -> dict[str, Any]:
    """Return `data` with every field of the form in it: as given, else its default, else empty.

    In what was `sent`, a list that is not there has no rows, and null is an answer; in what a form is opened
    with, such a list begins with the rows that the form wants, and null is the default.
    """
    result: dict[str, Any] = copied(data)
    _initialize(form, (), result, sent=sent)
    return result


def _initialize(container: Container, base: Path, data: dict[str, Any], *, sent: bool) -> None:
    for child in container.children:
        path = (*base, *child.path)
        if isinstance(child, Field):
            given = get_at(data, path, _ABSENT)
            if given is _ABSENT or (given is None and not sent):
                given = copied(child.raw["defaultValue"]) if child.has_default else child.empty
            set_at(data, path, field_json(child, given), force=True)
        elif isinstance(child, Container) and child.repeats:
            rows = get_at(data, path)
            if not isinstance(rows, list):
                rows = [{} for _ in range(0 if sent else _repetitions(child))]
            rows = [row if isinstance(row, dict) else {} for row in rows]
            set_at(data, path, rows, force=True)
            for number in range(len(rows)):
                _initialize(child, (*path, number), data, sent=sent)
        elif isinstance(child, Container):
            _initialize(child, path, data, sent=sent)


def _repetitions(container: Container) -> int:
    number = container.raw.get("defaultRepetitions", 1)
    return min(number, 50) if isinstance(number, int) and number >= 0 else 1


def walk(form: Container, data: Mapping[str, Any], rows_of: Mapping[str, Any]) -> Iterator[Instance]:
    """Yield every field of the form. Expressions read `data`; the rows of lists are those of `rows_of`."""
    for child in form.children:
        yield from _walk(child, (), outermost(data), data, rows_of, hidden=False)


def _walk(
    component: Component, base: Path, place: Place, data: Mapping[str, Any], rows_of: Any, *, hidden: bool
) -> Iterator[Instance]:
    path = (*base, *component.path)
    hidden = hidden or (component.hide is not None and component.hide.holds(place.scope(data)))
    if isinstance(component, Field):
        yield Instance(component, path, place, hidden)
    elif isinstance(component, Container) and component.repeats:
        if hidden:
            yield Instance(component, path, place, hidden)
            return
        rows = get_at(rows_of, path)
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            inner = place.row(row, number + 1)
            for child in component.children:
                yield from _walk(child, (*path, number), inner, data, rows_of, hidden=hidden)
    elif isinstance(component, Container):
        for child in component.children:
            yield from _walk(child, path, place, data, rows_of, hidden=hidden)


def compute(form: Container, current: dict[str, Any]) -> None:
    """Set the values of computed fields in `current`, until they no longer change (at most three rounds)."""
    if not any(item.expression for item in form.fields()):
        return
    for _ in range(_ROUNDS):
        changed = False
        for instance in list(walk(form, current, current)):
            item = instance.component
            if isinstance(item, Field) and item.expression is not None:
                value = item.expression.evaluate(instance.place.scope(current))
                changed |= value != get_at(current, instance.path)
                set_at(current, instance.path, value)
        if not changed:
            return


def visible_data(form: Container, initial: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return what expressions see: the current values, without hidden fields', over the initial ones."""
    filtered = copied(current)
    for instance in walk(form, current, current):
        if instance.hidden:
            remove_at(filtered, instance.path)
    return {**initial, **filtered}
