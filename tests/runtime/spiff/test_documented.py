"""Every element that the compiler knows is in the table of elements, and the table says the same of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.models.dialects.zeebe import EVENT_DEFINITIONS, KNOWN_ELEMENTS
from engine.runtime.spiff.parser.document import FLOW_NODES, REFUSED_NODES
from engine.runtime.spiff.parser.global_tasks import GLOBAL_TASKS
from engine.runtime.spiff.parser.refuse_events import ALLOWED_EVENTS

PAGE = (Path(__file__).parents[3] / "docs" / "bpmn-elements.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"
]
COLUMNS = {
    "startEvent": 1,
    "intermediateCatchEvent": 3,
    "boundaryEvent": 4,
    "intermediateThrowEvent": 5,
    "endEvent": 6,
}


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([\w:]+)`", cell))


@pytest.mark.parametrize("known", sorted(FLOW_NODES | set(GLOBAL_TASKS)))
def test_what_runs_is_in_a_table(known: str) -> None:
    events = re.findall(r"^Nodes: (.*)$", PAGE, re.MULTILINE)[0]
    runs = set().union(*(names(row[0]) for row in ROWS if row[1] == "runs"))
    assert known in runs | names(events)


@pytest.mark.parametrize("refused", sorted(REFUSED_NODES))
def test_what_is_refused_is_said_to_be(refused: str) -> None:
    assert [row[1] for row in ROWS if refused in names(row[0])] == ["refused"]


@pytest.mark.parametrize("element", sorted(KNOWN_ELEMENTS))
def test_every_extension_element_is_in_a_table(element: str) -> None:
    assert any(f"zeebe:{element}" in names(row[0]) for row in ROWS)


@pytest.mark.parametrize("definition", sorted(EVENT_DEFINITIONS))
def test_every_event_runs_where_the_table_says(definition: str) -> None:
    [row] = [row for row in ROWS if names(row[0]) == {definition}]
    kind = EVENT_DEFINITIONS[definition]
    for node, column in COLUMNS.items():
        if kind == "cancel":  # in and on transactions only
            continue
        assert (row[column].startswith("runs")) == (kind in ALLOWED_EVENTS[node]), node
