"""Tasks: that nothing but FEEL runs, and that somebody can take them."""

from __future__ import annotations

import re

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import extension
from engine.models.lint.drawing import Bundle, Drawing, Findings, spoken, text_of
from engine.models.nodes import TASKS
from engine.models.properties import ElementProperties
from engine.models.vocabulary import DEPUTIES, GROUP
from engine.models.xml import bpmn, local_name, zeebe

_QUOTED = re.compile(r'=\s*"([^"\\]*)"\s*|=\s*\[\s*("[^"\\]*"(?:\s*,\s*"[^"\\]*")*)\s*\]\s*')
_RUNS_PYTHON = frozenset({"preScript", "postScript", "unitTests"})


def check_tasks(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse scripts; warn of groups that nobody is in and of tasks that nobody can take."""
    for node, properties in drawing.running():
        if properties.kind in TASKS:
            _check_scripts(drawing, node, findings)
        if properties.kind == "userTask":
            _check_people(bundle, drawing, node, properties, findings)


def _check_scripts(drawing: Drawing, node: etree._Element, findings: Findings) -> None:
    foreign = next((item for item in node.iter(etree.Element) if local_name(item) in _RUNS_PYTHON), None)
    if text_of(node.find(bpmn("script"))) or node.get("scriptFormat") or foreign is not None:
        message = Message(
            "scripts do not run here; give the task a FEEL expression (zeebe:script) or a job type"
        )
        findings.add(drawing, node, "bpmn.script", message)


def _check_people(
    bundle: Bundle, drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    by_lane = extension(node, "assignmentDefinition") is None
    deputies = properties.custom.get(DEPUTIES, "")
    for group in (*literal_names(properties.candidate_groups), *literal_names(deputies)):
        if group not in bundle.roles:
            groups = ", ".join(sorted(bundle.roles))
            message = (
                Message(
                    "nobody is in the group '{group}' of the lane '{lane}'; give the lane the property "
                    "{property}; the groups are: {groups}",
                    group=group,
                    lane=properties.lane,
                    property=GROUP,
                    groups=groups,
                )
                if by_lane
                else Message(
                    "nobody is in the group '{group}'; the groups are: {groups}", group=group, groups=groups
                )
            )
            findings.add(drawing, node, "task.group", message, warning=True)
    if not (properties.candidate_groups or properties.candidate_users or properties.assignee):
        message = Message(
            "{element} has no assignee and no candidates: only an administrator could assign it",
            element=spoken(properties),
        )
        findings.add(drawing, node, "task.nobody", message, warning=True)
    if any(item.get("formKey") for item in node.iter(zeebe("formDefinition"))):
        message = Message(
            "embedded forms are not read; keep the form as a file of its own and link it by its id"
        )
        findings.add(drawing, node, "bpmn.form", message)
    elif not properties.form_id:
        message = Message("{element} has no form: it can only be marked as done", element=spoken(properties))
        findings.add(drawing, node, "task.form", message, warning=True)


def literal_names(text: str) -> list[str]:
    """Return the names that a text lists without computing them: `a, b`, `="a"`, `=["a", "b"]`."""
    text = text.strip()
    if not text.startswith("="):
        return [name.strip() for name in text.split(",") if name.strip()]
    found = _QUOTED.fullmatch(text)
    if found is None:
        return []
    return [found[1]] if found[1] is not None else re.findall(r'"([^"]*)"', found[2])
