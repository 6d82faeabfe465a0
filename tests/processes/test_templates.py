"""The element templates beside the diagrams offer in Camunda Modeler what the engine reads, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.cli.models import collect
from engine.models.vocabulary import (
    DOCUMENTATION,
    GRADES,
    LABEL,
    LABEL_LANGUAGES,
    LIMIT,
    MILESTONE,
    MILESTONES,
    PROPERTIES,
    SKIP_IF_PAST,
    STAGE,
    STAGES,
)
from tests.processes.drawn import DIAGRAMS, ROOT, diagram, kind, properties

TEMPLATES: list[dict[str, Any]] = json.loads(
    (ROOT / "processes" / ".camunda" / "element-templates" / "redress.json").read_text("utf-8")
)


def test_they_are_no_part_of_what_is_deployed() -> None:
    assert "redress.json" not in {
        name for files in collect([ROOT / "processes"], None).values() for name in files
    }


def offered(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of a template by the name under which the diagram keeps them."""
    return {each["binding"]["name"]: each for each in template["properties"]}


def test_they_offer_every_property_that_the_engine_reads_and_no_other() -> None:
    names = {name for template in TEMPLATES for name in offered(template)}
    said = {f"{prefix}{language}" for prefix in (LABEL, DOCUMENTATION) for language in LABEL_LANGUAGES}
    assert names == {*PROPERTIES, *said}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each["id"])
def test_each_is_explained_leaves_the_other_fields_and_offers_the_values_there_are(
    template: dict[str, Any],
) -> None:
    allowed = {MILESTONE: MILESTONES, STAGE: STAGES, LIMIT: GRADES, SKIP_IF_PAST: ("true", "false")}
    assert template["entriesVisible"] is True
    for name, each in offered(template).items():
        assert each["description"], name
        assert each["optional"] is True, name
        if name in allowed:
            assert sorted(choice["value"] for choice in each["choices"]) == sorted(allowed[name]), name


def test_what_the_diagrams_say_can_be_said_with_them() -> None:
    on: dict[str, set[str]] = {}
    for template in TEMPLATES:
        for applies in template["appliesTo"]:
            on.setdefault(applies.removeprefix("bpmn:").lower(), set()).update(offered(template))
    for path in DIAGRAMS:
        for key, node in diagram(path).by_id.items():
            assert set(properties(node)) <= on.get(kind(node).lower(), set()) or kind(node) == "message", key
