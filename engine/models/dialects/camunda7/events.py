"""Events, conditions and messages of Camunda 7."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.feel import is_expression
from engine.models.dialects.camunda7.mappings import add_output
from engine.models.dialects.camunda7.translation import (
    Translation,
    attribute,
    extend,
    peek,
)
from engine.models.xml import XSI, bpmn, local_name

_CATCHING = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent")
_NAMED = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}


def translate_flow(work: Translation, flow: etree._Element) -> None:
    """Put the condition of a sequence flow into our dialect."""
    held = flow.find(bpmn("conditionExpression"))
    if held is not None:
        _condition(work, flow, held)


def translate_condition(work: Translation, definition: etree._Element) -> None:
    """Put a conditional event into our dialect."""
    held = definition.find(bpmn("condition"))
    if held is not None:
        _condition(work, definition, held)
    for name in ("variableName", "variableEvents"):
        if attribute(definition, name):
            work.warn(
                definition,
                Message(
                    "{name} is not read: the condition is looked at whenever a variable changes", name=name
                ),
            )


def _condition(work: Translation, node: etree._Element, held: etree._Element) -> None:
    text = "".join(str(part) for part in held.itertext()).strip()
    language = held.get("language", "").strip().lower()
    if (language and language not in ("juel", "feel")) or peek(held, "resource"):
        attribute(held, "resource")
        held.text = "=true"
        message = Message(
            "a condition in {language} does not run here; write it in FEEL, after `=`",
            language=language or Message("a script file"),
        )
        work.refuse(node, message)
    elif language == "feel":
        held.text = "=" + text.removeprefix("=")
    elif text and not is_expression(text):
        work.refuse(
            node,
            Message("the condition '{text}' is no expression; write ${...}, or FEEL after `=`", text=text),
        )
        held.text = "=true"
    elif text:
        held.text = work.feel(node, text, Message("the condition"), truth=True) or "=true"
    for name in ("language", f"{{{XSI}}}type"):
        held.attrib.pop(name, "")
    held.set(f"{{{XSI}}}type", _formal(held))


def _formal(node: etree._Element) -> str:
    prefix = next((key for key, space in node.nsmap.items() if space == etree.QName(node).namespace), None)
    return f"{prefix}:tFormalExpression" if prefix else "tFormalExpression"


def translate_timer(work: Translation, definition: etree._Element) -> None:
    """Put a timer into our dialect; literal ISO texts are the same."""
    for child in definition:
        if local_name(child) in ("timeDate", "timeDuration", "timeCycle"):
            text = "".join(str(part) for part in child.itertext()).strip()
            if is_expression(text):
                child.text = work.feel(definition, text, Message("the timer")) or "PT0S"


def translate_start(_work: Translation, node: etree._Element) -> None:
    """Keep who started the instance under the name that the start event gives."""
    name = attribute(node, "initiator")
    if name:
        add_output(node, "instance.started_by", name)


def translate_names(work: Translation, node: etree._Element) -> None:
    """Refuse names of messages, signals, errors and escalations that are computed."""
    name = node.get(_NAMED[local_name(node)], "")
    if is_expression(name):
        kind = local_name(node)
        message = Message(
            "the {kind}'s name '{name}' is computed; give it one name, and tell instances apart by key",
            kind=kind,
            name=name,
        )
        work.refuse(node, message)


def correlate_messages(work: Translation) -> None:
    """Give every message that is caught in a running instance a key: the business key, as is usual there."""
    caught = set()
    for definition in work.root.iter(bpmn("messageEventDefinition"), bpmn("receiveTask")):
        owner = definition if local_name(definition) == "receiveTask" else definition.getparent()
        if owner is None or local_name(owner) not in _CATCHING:
            continue
        level = owner.getparent()
        if local_name(owner) == "startEvent" and level is not None and local_name(level) == "process":
            continue
        caught.add(definition.get("messageRef", "").split(":")[-1])
    for message in work.root.iter(bpmn("message")):
        if message.get("id") in caught:
            extend(message, "subscription", correlationKey="=instance.business_key")
            told = Message(
                "the message '{name}' is correlated by the instance's business key; where others were meant, "
                "give it its own correlation key (zeebe:subscription)",
                name=message.get("name", ""),
            )
            work.warn(message, told)
