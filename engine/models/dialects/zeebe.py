"""Camunda 8's extension (http://camunda.org/schema/zeebe/1.0), read into neutral properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.models.properties import ElementProperties, EventKind, LoopProperties, TimerKind, TimerProperties
from engine.models.vocabulary import DOCUMENTATION, GROUP, LABEL
from engine.models.xml import BPMN, bpmn, line_of, local_name, zeebe

#: Extension elements that the engine understands; any other is refused by the compiler.
KNOWN_ELEMENTS = frozenset(
    {
        "adHoc",
        "assignmentDefinition",
        "calledDecision",
        "calledElement",
        "formDefinition",
        "header",
        "input",
        "ioMapping",
        "loopCharacteristics",
        "output",
        "priorityDefinition",
        "properties",
        "property",
        "script",
        "subscription",
        "taskDefinition",
        "taskHeaders",
        "taskSchedule",
        "userTask",
        "versionTag",
    }
)

EVENT_DEFINITIONS: Mapping[str, EventKind] = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "compensateEventDefinition": "compensate",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
    "cancelEventDefinition": "cancel",
    "conditionalEventDefinition": "conditional",
}
TIMER_KINDS: Mapping[str, TimerKind] = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_PEOPLE = ("assignee", "candidate_groups", "candidate_users")


_PLAIN_EVENT = {"event": None, "event_name": "", "correlation_key": "", "timer": None, "condition": ""}


class ModelIndex:
    """The elements of one file by id, and the lane of each: made once for reading many elements."""

    def __init__(self, root: etree._Element) -> None:
        self.by_id: dict[str, etree._Element] = {}
        self.lanes: dict[str, etree._Element] = {}
        for node in root.iter(f"{{{BPMN}}}*"):
            identifier = node.get("id")
            if identifier:
                self.by_id.setdefault(identifier, node)
            if node.tag == bpmn("flowNodeRef"):
                self._put(_text(node), node.getparent())

    def _put(self, identifier: str, lane: etree._Element | None) -> None:
        """Keep the innermost lane: a modeler lists what lies in a lane of a lane in both."""
        held = self.lanes.get(identifier)
        if lane is not None and (held is None or held in lane.iterancestors()):
            self.lanes[identifier] = lane

    def lane_of(self, node: etree._Element) -> etree._Element | None:
        """Return the innermost lane in which `node`, or the sub-process around it, lies."""
        for each in (node, *node.iterancestors(f"{{{BPMN}}}*")):
            if each.get("id", "") in self.lanes:
                return self.lanes[each.get("id", "")]
        return None

    def find(self, reference: str) -> etree._Element | None:
        """Return what a reference, with or without a prefix, points to."""
        return self.by_id.get(reference.rsplit(":", maxsplit=1)[-1].strip())


def read_properties(node: etree._Element, index: ModelIndex | None = None) -> ElementProperties:
    """Read one flow node, process or participant; `index` of its file saves time when many are read.

    Nothing is checked here: the compiler refuses what is wrong.
    """
    index = index or ModelIndex(node.getroottree().getroot())
    custom, lane = _custom(node), index.lane_of(node)
    values: dict[str, Any] = {
        "element_id": node.get("id", ""),
        "kind": local_name(node),
        "name": node.get("name", ""),
        "labels": _in_languages(custom, LABEL),
        "documentation": _text(node.find(bpmn("documentation"))),
        "explanations": _in_languages(custom, DOCUMENTATION),
        "custom": custom,
        "attached_to": node.get("attachedToRef", ""),
        "interrupting": node.get("cancelActivity", node.get("isInterrupting", "true")) != "false",
        "lane": "" if lane is None else lane.get("name", ""),
        "line": line_of(node),
        "loop": _loop(node),
    }
    values.update(_task(node))
    values.update(_mappings(node))
    values.update(_calls(node))
    values.update(_event(node, index))
    if values["kind"] == "userTask" and not any(values[name] for name in _PEOPLE):
        values["candidate_groups"] = _groups_of(lane)
    return ElementProperties(**values)


def read_events(node: etree._Element, index: ModelIndex) -> list[ElementProperties]:
    """Read an event once for each of its definitions: one that waits for several things says each of them."""
    whole = read_properties(node, index)
    definitions = list(event_definitions(node, index))
    if len(definitions) < 2:
        return [whole]
    return [replace(whole, **{**_PLAIN_EVENT, **_defined(each, index)}) for each in definitions]


def event_definitions(node: etree._Element, index: ModelIndex) -> Iterator[etree._Element]:
    """Yield all event definitions of `node`, its own and those it refers to."""
    for child in node:
        name = local_name(child)
        if name in EVENT_DEFINITIONS:
            yield child
        elif name == "eventDefinitionRef":
            found = index.find(_text(child))
            if found is not None:
                yield found


def extension(node: etree._Element, tag: str) -> etree._Element | None:
    """Return the node's extension element `zeebe:<tag>`, or None."""
    found: etree._Element | None = node.find(f"{bpmn('extensionElements')}/{zeebe(tag)}")
    return found


def _attribute(node: etree._Element, tag: str, name: str) -> str:
    found = extension(node, tag)
    return "" if found is None else found.get(name, "").strip()


def _text(node: etree._Element | None) -> str:
    return "" if node is None else (node.text or "").strip()


def _custom(node: etree._Element) -> dict[str, str]:
    found = extension(node, "properties")
    if found is None:
        return {}
    return {item.get("name", ""): item.get("value", "") for item in found.findall(zeebe("property"))}


