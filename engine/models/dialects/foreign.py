"""Extensions of engines whose models are not read here: each named, with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.errors import Finding, Message
from engine.models.xml import line_of, local_name, namespace, owner_id

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
_PREFIXES = {SPIFF: "spiffworkflow", FLOWABLE: "flowable", ACTIVITI: "activiti"}

_WORKER = Message("give the task a job type (zeebe:taskDefinition) and let a worker outside do it")
_PYTHON = Message("Python does not run here; write FEEL in a mapping (zeebe:ioMapping), or a decision table")
_PEOPLE = Message("use zeebe:assignmentDefinition")
_FORM = Message("draw the form as form-js and link it by its id (zeebe:formDefinition)")
_INSTEAD = {
    SPIFF: {
        "preScript": _PYTHON,
        "postScript": _PYTHON,
        "unitTests": Message("use scenarios (processes/README.md)"),
        "unitTest": Message("use scenarios (processes/README.md)"),
        "serviceTaskOperator": _WORKER,
        "calledDecisionId": Message("use zeebe:calledDecision with decisionId and resultVariable"),
        "instructionsForEndUser": Message("write it into the element's documentation"),
        "properties": Message("use zeebe:properties; for a form: {instead}", instead=_FORM),
        "messagePayload": Message("use an output mapping (zeebe:ioMapping)"),
        "messageVariable": Message("use an output mapping (zeebe:ioMapping)"),
        "processVariableCorrelation": Message("use zeebe:subscription with a correlationKey on the message"),
        "variableName": Message("use an output mapping (zeebe:ioMapping)"),
        "payloadExpression": Message("use an output mapping (zeebe:ioMapping)"),
        "allowGuest": Message("let the public form start the process"),
    },
    FLOWABLE: {
        "class": Message("a Java class does not run here; {instead}", instead=_WORKER),
        "delegateExpression": Message("a Java delegate does not run here; {instead}", instead=_WORKER),
        "expression": Message("an expression that acts does not run here; {instead}", instead=_WORKER),
        "type": _WORKER,
        "executionListener": Message("listeners do not run here; draw what it does as a task"),
        "taskListener": Message("listeners do not run here; draw what it does as a task"),
        "assignee": _PEOPLE,
        "candidateGroups": _PEOPLE,
        "candidateUsers": _PEOPLE,
        "dueDate": Message("use zeebe:taskSchedule"),
        "priority": Message("use zeebe:priorityDefinition"),
        "formKey": _FORM,
        "formProperty": _FORM,
        "formFieldValidation": _FORM,
        "collection": Message("use zeebe:loopCharacteristics with inputCollection and inputElement"),
        "elementVariable": Message("use zeebe:loopCharacteristics with inputCollection and inputElement"),
        "in": Message("use an input mapping (zeebe:ioMapping)"),
        "out": Message("use an output mapping (zeebe:ioMapping)"),
        "initiator": Message("read instance.started_by"),
        "decisionTableReferenceKey": Message("use zeebe:calledDecision"),
        "async": Message("remove it: every step is a transaction of its own"),
        "exclusive": Message("remove it: every step is a transaction of its own"),
    },
}
_INSTEAD[ACTIVITI] = _INSTEAD[FLOWABLE]
_ELSE = Message("it is not run here; remove it, or draw it for Camunda 8 (zeebe:)")


def name_foreign(root: etree._Element, source: str) -> list[Finding]:
    """Return a finding for each extension of SpiffWorkflow, Flowable and Activiti, at its element."""
    return [
        Finding(
            Message(
                "{name}: {instead}",
                name=f"{_PREFIXES[space]}:{name}",
                instead=_INSTEAD[space].get(name, _ELSE),
            ),
            source,
            *place,
            "bpmn.dialect",
        )
        for space, name, place in dict.fromkeys(_found(root))
    ]


def _found(root: etree._Element) -> Iterator[tuple[str, str, tuple[str, int | None]]]:
    for node in root.iter(etree.Element):
        space, parent = namespace(node), node.getparent()
        if space in _PREFIXES and (parent is None or namespace(parent) not in _PREFIXES):
            yield space, local_name(node), (owner_id(node), line_of(node))
        if space not in _PREFIXES:
            for key in node.attrib:
                name = etree.QName(str(key))
                if name.namespace in _PREFIXES:
                    yield name.namespace, name.localname, (owner_id(node), line_of(node))
