"""The decision tables as files: drawn completely, and every rule has a cell for every column."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.processes.drawn import TABLES

pytestmark = pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)


def test_every_decision_and_input_is_drawn_and_every_requirement_connects_what_exists(path: Path) -> None:
    root = etree.parse(path).getroot()
    ids = {node.get("id") for kind in ("decision", "inputData") for node in root.iter(f"{{*}}{kind}")}
    assert {shape.get("dmnElementRef") for shape in root.iter("{*}DMNShape")} == ids
    needs = {node.get("id"): node[0].get("href") for node in root.iter("{*}informationRequirement")}
    assert {edge.get("dmnElementRef") for edge in root.iter("{*}DMNEdge")} == set(needs)
    assert {href.removeprefix("#") for href in needs.values()} <= ids


def test_every_rule_has_a_cell_for_every_column(path: Path) -> None:
    for table in etree.parse(path).getroot().iter("{*}decisionTable"):
        inputs, outputs = len(table.findall("{*}input")), len(table.findall("{*}output"))
        for rule in table.findall("{*}rule"):
            assert len(rule.findall("{*}inputEntry")) == inputs
            assert len(rule.findall("{*}outputEntry")) == outputs
            assert all(cell.findtext("{*}text") for cell in rule.iter("{*}inputEntry", "{*}outputEntry"))


def test_the_last_rule_catches_what_no_other_does(path: Path) -> None:
    for table in etree.parse(path).getroot().iter("{*}decisionTable"):
        last = table.findall("{*}rule")[-1]
        assert {cell.findtext("{*}text") for cell in last.iter("{*}inputEntry")} == {"-"}


def test_names_that_expressions_read_are_those_of_the_decisions_and_variables(path: Path) -> None:
    root = etree.parse(path).getroot()
    required = {node[0].get("href").removeprefix("#") for node in root.iter("{*}informationRequirement")}
    for kind in ("decision", "inputData"):
        for node in root.iter(f"{{*}}{kind}"):
            if node.get("id") in required:
                variable = node.find("{*}variable")
                assert variable is not None
                assert node.get("name") == variable.get("name") == node.get("id")