def _in_languages(custom: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text.strip() for name, text in custom.items() if name.startswith(prefix)
    }


def _task(node: etree._Element) -> dict[str, Any]:
    headers = extension(node, "taskHeaders")
    return {
        "assignee": _attribute(node, "assignmentDefinition", "assignee"),
        "candidate_groups": _attribute(node, "assignmentDefinition", "candidateGroups"),
        "candidate_users": _attribute(node, "assignmentDefinition", "candidateUsers"),
        "due_date": _attribute(node, "taskSchedule", "dueDate"),
        "follow_up_date": _attribute(node, "taskSchedule", "followUpDate"),
        "priority": _attribute(node, "priorityDefinition", "priority"),
        "form_id": _attribute(node, "formDefinition", "formId"),
        "job_type": _attribute(node, "taskDefinition", "type"),
        "job_retries": _attribute(node, "taskDefinition", "retries"),
        "job_headers": {}
        if headers is None
        else {item.get("key", ""): item.get("value", "") for item in headers.findall(zeebe("header"))},
        "script_expression": _attribute(node, "script", "expression"),
        "script_result": _attribute(node, "script", "resultVariable"),
    }


def _groups_of(lane: etree._Element | None) -> str:
    """Return who may take a task that names nobody: the group of its lane, or of the lane around that."""
    around = [] if lane is None else [lane, *lane.iterancestors(bpmn("lane"))]
    found = (_custom(each).get(GROUP, "").strip() or each.get("name", "").strip() for each in around)
    return next(filter(None, found), "")


def _mappings(node: etree._Element) -> dict[str, Any]:
    found = extension(node, "ioMapping")
    if found is None:
        return {}
    pairs = {
        tag: tuple((item.get("source", ""), item.get("target", "")) for item in found.findall(zeebe(tag)))
        for tag in ("input", "output")
    }
    return {"inputs": pairs["input"], "outputs": pairs["output"]}


def _calls(node: etree._Element) -> dict[str, Any]:
    called = _attribute(node, "calledElement", "processId")
    if not called and local_name(node) == "callActivity":
        called = node.get("calledElement", "").split(":")[-1]
    return {
        "called_process": called,
        "called_tag": _attribute(node, "calledElement", "versionTag")
        if _attribute(node, "calledElement", "bindingType") == "versionTag"
        else "",
        "version_tag": _attribute(node, "versionTag", "value"),
        "propagate_parent": _attribute(node, "calledElement", "propagateAllParentVariables") != "false",
        "propagate_children": _attribute(node, "calledElement", "propagateAllChildVariables") != "false",
        "called_decision": _attribute(node, "calledDecision", "decisionId"),
        "decision_result": _attribute(node, "calledDecision", "resultVariable"),
    }


def _event(node: etree._Element, index: ModelIndex) -> dict[str, Any]:
    definition = next(event_definitions(node, index), None)
    reference = node.get("messageRef", "") if local_name(node) in ("receiveTask", "sendTask") else ""
    if definition is None:
        return {"event": "message", **_message(index.find(reference))} if reference else {}
    return _defined(definition, index)


def _defined(definition: etree._Element, index: ModelIndex) -> dict[str, Any]:
    kind = EVENT_DEFINITIONS[local_name(definition)]
    values: dict[str, Any] = {"event": kind}
    if kind == "timer":
        values["timer"] = _timer(definition)
    elif kind == "message":
        values.update(_message(index.find(definition.get("messageRef", ""))))
    elif kind == "conditional":
        values["condition"] = _text(definition.find(bpmn("condition")))
    elif kind == "link":
        values["event_name"] = definition.get("name", "")
    elif kind in ("signal", "error", "escalation"):
        found = index.find(definition.get(f"{kind}Ref", ""))
        attribute = {"signal": "name", "error": "errorCode", "escalation": "escalationCode"}[kind]
        values["event_name"] = "" if found is None else found.get(attribute, "")
    return values


def _message(message: etree._Element | None) -> dict[str, str]:
    if message is None:
        return {}
    return {
        "event_name": message.get("name", ""),
        "correlation_key": _attribute(message, "subscription", "correlationKey"),
    }


def _timer(definition: etree._Element) -> TimerProperties | None:
    for child in definition:
        kind = TIMER_KINDS.get(local_name(child))
        if kind is not None:
            return TimerProperties(kind, _text(child))
    return None


def _loop(node: etree._Element) -> LoopProperties | None:
    standard = node.find(bpmn("standardLoopCharacteristics"))
    if standard is not None:
        maximum = standard.get("loopMaximum", "")
        return LoopProperties(
            standard=True,
            sequential=True,
            while_condition=_text(standard.find(bpmn("loopCondition"))),
            test_before=standard.get("testBefore") == "true",
            maximum=int(maximum) if maximum.strip().isdecimal() and len(maximum) <= 9 else None,
        )
    several = node.find(bpmn("multiInstanceLoopCharacteristics"))
    if several is None:
        return None
    found = extension(several, "loopCharacteristics")
    texts = {} if found is None else {str(name): str(value) for name, value in found.attrib.items()}
    return LoopProperties(
        input_collection=texts.get("inputCollection", ""),
        input_element=texts.get("inputElement", ""),
        output_collection=texts.get("outputCollection", ""),
        output_element=texts.get("outputElement", ""),
        sequential=several.get("isSequential") == "true",
        completion_condition=_text(several.find(bpmn("completionCondition"))),
        cardinality=_text(several.find(bpmn("loopCardinality"))),
    )
