"""Event-based gateways, and what begins an instance without a start event (BPMN 2.0, 10.3.3 and 10.6.6).

A receive task or an event-based gateway that says `instantiate` stands at the beginning of a process. What it
waits for starts an instance; behind a parallel gateway the other events are waited for in that instance.
"""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import event_definitions
from engine.models.xml import bpmn, local_name
from engine.runtime.spiff.parser.document import Document, flow_nodes, sequence_flows

CAUGHT_BEHIND_GATEWAYS = ("intermediateCatchEvent", "receiveTask")


def begins(node: etree._Element) -> bool:
    """Return whether an instance may begin at this receive task or gateway."""
    kind = local_name(node)
    return node.get("instantiate") == "true" and kind in ("receiveTask", "eventBasedGateway")


def is_parallel(gateway: etree._Element) -> bool:
    """Return whether all events behind an event-based gateway are waited for, not only the first."""
    return str(gateway.get("eventGatewayType")) == "Parallel"


def beginnings_of(level: etree._Element) -> dict[str, str]:
    """Return where an instance begins that an element's event starts: by that element, the node entered."""
    entered: dict[str, str] = {}
    for node in flow_nodes(level):
        identifier = node.get("id", "")
        if not begins(node):
            continue
        if local_name(node) == "receiveTask":
            entered[identifier] = identifier
            continue
        for target in _targets(level, identifier):
            entered[target] = identifier if is_parallel(node) else target
    return entered


def refuse_event_gateways(document: Document, level: etree._Element) -> None:
    """Refuse instances that begin elsewhere than at the beginning, and gateways that lead to no event."""
    inside = {node.get("id", ""): node for node in flow_nodes(level)}
    entered = [flow.get("targetRef", "") for flow in sequence_flows(level)]
    for identifier, node in inside.items():
        if begins(node):
            _check_place(document, level, node, entered.count(identifier) > 0)
        elif is_parallel(node):
            message = Message(
                "a parallel event gateway waits for several events only at the beginning of a "
                "process (instantiate); draw a parallel gateway before the events"
            )
            document.refuse(node, message, "bpmn.gateway")
        if local_name(node) == "eventBasedGateway":
            for target in _targets(level, identifier):
                if target in inside:
                    _check_target(document, node, inside[target], entered.count(target))


def _targets(level: etree._Element, identifier: str) -> list[str]:
    return [
        flow.get("targetRef", "") for flow in sequence_flows(level) if flow.get("sourceRef") == identifier
    ]


def _check_place(document: Document, level: etree._Element, node: etree._Element, entered: bool) -> None:
    if local_name(level) != "process":
        message = Message(
            "instantiate has its place only at the beginning of a process, not in a sub-process"
        )
        document.refuse(node, message, "bpmn.start")
    if entered:
        document.refuse(
            node, Message("no flow may enter what begins an instance (instantiate)"), "bpmn.start"
        )
    if any(
        node.find(bpmn(f"{kind}LoopCharacteristics")) is not None for kind in ("multiInstance", "standard")
    ):
        document.refuse(node, Message("what begins an instance (instantiate) is not repeated"), "bpmn.start")


def _check_target(document: Document, gateway: etree._Element, target: etree._Element, entered: int) -> None:
    identifier = target.get("id", "")
    if local_name(target) not in CAUGHT_BEHIND_GATEWAYS:
        message = Message(
            "the gateway leads to '{id}'; it may lead to catching events and receive tasks only",
            id=identifier,
        )
        document.refuse(gateway, message, "bpmn.gateway")
        return
    if entered > 1:
        message = Message("no other flow may enter an event behind an event-based gateway (BPMN 2.0, 10.6.6)")
        document.refuse(target, message, "bpmn.gateway")
    if not begins(gateway) or local_name(target) == "receiveTask":
        return
    kinds = [local_name(each) for each in event_definitions(target, document.index)]
    if len(kinds) != 1 or kinds[0] not in ("messageEventDefinition", "signalEventDefinition"):
        message = Message(
            "an instance is begun by a message or a signal; let this event wait for one of them"
        )
        document.refuse(target, message, "bpmn.event")
