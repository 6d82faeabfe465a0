"""What a form asks: its fields, and what it says as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.models.difference.changes import Element, FactChange
from engine.models.difference.facts import flatten

_APART: Final = frozenset({"components", "id", "layout"})
_LONGEST: Final = 60


def read_form(content: bytes) -> dict[str, Element]:
    """Return the fields of a form by id, in order, and the form itself under an empty id."""
    whole: dict[str, Any] = json.loads(content)
    fields = {element.element_id: element for element in _fields(whole)}
    said = dict(
        flatten({key: value for key, value in whole.items() if key not in ("components", "exporter")})
    )
    return {"": Element("", "form", str(whole.get("id", "")), facts=said), **fields}


def order_of(before: Mapping[str, Element], after: Mapping[str, Element]) -> tuple[FactChange, ...]:
    """Return that the fields which both versions have stand in another order, where they do."""
    old, new = [key for key in before if key in after], [key for key in after if key in before]
    if old == new:
        return ()
    return (
        FactChange("order", *(" · ".join(after[key].name for key in keys if key) for keys in (old, new))),
    )


def _fields(holder: Mapping[str, Any]) -> Iterator[Element]:
    for part in holder.get("components") or ():
        if not isinstance(part, dict):
            continue  # what a field of another kind holds there
        facts = dict(flatten({key: value for key, value in part.items() if key not in _APART}))
        name = str(part.get("label") or part.get("text") or part.get("key") or part.get("type") or "")
        drawn = json.dumps(part.get("layout"), sort_keys=True)
        named = str(part.get("id") or part.get("key") or name)
        yield Element(named, str(part.get("type", "")), name[:_LONGEST], facts=facts, place=drawn)
        yield from _fields(part)
