"""Extension properties: that their names are known and their values mean something."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lxml import etree

from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.properties import ElementProperties
from engine.models.vocabulary import (
    DEPUTIES,
    FOUR_EYES,
    FOUR_EYES_WHO,
    GRADES,
    GROUP,
    LABEL_LANGUAGES,
    LIMIT,
    MILESTONE,
    MILESTONES,
    PROPERTIES,
    RECORD,
    SKIP_IF_PAST,
    STAGE,
    STAGES,
    STATUS,
)

_ALLOWED = {MILESTONE: MILESTONES, STAGE: STAGES, LIMIT: GRADES, SKIP_IF_PAST: ("true", "false")}
_RECORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def check_words(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse unknown `redress:` properties and values; warn of labels in unknown languages."""
    elements = {name for each in bundle.drawings for name in each.by_id} | {*FOUR_EYES_WHO}
    for node, properties in drawing.running():
        for name, value in properties.custom.items():
            _check_property(drawing, node, name, value.strip(), findings)
        _check_limit(drawing, node, properties, findings)
        _check_deputies(drawing, node, properties, findings)
        for other in properties.custom.get(FOUR_EYES, "").split(","):
            if other.strip() and other.strip() not in elements:
                message = f"{FOUR_EYES} names {other.strip()!r}, which is no element of this bundle"
                findings.add(drawing, node, "redress.four-eyes", message)


def _check_property(
    drawing: Drawing, node: etree._Element, name: str, value: str, findings: Findings
) -> None:
    if name.startswith("label:") and name.removeprefix("label:") not in LABEL_LANGUAGES:
        message = f"there is no language {name.removeprefix('label:')!r}; use {' or '.join(LABEL_LANGUAGES)}"
        findings.add(drawing, node, "redress.label", message, warning=True)
    if not name.startswith("redress:"):
        return
    if name not in PROPERTIES:
        near = get_close_matches(name, PROPERTIES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(PROPERTIES)}"
        findings.add(drawing, node, "redress.property", f"the property {name!r} is not known; {hint}")
    elif name == GROUP:
        message = f"{GROUP} belongs on a lane; on a task use zeebe:assignmentDefinition candidateGroups"
        findings.add(drawing, node, "redress.group", message)
    elif name in _ALLOWED and value not in _ALLOWED[name]:
        message = f"{name} cannot be {value!r}; use one of: {', '.join(_ALLOWED[name])}"
        findings.add(drawing, node, "redress.value", message)
    elif name in (RECORD, STATUS) and not _RECORD.fullmatch(value):
        message = f"{name} cannot be {value!r}; use a name of lower-case letters, digits and _"
        findings.add(drawing, node, "redress.value", message)


def _check_limit(
    drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    if LIMIT in properties.custom:
        timer = properties.timer
        if properties.kind != "boundaryEvent" or timer is None or timer.kind != "date":
            message = (
                f"{LIMIT} belongs on a boundary timer with a date, such as = deadline(case.received_at, 3)"
            )
            findings.add(drawing, node, "redress.limit", message)
    if RECORD in properties.custom and properties.kind != "userTask":
        message = f"{RECORD} keeps what a form says: it belongs on a user task"
        findings.add(drawing, node, "redress.record", message)


def _check_deputies(
    drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    if DEPUTIES in properties.custom and FOUR_EYES not in properties.custom:
        message = f"{DEPUTIES} says who steps in where {FOUR_EYES} leaves nobody: give the task both"
        findings.add(drawing, node, "redress.deputies", message)
