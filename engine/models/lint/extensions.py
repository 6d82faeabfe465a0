"""Camunda 8's extension elements: that each says only what is read here, and bindings that can be kept."""

from __future__ import annotations

from difflib import get_close_matches

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import extension
from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.xml import BPMN, ZEEBE, local_name, namespace

#: What each extension element may say. Any other attribute would be passed over in silence.
ATTRIBUTES = {
    "adHoc": ("activeElementsCollection", "outputCollection", "outputElement"),
    "assignmentDefinition": ("assignee", "candidateGroups", "candidateUsers"),
    "calledDecision": ("decisionId", "resultVariable", "bindingType", "versionTag"),
    "calledElement": (
        "processId",
        "propagateAllChildVariables",
        "propagateAllParentVariables",
        "bindingType",
        "versionTag",
    ),
    "formDefinition": ("formId", "formKey", "externalReference", "bindingType", "versionTag"),
    "header": ("key", "value"),
    "input": ("source", "target"),
    "ioMapping": (),
    "loopCharacteristics": ("inputCollection", "inputElement", "outputCollection", "outputElement"),
    "output": ("source", "target"),
    "priorityDefinition": ("priority",),
    "properties": (),
    "property": ("name", "value"),
    "script": ("expression", "resultVariable"),
    "subscription": ("correlationKey",),
    "taskDefinition": ("type", "retries"),
    "taskHeaders": (),
    "taskSchedule": ("dueDate", "followUpDate"),
    "userTask": (),
    "versionTag": ("value",),
}
#: What the modeler notes on an element that came from a template: for itself alone.
_TEMPLATE = "modelerTemplate"
_BINDINGS = ("latest", "deployment", "versionTag")


def check_extensions(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse attributes that are not read, versions that cannot be bound, and forms kept elsewhere."""
    for node in drawing.root.iter(etree.Element):
        if namespace(node) == ZEEBE:
            _check_attributes(drawing, node, findings)
        elif namespace(node) == BPMN:
            for name in node.attrib:
                said = etree.QName(str(name))
                if said.namespace == ZEEBE and not said.localname.startswith(_TEMPLATE):
                    message = Message(
                        "the attribute zeebe:{name} is not known; remove it", name=said.localname
                    )
                    findings.add(drawing, node, "zeebe.attribute", message)
    for node, _ in drawing.running():
        _check_bindings(bundle, drawing, node, findings)
        form = extension(node, "formDefinition")
        if form is not None and form.get("externalReference"):
            message = Message(
                "a form kept elsewhere cannot be shown; deploy it with this file and link it by its id"
            )
            findings.add(drawing, node, "bpmn.form", message)


def _check_attributes(drawing: Drawing, node: etree._Element, findings: Findings) -> None:
    known = ATTRIBUTES.get(local_name(node))
    if known is None:
        return  # refused by its name
    for name in node.attrib:
        said = etree.QName(str(name))
        if not said.namespace and said.localname not in known:
            near = get_close_matches(said.localname, known, 1)
            hint = Message("did you mean '{name}'?", name=near[0]) if near else Message("remove it")
            message = Message(
                "zeebe:{kind} does not know '{name}'; {hint}",
                kind=local_name(node),
                name=said.localname,
                hint=hint,
            )
            findings.add(drawing, node, "zeebe.attribute", message)


def _check_bindings(bundle: Bundle, drawing: Drawing, node: etree._Element, findings: Findings) -> None:
    for tag in ("calledElement", "calledDecision", "formDefinition"):
        found = extension(node, tag)
        binding = "" if found is None else found.get("bindingType", "")
        if found is None or not binding:
            continue
        called = found.get("processId", "")
        if binding not in _BINDINGS:
            message = Message(
                "there is no bindingType '{binding}'; use one of: {names}",
                binding=binding,
                names=", ".join(_BINDINGS),
            )
        elif binding == "versionTag" and tag != "calledElement":
            message = Message(
                "decisions and forms are those that were deployed together with the diagram; bind "
                "them to the deployment"
            )
        elif binding == "versionTag" and not found.get("versionTag", "").strip():
            message = Message("the binding names no version tag (versionTag)")
        elif binding == "deployment" and called and called[0] != "=" and called not in bundle.processes:
            message = Message(
                "process '{called}' is bound to this deployment and not in it; deploy it with this file",
                called=called,
            )
        else:
            continue
        findings.add(drawing, node, "zeebe.binding", message)
