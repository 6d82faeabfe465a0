"""What events of an executable process cannot do: refused before anything is built."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import EVENT_DEFINITIONS, TIMER_KINDS, event_definitions
from engine.models.nodes import SUBPROCESSES
from engine.models.xml import BPMN, local_name, namespace
from engine.runtime.spiff.parser.document import Document, is_event_subprocess, text_of

#: Which events may stand where; an event sub-process begins with more of them.
ALLOWED_EVENTS = {
    "startEvent": {"timer", "message", "signal", "conditional"},
    "boundaryEvent": {"timer", "message", "signal", "error", "escalation", "compensate", "conditional"},
    "intermediateCatchEvent": {"timer", "message", "signal", "link", "conditional"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "link", "compensate"},
    "endEvent": {"message", "signal", "error", "escalation", "terminate", "compensate"},
}
_REFERENCES = {
    "message": ("messageRef", "message"),
    "signal": ("signalRef", "signal"),
    "error": ("errorRef", "error"),
    "escalation": ("escalationRef", "escalation"),
}
_MAY_LACK_REFERENCE = {("error", "boundaryEvent"), ("error", "startEvent"), ("escalation", "boundaryEvent")}
_MAY_LACK_REFERENCE |= {("escalation", "startEvent")}


def refuse_events(document: Document, node: etree._Element) -> None:
    """Refuse event definitions that cannot stand on `node`, and what they lack."""
    kind = local_name(node)
    _check_unknown_definitions(document, node)
    if kind not in ALLOWED_EVENTS:
        return
    definitions = list(event_definitions(node, document.index))
    allowed = set(ALLOWED_EVENTS[kind])
    parent = node.getparent()
    if kind == "endEvent" and parent is not None and local_name(parent) == "transaction":
        allowed.add("cancel")
    held = document.by_id.get(node.get("attachedToRef", ""))
    if kind == "boundaryEvent" and held is not None and local_name(held) == "transaction":
        allowed.add("cancel")
    if kind == "startEvent" and parent is not None and is_event_subprocess(parent):
        allowed |= {"error", "escalation"}
        if any(local_name(each) in SUBPROCESSES for each in parent.iterancestors(f"{{{BPMN}}}*")):
            allowed.add("compensate")
    if kind in ("boundaryEvent", "intermediateCatchEvent") and not definitions:
        document.refuse(
            node, Message("this event waits for nothing; give it a timer, message or signal"), "bpmn.event"
        )
    for definition in definitions:
        event = EVENT_DEFINITIONS[local_name(definition)]
        if event not in allowed:
            names = ", ".join(sorted(allowed))
            document.refuse(
                node,
                Message("a {event} event cannot stand here; use one of: {names}", event=event, names=names),
                "bpmn.event",
            )
            continue
        _check_reference(document, node, definition, event)
    errors = any(local_name(each) == "errorEventDefinition" for each in definitions)
    if errors and kind == "boundaryEvent" and node.get("cancelActivity") == "false":
        document.refuse(
            node, Message("an error always interrupts; set the boundary event to interrupting"), "bpmn.event"
        )


def _check_unknown_definitions(document: Document, node: etree._Element) -> None:
    for child in node:
        name = local_name(child)
        if namespace(child) == BPMN and name.endswith("EventDefinition") and name not in EVENT_DEFINITIONS:
            document.refuse(
                child,
                Message("{name} is not supported; use a timer, message, signal or error", name=name),
                "bpmn.event",
            )
        if name == "eventDefinitionRef" and text_of(child).split(":")[-1] not in document.by_id:
            document.refuse(child, Message("'{text}' does not exist", text=text_of(child)), "bpmn.reference")


def _check_reference(
    document: Document, node: etree._Element, definition: etree._Element, event: str
) -> None:
    if event == "timer":
        if not any(local_name(child) in TIMER_KINDS and text_of(child) for child in definition):
            message = Message("the timer says nothing; give it a date, a duration or a cycle")
            document.refuse(node, message, "bpmn.timer")
        return
    if event not in _REFERENCES:
        return
    attribute, tag = _REFERENCES[event]
    reference = definition.get(attribute, "").split(":")[-1]
    if not reference:
        if (event, local_name(node)) not in _MAY_LACK_REFERENCE and not _is_job(document, node, event):
            document.refuse(
                node,
                Message("the {event} event names no {tag}; choose one", event=event, tag=tag),
                "bpmn.reference",
            )
        return
    _resolve(document, node, reference, tag)


def _is_job(document: Document, node: etree._Element, event: str) -> bool:
    """Whether a worker sends the message, as Camunda 8 draws it: then the job says what is sent."""
    return event == "message" and bool(document.properties(node).job_type)


def _resolve(document: Document, node: etree._Element, reference: str, tag: str) -> None:
    found = document.by_id.get(reference)
    if found is None or local_name(found) != tag:
        document.refuse(
            node,
            Message("the {tag} '{reference}' does not exist in this file", tag=tag, reference=reference),
            "bpmn.reference",
        )
    elif tag in ("message", "signal") and not found.get("name", "").strip():
        document.refuse(
            found,
            Message("the {tag} '{reference}' has no name; give it one", tag=tag, reference=reference),
            "bpmn.reference",
        )
