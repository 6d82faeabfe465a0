"""What may not stand where it is drawn, by BPMN 2.0: it would run otherwise than anybody expects."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import TIMER_KINDS, event_definitions
from engine.models.lint.drawing import Bundle, Drawing, Findings, flows_of, text_of
from engine.models.xml import bpmn, local_name


def check_places(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse boundary events of event sub-processes, flows of compensation handlers, error starts that do
    not interrupt, and timers that say several things.
    """
    del bundle
    for node, properties in drawing.running():
        parent = node.getparent()
        held = drawing.by_id.get(properties.attached_to)
        if held is not None and held.get("triggeredByEvent") == "true":
            message = Message(
                "an event sub-process has no boundary events; draw another event sub-process beside it"
            )
            findings.add(drawing, node, "bpmn.event", message)
        if node.get("isForCompensation") == "true" and parent is not None:
            _check_handler(drawing, parent, node, findings)
        if properties.event == "error" and properties.kind == "startEvent" and not properties.interrupting:
            findings.add(
                drawing, node, "bpmn.event", Message("an error always interrupts; set it to interrupting")
            )
        for timer in event_definitions(node, drawing.index):
            said = [each for each in timer if local_name(each) in TIMER_KINDS and text_of(each)]
            if len(said) > 1:
                message = Message("the timer says several things; keep one of date, duration and cycle")
                findings.add(drawing, node, "bpmn.timer", message)


def _check_handler(drawing: Drawing, level: etree._Element, node: etree._Element, findings: Findings) -> None:
    identifier = node.get("id", "")
    if any(identifier in (flow.get("sourceRef"), flow.get("targetRef")) for flow in flows_of(level)):
        message = Message("a compensation handler has no sequence flows: only its association leads to it")
        findings.add(drawing, node, "bpmn.compensation", message)
    tied = [each for each in level.findall(bpmn("association")) if each.get("targetRef") == identifier]
    if not tied:
        message = Message("no compensation event is tied to this handler; draw the association")
        findings.add(drawing, node, "bpmn.compensation", message, warning=True)
