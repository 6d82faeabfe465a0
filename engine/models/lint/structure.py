"""What a BPMN file must be made of; gateways that may get stuck; elements that nobody can see."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.lint.drawing import Bundle, Drawing, Findings, flows_of, spoken, text_of
from engine.models.nodes import FLOW_NODES
from engine.models.xml import BPMN, BPMNDI, bpmn, local_name

_MANY = 5


def check_structure(drawing: Drawing, findings: Findings) -> None:
    """Refuse a file that is no BPMN, has no executable process, or uses an id twice."""
    if not drawing.is_bpmn:
        message = Message("this is no BPMN file: its root is not bpmn:definitions")
        findings.add(drawing, drawing.root, "bpmn.root", message)
        return
    if not drawing.executable:
        message = Message("there is no executable process; set one to executable")
        findings.add(drawing, drawing.root, "bpmn.process", message)
    seen = set()
    for node in drawing.nodes:
        identifier = node.get("id")
        if identifier in seen:
            message = Message("the id '{id}' is used twice; give each element its own", id=identifier)
            findings.add(drawing, node, "bpmn.id", message)
        if identifier:
            seen.add(identifier)


def check_gateways(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Warn of gateways that stop when no condition holds."""
    del bundle
    for node, properties in drawing.running():
        level = node.getparent()
        if properties.kind not in ("exclusiveGateway", "inclusiveGateway") or level is None:
            continue
        out = [flow for flow in flows_of(level) if flow.get("sourceRef") == properties.element_id]
        if len(out) < 2 or node.get("default"):
            continue
        bare = [flow for flow in out if not text_of(flow.find(bpmn("conditionExpression")))]
        if bare:
            message = Message(
                "{element}: the flow '{id}' has no condition; make it the default flow, or give it a "
                "condition",
                element=spoken(properties),
                id=bare[0].get("id"),
            )
        else:
            message = Message(
                "{element} stops when no condition holds; make one flow the default",
                element=spoken(properties),
            )
        findings.add(drawing, node, "bpmn.gateway", message, warning=True)


def check_pictures(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Warn of elements without a shape and flows without a line: they run, and nobody sees them."""
    del bundle
    drawn = {
        shape.get("bpmnElement", "").split(":")[-1]
        for tag in ("BPMNShape", "BPMNEdge")
        for shape in drawing.root.iter(f"{{{BPMNDI}}}{tag}")
    }
    if not drawn and drawing.executable:
        message = Message(
            "the file has no diagram: draw it in a modeler, or with redress lint --fix --layout"
        )
        findings.add(drawing, drawing.root, "bpmn.diagram", message, warning=True)
        return
    for identifier in sorted(name for name in drawn if name and name not in drawing.by_id):
        message = Message("the diagram shows '{id}', which does not exist; remove its shape", id=identifier)
        findings.add(drawing, drawing.root, "bpmn.diagram", message, warning=True)
    missing = [node for node in _visible(drawing) if node.get("id") not in drawn]
    for node in missing[:_MANY]:
        message = Message(
            "{kind} '{id}' is not in the diagram; draw it", kind=local_name(node), id=node.get("id")
        )
        findings.add(drawing, node, "bpmn.diagram", message, warning=True)
    if len(missing) > _MANY:
        message = Message("{count} more elements are not in the diagram", count=len(missing) - _MANY)
        findings.add(drawing, drawing.root, "bpmn.diagram", message, warning=True)


def _visible(drawing: Drawing) -> list[etree._Element]:
    return [
        node
        for process in drawing.executable
        for node in process.iter(f"{{{BPMN}}}*")
        if local_name(node) in FLOW_NODES or local_name(node) == "sequenceFlow"
    ]
