"""Extension properties: that their names are known and their values mean something."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lxml import etree

from engine.errors import Message
from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.properties import ElementProperties
from engine.models.vocabulary import (
    DEPUTIES,
    DOCUMENTATION,
    FOUR_EYES,
    FOUR_EYES_WHO,
    GRADES,
    GROUP,
    LABEL,
    LABEL_LANGUAGES,
    LIMIT,
    MILESTONE,
    MILESTONES,
    ONCE,
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
                message = Message(
                    "{four_eyes} names '{other}', which is no element of this bundle",
                    four_eyes=FOUR_EYES,
                    other=other.strip(),
                )
                findings.add(drawing, node, "redress.four-eyes", message)


def _check_property(
    drawing: Drawing, node: etree._Element, name: str, value: str, findings: Findings
) -> None:
    said = next((prefix for prefix in (LABEL, DOCUMENTATION) if name.startswith(prefix)), None)
    if said is not None and name.removeprefix(said) not in LABEL_LANGUAGES:
        message = Message(
            "there is no language '{name}'; use one of: {names}",
            name=name.removeprefix(said),
            names=", ".join(LABEL_LANGUAGES),
        )
        findings.add(drawing, node, "redress.label", message, warning=True)
    if not name.startswith("redress:"):
        return
    if name not in PROPERTIES:
        near = get_close_matches(name, PROPERTIES, 1)
        hint = (
            Message("did you mean '{name}'?", name=near[0])
            if near
            else Message("there are: {names}", names=", ".join(PROPERTIES))
        )
        findings.add(
            drawing,
            node,
            "redress.property",
            Message("the property '{name}' is not known; {hint}", name=name, hint=hint),
        )
    elif name == GROUP:
        message = Message(
            "{group} belongs on a lane; on a task use zeebe:assignmentDefinition candidateGroups", group=GROUP
        )
        findings.add(drawing, node, "redress.group", message)
    elif name in _ALLOWED and value not in _ALLOWED[name]:
        message = Message(
            "{name} cannot be '{value}'; use one of: {names}",
            name=name,
            value=value,
            names=", ".join(_ALLOWED[name]),
        )
        findings.add(drawing, node, "redress.value", message)
    elif name in (RECORD, STATUS) and not _RECORD.fullmatch(value):
        message = Message(
            "{name} cannot be '{value}'; use a name of lower-case letters, digits and _",
            name=name,
            value=value,
        )
        findings.add(drawing, node, "redress.value", message)


def _check_limit(
    drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    if LIMIT in properties.custom:
        timer = properties.timer
        if properties.kind != "boundaryEvent" or timer is None or timer.kind != "date":
            message = Message(
                "{limit} belongs on a boundary timer with a date, such as = deadline(case.received_at, 3)",
                limit=LIMIT,
            )
            findings.add(drawing, node, "redress.limit", message)
    for name in (RECORD, ONCE):
        if name in properties.custom and properties.kind != "userTask":
            message = Message("{record} keeps what a form says: it belongs on a user task", record=name)
            findings.add(drawing, node, "redress.record", message)


def _check_deputies(
    drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    if DEPUTIES in properties.custom and FOUR_EYES not in properties.custom:
        message = Message(
            "{deputies} says who steps in where {four_eyes} leaves nobody: give the task both",
            deputies=DEPUTIES,
            four_eyes=FOUR_EYES,
        )
        findings.add(drawing, node, "redress.deputies", message)
