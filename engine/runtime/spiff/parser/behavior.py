"""What events throw, and which events the instances of a multi-instance activity throw as they complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import ModelIndex, event_definitions
from engine.models.properties import EventKind
from engine.models.xml import bpmn, local_name
from engine.runtime.spiff.parser.document import text_of
from engine.runtime.spiff.specs.loops import Thrown

if TYPE_CHECKING:
    from engine.runtime.spiff.parser.build import LevelBuilder

_THROWABLE = ("signal", "error", "escalation")


def thrown(definition: etree._Element, index: ModelIndex) -> tuple[EventKind, str]:
    """Return the kind of an event definition, and the name or code of what it throws."""
    kind: EventKind = local_name(definition).removesuffix("EventDefinition")  # type: ignore[assignment]
    attribute = {"error": "errorCode", "escalation": "escalationCode"}.get(kind, "name")
    found = index.find(definition.get(f"{kind}Ref", ""))
    return kind, "" if found is None else found.get(attribute, "")


def thrown_by_instances(level: LevelBuilder, node: etree._Element) -> tuple[Thrown, ...]:
    """Read the `behavior` of a multi-instance activity: All throws nothing, None an event for each instance,
    One for the first, Complex where a condition holds. What cannot be thrown is refused.
    """
    drawn = node.find(bpmn("multiInstanceLoopCharacteristics"))
    behavior = "All" if drawn is None else drawn.get("behavior", "All")
    if drawn is None or behavior == "All":
        return ()
    if behavior == "Complex":
        return _complex(level, node, drawn)
    attribute = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(behavior)
    found = None if attribute is None else level.document.index.find(drawn.get(attribute, ""))
    if found is None:
        message = Message(
            "the behavior {behavior} needs an event: set {attribute}",
            behavior=behavior,
            attribute=attribute or "it to None, One, All or Complex",
        )
        level.document.refuse(node, message, "bpmn.loop")
        return ()
    return _named(level, node, found, first_only=behavior == "One")


def _complex(level: LevelBuilder, node: etree._Element, drawn: etree._Element) -> tuple[Thrown, ...]:
    found: list[Thrown] = []
    for definition in drawn.findall(bpmn("complexBehaviorDefinition")):
        text = text_of(definition.find(bpmn("condition")))
        condition = level.condition(node, text, Message("the condition of the behavior"))
        if condition is None:
            level.document.refuse(node, Message("a complex behavior needs a condition"), "bpmn.loop")
            continue
        event = definition.find(bpmn("event"))
        for each in [] if event is None else event_definitions(event, level.document.index):
            found += _named(level, node, each, condition=condition)
    if not found:
        message = Message(
            "the behavior Complex throws nothing; give it a complexBehaviorDefinition with an event"
        )
        level.document.refuse(node, message, "bpmn.loop")
    return tuple(found)


def _named(
    level: LevelBuilder, node: etree._Element, definition: etree._Element, **when: object
) -> tuple[Thrown, ...]:
    kind, name = thrown(definition, level.document.index)
    if kind not in _THROWABLE or not name:
        message = Message(
            "instances throw a signal, error or escalation with a name, not this {kind} event", kind=kind
        )
        level.document.refuse(node, message, "bpmn.loop")
        return ()
    return (Thrown(kind, name, **when),)  # type: ignore[arg-type]
