"""Files of Camunda 7, Operaton and CIB seven: put into our dialect as a tree, so that they run as they are.

The tree that comes out is one of Camunda 8's dialect, with the ids, lines and layout of the file. What is
deployed as it is and what `redress lint --fix` writes over are therefore the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.errors import Finding
from engine.models.dialects import zeebe
from engine.models.dialects.camunda7.calls import translate_call, translate_loop
from engine.models.dialects.camunda7.events import (
    correlate_messages,
    translate_condition,
    translate_flow,
    translate_names,
    translate_start,
    translate_timer,
)
from engine.models.dialects.camunda7.feel import is_expression
from engine.models.dialects.camunda7.forms import translate_form
from engine.models.dialects.camunda7.mappings import translate_mappings
from engine.models.dialects.camunda7.refusals import sweep
from engine.models.dialects.camunda7.tasks import (
    translate_decision,
    translate_script,
    translate_user_task,
    translate_work,
)
from engine.models.dialects.camunda7.translation import (
    SPACES,
    DecisionShape,
    Step,
    Surroundings,
    Translation,
    add,
    attribute,
    children,
    drop,
    extend,
    extensions,
)
from engine.models.properties import ElementProperties
from engine.models.xml import BPMN, MODELER, ZEEBE, local_name, namespace

__all__ = ["DecisionShape", "Surroundings", "Translated", "is_camunda7", "read_properties", "translate"]

_PLATFORMS = ("Camunda Platform", "Operaton", "CIB seven")
_WITH_TEXTS = (
    "conditionExpression",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "completionCondition",
    "condition",
)


@dataclass(frozen=True, slots=True)
class Translated:
    """What a translation gave beside the changed tree: findings, and the forms drawn into tasks by id."""

    findings: list[Finding]
    forms: Mapping[str, dict[str, Any]]


def is_camunda7(root: etree._Element) -> bool:
    """Return whether a BPMN file is drawn for Camunda 7: by its words, its expressions, or its modeler."""
    if namespace(root) != BPMN:
        return False
    platform = root.get(f"{{{MODELER}}}executionPlatform", "")
    expressions = False
    for node in root.iter(etree.Element):
        space = namespace(node)
        if space == ZEEBE:
            return False
        if space in SPACES or any(etree.QName(str(key)).namespace in SPACES for key in node.attrib):
            return True
        expressions = expressions or (local_name(node) in _WITH_TEXTS and is_expression(node.text or ""))
    return expressions or platform.startswith(_PLATFORMS)


def translate(root: etree._Element, source: str, around: Surroundings | None = None) -> Translated:
    """Put a file of Camunda 7 into our dialect, in place.

    What cannot be translated surely is a finding of severity error, with file, element and line, and is left
    out of the tree.
    """
    work = Translation(root, source, around or Surroundings())
    for node in list(root.iter(etree.Element)):
        if namespace(node) == BPMN:
            _properties(node)
            for step in _STEPS.get(local_name(node), ()):
                step(work, node)
    correlate_messages(work)
    sweep(work)
    return Translated(work.findings, work.forms)


def read_properties(node: etree._Element) -> ElementProperties:
    """Return the neutral reading of an element of a Camunda 7 file, which stays as it is."""
    root = deepcopy(node.getroottree().getroot())
    translate(root, "")
    return zeebe.read_properties(next(each for each in root.iter() if each.get("id") == node.get("id")))


def _properties(node: etree._Element) -> None:
    for held in extensions(node, "properties"):
        for item in children(held, "property"):
            whole = extend(node, "properties")
            add(whole, "property", item, name=item.get("name", ""), value=item.get("value", ""))
        drop(held)
    tag = attribute(node, "versionTag") if local_name(node) == "process" else ""
    if tag:
        extend(node, "versionTag", value=tag)


_WORK: tuple[Step, ...] = (translate_mappings, translate_script, translate_work)
_STEPS: Mapping[str, tuple[Step, ...]] = {
    "userTask": (translate_mappings, translate_user_task, translate_form),
    "serviceTask": _WORK,
    "sendTask": _WORK,
    "scriptTask": _WORK,
    "businessRuleTask": (translate_mappings, translate_decision, translate_work),
    "receiveTask": (translate_mappings,),
    "task": (translate_mappings,),
    "manualTask": (translate_mappings,),
    "callActivity": (translate_mappings, translate_call),
    "subProcess": (translate_mappings,),
    "transaction": (translate_mappings,),
    "startEvent": (translate_mappings, translate_start, translate_form),
    "endEvent": (translate_mappings,),
    "intermediateThrowEvent": (translate_mappings,),
    "intermediateCatchEvent": (translate_mappings,),
    "boundaryEvent": (translate_mappings,),
    "messageEventDefinition": (translate_work,),
    "multiInstanceLoopCharacteristics": (translate_loop,),
    "sequenceFlow": (translate_flow,),
    "timerEventDefinition": (translate_timer,),
    "conditionalEventDefinition": (translate_condition,),
    **dict.fromkeys(("message", "signal", "error", "escalation"), (translate_names,)),
}
