"""Two versions of a family's files, held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import ndiff

from engine.models.bundle import file_kind
from engine.models.difference.changes import (
    Change,
    Element,
    FactChange,
    FileDifference,
    What,
    compare_elements,
)
from engine.models.difference.diagrams import read_diagram
from engine.models.difference.fields import order_of, read_form
from engine.models.difference.tables import compare_tables, read_decisions
from engine.models.xml import parse_model


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileDifference]:
    """Return what differs, file by file in the order of their names.

    Both are files that a deployment takes. Raises ModelRefused where one cannot be read.
    """
    paths = sorted({*before, *after})
    return [
        _file(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def _file(path: str, before: bytes | None, after: bytes | None) -> FileDifference:
    what: What = "added" if before is None else "removed" if after is None else "changed"
    kind = file_kind(path)
    if kind == "dmn":
        old, new = (None if data is None else parse_model(data, path) for data in (before, after))
        decisions = [{} if root is None else read_decisions(root) for root in (old, new)]
        return FileDifference(path, kind, what, compare_elements(*decisions), compare_tables(old, new))
    if kind == "settings":
        return FileDifference(path, kind, what, tuple(_lines(path, before, after)))
    old_ones, new_ones = ({} if data is None else _elements(kind, data, path) for data in (before, after))
    changes = compare_elements(old_ones, new_ones)
    if kind == "form" and (order := order_of(old_ones, new_ones)):
        changes = (Change("changed", new_ones[""], order), *changes)
    return FileDifference(path, kind, what, changes)


def _elements(kind: str, data: bytes, path: str) -> dict[str, Element]:
    return read_form(data) if kind == "form" else read_diagram(parse_model(data, path))


def _lines(path: str, before: bytes | None, after: bytes | None) -> Iterator[Change]:
    """Tell settings by their lines."""
    old, new = ((data or b"").decode("utf-8", "replace").splitlines() for data in (before, after))
    facts = [
        FactChange("", line[2:] if line[0] == "-" else "", line[2:] if line[0] == "+" else "")
        for line in ndiff(old, new)
        if line[0] in "+-" and line[2:].strip()
    ]
    if facts:
        yield Change("changed", Element("", "settings", path), tuple(facts))
