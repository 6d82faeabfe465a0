"""What an element of a model says, flattened to texts by key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lxml import etree

_NAMED: Final = {"property": ("name", "value"), "header": ("key", "value")}
"""Elements that are a pair: the key, and what it says."""
_MAPPINGS: Final = frozenset({"input", "output"})


def facts_of(node: etree._Element, *, leave: Callable[[etree._Element], bool]) -> dict[str, str]:
    """Return what an XML element says by attributes and children; not its id, nor the children to `leave`.

    Keys are the names of attributes and elements as modelers write them; a name that comes twice is numbered.
    """
    found: dict[str, str] = {}
    for key, value in _facts(node, leave):
        name, number = key, 1
        while name in found:
            number += 1
            name = f"{key} {number}"
        found[name] = value
    return found


def _facts(node: etree._Element, leave: Callable[[etree._Element], bool]) -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        if (key := etree.QName(name).localname) not in ("id", "type", "xmlns"):
            yield key, str(value)
    for child in node.iterchildren("*"):
        if leave(child):
            continue
        kind = etree.QName(child).localname
        pair = _NAMED.get(kind)
        if pair is not None and child.get(pair[0]) is not None:
            yield child.get(pair[0], ""), child.get(pair[1], "")
        elif kind in _MAPPINGS and child.get("target") is not None:
            yield f"{kind} {child.get('target')}", child.get("source", "")
        else:
            if text := (child.text or "").strip():
                yield kind, text
            elif not child.attrib and not len(child):
                yield kind, "true"
            yield from _facts(child, leave)


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what a JSON value says, by path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from flatten(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from flatten(part, f"{path} {number}")
    elif value is not None:
        yield path, value if isinstance(value, str) else str(value).lower()
