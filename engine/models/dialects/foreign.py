"""Extensions of engines whose models are not read here: each named, with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.errors import Finding
from engine.models.xml import line_of, local_name, namespace, owner_id

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
_PREFIXES = {SPIFF: "spiffworkflow", FLOWABLE: "flowable", ACTIVITI: "activiti"}

_WORKER = "give the task a job type (zeebe:taskDefinition) and let a worker outside do it"
_PYTHON = "Python does not run here; write FEEL in a mapping (zeebe:ioMapping), or a decision table"
_PEOPLE = "use zeebe:assignmentDefinition"
_FORM = "draw the form as form-js and link it by its id (zeebe:formDefinition)"
_INSTEAD = {
    SPIFF: {
        "preScript": _PYTHON,
        "postScript": _PYTHON,
        "unitTests": "use scenarios (processes/README.md)",
        "unitTest": "use scenarios (processes/README.md)",
        "serviceTaskOperator": _WORKER,
        "calledDecisionId": "use zeebe:calledDecision with decisionId and resultVariable",
        "instructionsForEndUser": "write it into the element's documentation",
        "properties": "use zeebe:properties; for a form: " + _FORM,
        "messagePayload": "use an output mapping (zeebe:ioMapping)",
        "messageVariable": "use an output mapping (zeebe:ioMapping)",
        "processVariableCorrelation": "use zeebe:subscription with a correlationKey on the message",
        "variableName": "use an output mapping (zeebe:ioMapping)",
        "payloadExpression": "use an output mapping (zeebe:ioMapping)",
        "allowGuest": "let the public form start the process",
    },
    FLOWABLE: {
        "class": f"a Java class does not run here; {_WORKER}",
        "delegateExpression": f"a Java delegate does not run here; {_WORKER}",
        "expression": f"an expression that acts does not run here; {_WORKER}",
        "type": _WORKER,
        "executionListener": "listeners do not run here; draw what it does as a task",
        "taskListener": "listeners do not run here; draw what it does as a task",
        "assignee": _PEOPLE,
        "candidateGroups": _PEOPLE,
        "candidateUsers": _PEOPLE,
        "dueDate": "use zeebe:taskSchedule",
        "priority": "use zeebe:priorityDefinition",
        "formKey": _FORM,
        "formProperty": _FORM,
        "formFieldValidation": _FORM,
        "collection": "use zeebe:loopCharacteristics with inputCollection and inputElement",
        "elementVariable": "use zeebe:loopCharacteristics with inputCollection and inputElement",
        "in": "use an input mapping (zeebe:ioMapping)",
        "out": "use an output mapping (zeebe:ioMapping)",
        "initiator": "read instance.started_by",
        "decisionTableReferenceKey": "use zeebe:calledDecision",
        "async": "remove it: every step is a transaction of its own",
        "exclusive": "remove it: every step is a transaction of its own",
    },
}
_INSTEAD[ACTIVITI] = _INSTEAD[FLOWABLE]
_ELSE = "it is not run here; remove it, or draw it for Camunda 8 (zeebe:)"


def name_foreign(root: etree._Element, source: str) -> list[Finding]:
    """Return a finding for each extension of SpiffWorkflow, Flowable and Activiti, at its element."""
    return [
        Finding(
            f"{_PREFIXES[space]}:{name}: {_INSTEAD[space].get(name, _ELSE)}", source, *place, "bpmn.dialect"
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
