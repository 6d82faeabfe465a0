"""What the models say of one another exists; what they say of themselves is complete."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from lxml import etree
from opencc import OpenCC

from engine.models.vocabulary import FOUR_EYES_WHO
from tests.processes.drawn import (
    BPMN,
    DIAGRAMS,
    FAMILY,
    FORM_FILES,
    ROOT,
    SCENARIOS,
    TABLES,
    ZEEBE,
    components,
    diagram,
    extension,
    kind,
    properties,
    read_form,
)
from tests.processes.scenario import VERBS
from web.file_words import FILE_RECORDS
from web.models.routes import SHOWN_KINDS
from web.translations import path_of
from web.words import RECORDS

CLAUSE = re.compile(r"\b(R[1-9]\d?|D[1-9]\d?|Art\. \d+)")
PROCESSES = {process.get("id") for path in DIAGRAMS for process in diagram(path).root.iter(f"{BPMN}process")}
DECISIONS = {node.get("id") for path in TABLES for node in etree.parse(path).getroot().iter("{*}decision")}
FORM_IDS = {path.stem for path in FORM_FILES}
ELEMENTS = {key for path in DIAGRAMS for key in diagram(path).nodes}

IN_SIMPLIFIED = re.compile(r'zh-Hans"? (?:value)?= ?"([^"]*)"')
SIMPLIFIED = [
    *DIAGRAMS,
    *sorted((ROOT / "processes").glob("*/process.toml")),
    ROOT / "engine" / "domain" / "policy" / "parameters.toml",
]

each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


@each_diagram
def test_forms_processes_and_decisions_that_a_diagram_names_exist(path: Path) -> None:
    for node in diagram(path).root.iter(f"{ZEEBE}*"):
        if kind(node) == "formDefinition":
            assert node.get("formId") in FORM_IDS
        elif kind(node) == "calledElement":
            assert node.get("processId") in PROCESSES
        elif kind(node) == "calledDecision":
            assert node.get("decisionId") in DECISIONS


def test_every_form_is_used_by_a_task_or_says_what_else_it_is_for() -> None:
    used = {
        node.get("formId") for path in DIAGRAMS for node in diagram(path).root.iter(f"{ZEEBE}formDefinition")
    }
    others = {
        path.stem
        for path in FORM_FILES
        if read_form(path)["properties"].get("use") in ("letter", "mail", "script")
    }
    assert used | others == FORM_IDS
    assert not used & others


@each_diagram
def test_every_name_is_given_in_three_languages(path: Path) -> None:
    for key, node in diagram(path).by_id.items():
        if node.get("name") and kind(node) != "message":
            labels = properties(node)
            assert labels.get("label:zh-Hans"), key
            assert labels.get("label:en"), key
            assert labels["label:en"].isascii(), key


@each_diagram
def test_every_record_that_a_step_makes_has_a_name(path: Path) -> None:
    for key, node in diagram(path).by_id.items():
        if record := properties(node).get("redress:record"):
            assert record in RECORDS or record in FILE_RECORDS, key


@each_diagram
def test_what_pages_show_of_the_documentation_is_given_in_three_languages(path: Path) -> None:
    shown = {"process", *(each.lower() for each in SHOWN_KINDS)}
    for key, node in diagram(path).by_id.items():
        if kind(node) not in shown:
            continue
        drawn = node.findtext(f"{BPMN}documentation") or ""
        said = [
            drawn,
            *(properties(node).get(f"documentation:{language}", "") for language in ("zh-Hans", "en")),
        ]
        assert all(len(CLAUSE.sub("", text)) > 4 for text in said), key
        assert said[2].replace("–", "-").isascii(), key
        assert len({frozenset(CLAUSE.findall(text)) for text in said}) == 1, key


def test_simplified_words_are_written_in_simplified_signs_alone() -> None:
    said = [word for path in SIMPLIFIED for word in IN_SIMPLIFIED.findall(path.read_text())]
    for path in FORM_FILES:
        said += read_form(path)["properties"].get("translations", {}).get("zh-Hans", {}).values()
    with path_of("zh_Hans").open("rb") as file:
        for message in read_po(file):
            said += [message.string] if isinstance(message.string, str) else message.string
    assert len(said) > 3000
    simplify = OpenCC("t2s").convert
    assert [word for word in said if simplify(word) != word] == []


@each_diagram
def test_every_named_node_names_the_clause_it_carries_out(path: Path) -> None:
    for key, node in diagram(path).nodes.items():
        if node.get("name"):
            assert CLAUSE.search(node.findtext(f"{BPMN}documentation") or ""), key


@each_diagram
def test_a_gateway_that_splits_asks_and_its_flows_answer(path: Path) -> None:
    drawn = diagram(path)
    for key, node in drawn.nodes.items():
        out = [flow for flow in drawn.flows.values() if flow.get("sourceRef") == key]
        if kind(node) != "exclusiveGateway" or len(out) < 2:
            continue
        assert node.get("name", "").endswith("？"), key
        assert all(flow.get("name") for flow in out), key
        undecided = [flow.get("id") for flow in out if flow.find(f"{BPMN}conditionExpression") is None]
        assert undecided == [node.get("default")], key


@each_diagram
def test_user_tasks_say_who_does_them_and_with_which_form(path: Path) -> None:
    for key, node in diagram(path).nodes.items():
        if kind(node) == "userTask":
            assignment, form = extension(node, "assignmentDefinition"), extension(node, "formDefinition")
            assert assignment is not None, key
            assert assignment.get("candidateGroups"), key
            assert form is not None, key


@each_diagram
def test_four_eyes_name_elements_that_exist(path: Path) -> None:
    nodes = diagram(path).nodes
    for node in nodes.values():
        for other in filter(None, properties(node).get("redress:four-eyes", "").split(",")):
            assert other.strip() in ELEMENTS | {*FOUR_EYES_WHO}


def test_each_grade_has_one_limit_and_one_warning_before_it() -> None:
    days = re.compile(r"deadline\(case\.received_at, (\d+)\)")
    found: dict[str, list[int]] = {"limit": [], "warning": []}
    for grade in (1, 2, 3):
        for what, numbers in found.items():
            node = diagram(FAMILY / "complaint.bpmn").nodes[f"{what}-grade-{grade}"]
            match = days.search("".join(node.itertext()))
            assert match is not None
            numbers.append(int(match[1]))
            limit = properties(node).get("redress:limit")
            assert limit == (str(grade) if what == "limit" else None)
            assert node.get("cancelActivity") == "false"
    assert found["limit"] == [15, 7, 3]
    assert all(early < late for early, late in zip(found["warning"], found["limit"], strict=True))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_names_elements_that_exist_and_does_one_thing_a_step(path: Path) -> None:
    scenario = tomllib.loads(path.read_text("utf-8"))
    verbs = {*VERBS}
    assert scenario["name"]
    assert all(CLAUSE.fullmatch(clause) for clause in scenario["clauses"])
    named = set(scenario.get("expect", {}).get("never", [])) | set(
        scenario.get("expect", {}).get("times", {})
    )
    for step in scenario["step"]:
        assert len(verbs & set(step)) == 1
        assert not step.get("refused") or "then" in step, "what is refused leaves everything as it was"
        then = step.get("then", {})
        assert then.get("open", []) == sorted(then.get("open", []))
        named |= {*then.get("open", []), *then.get("fired", []), *filter(None, [step.get("complete")])}
    assert named <= ELEMENTS


def test_the_values_that_a_scenario_gives_are_fields_of_the_form() -> None:
    forms = {
        key: extension(node, "formDefinition")
        for path in DIAGRAMS
        for key, node in diagram(path).nodes.items()
    }
    for path in SCENARIOS:
        for step in tomllib.loads(path.read_text("utf-8"))["step"]:
            if "with" not in step:
                continue
            definition = forms[step["complete"]]
            assert definition is not None
            (form,) = (read_form(file) for file in FORM_FILES if file.stem == definition.get("formId"))
            fields = {item.get("key") or item.get("path") for item in components(form)}
            assert set(step["with"]) <= fields, path.name
