"""What cannot run here, or would run otherwise than it is drawn: refused before anything is built."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import (
    KNOWN_ELEMENTS,
    event_definitions,
    extension,
)
from engine.models.nodes import ACTIVITIES, FLOW_NODES, SUBPROCESSES, TASKS
from engine.models.xml import BPMN, CAMUNDA, ZEEBE, bpmn, local_name, namespace
from engine.runtime.spiff.parser.document import (
    REFUSED_NODES,
    Document,
    flow_nodes,
    is_event_subprocess,
    levels,
    sequence_flows,
    text_of,
)
from engine.runtime.spiff.parser.instantiating import begins, refuse_event_gateways
from engine.runtime.spiff.parser.refuse_events import refuse_events

MOST_TOKENS = 1_000
"""The largest startQuantity or completionQuantity."""

_FOREIGN = {
    CAMUNDA: Message("camunda: is the dialect of Camunda 7; draw it for Camunda 8 (zeebe:)"),
    "http://spiffworkflow.org/bpmn/schema/1.0/core": Message(
        "spiffworkflow: extensions are not run; use zeebe:"
    ),
    "http://activiti.org/bpmn": Message("activiti: extensions are not run; use zeebe: properties"),
    "http://flowable.org/bpmn": Message("flowable: extensions are not run; use zeebe: properties"),
}


def quantity(node: etree._Element, name: str) -> int | None:
    """Return how many tokens an activity takes or gives, 1 where it does not say; None for what cannot be."""
    text = node.get(name, "1")
    number = int(text) if text.isdecimal() and len(text) <= len(str(MOST_TOKENS)) else 0
    return number if 1 <= number <= MOST_TOKENS else None


def refuse_foreign(document: Document) -> None:
    """Refuse executable extensions of other dialects, and elements of ours that are not known."""
    for node in document.root.iter(etree.Element):
        space = namespace(node)
        if space in _FOREIGN:
            document.refuse(
                node,
                Message("{kind}: {said}", kind=local_name(node), said=_FOREIGN[space]),
                "bpmn.dialect",
            )
        elif space == ZEEBE and local_name(node) not in KNOWN_ELEMENTS:
            document.refuse(
                node,
                Message("zeebe:{kind} is not supported here; remove it", kind=local_name(node)),
                "zeebe.unknown",
            )
        elif space == BPMN:
            for name in node.attrib:
                attribute = etree.QName(str(name))
                if attribute.namespace in _FOREIGN:
                    message = Message(
                        "{name}: {said}",
                        name=attribute.localname,
                        said=_FOREIGN[attribute.namespace],
                    )
                    document.refuse(node, message, "bpmn.dialect")


def refuse_elements(document: Document, process: etree._Element) -> None:
    """Refuse elements, event definitions and references of one executable process that cannot run."""
    for level in levels(process):
        _check_level(document, level)
        refuse_event_gateways(document, level)
        for node in flow_nodes(level):
            kind = local_name(node)
            if kind in REFUSED_NODES:
                document.refuse(
                    node,
                    Message("this is {said}", said=REFUSED_NODES[kind]),
                    "bpmn.unsupported",
                )
                continue
            refuse_events(document, node)
            _check_attributes(document, node)
            _check_ignored(document, node)
            if kind in TASKS:
                _check_task(document, node)


def refuse_connections(document: Document, process: etree._Element) -> None:
    """Refuse flows that lead nowhere, out of their level, or into nothing that can be reached."""
    for level in levels(process):
        inside = {node.get("id"): node for node in flow_nodes(level)}
        flows = sequence_flows(level)
        for flow in flows:
            _check_flow(document, flow, inside)
        _check_defaults(document, inside, {flow.get("id"): flow for flow in flows})
        _check_reached(document, inside, flows, ad_hoc=local_name(level) == "adHocSubProcess")


def _check_level(document: Document, level: etree._Element) -> None:
    starts = level.findall(bpmn("startEvent"))
    if local_name(level) == "adHocSubProcess":
        _check_ad_hoc(document, level)
        return
    if not starts and not any(map(begins, flow_nodes(level))):
        document.refuse(level, Message("there is no start event; draw one"), "bpmn.start")
    plain = [node for node in starts if not list(event_definitions(node, document.index))]
    if len(plain) > 1:
        document.refuse(plain[1], Message("there are several plain start events; keep one"), "bpmn.start")
    if local_name(level) not in SUBPROCESSES:
        return
    if is_event_subprocess(level):
        if len(starts) != 1 or plain:
            message = Message("an event sub-process has exactly one start event, with what triggers it")
            document.refuse(level, message, "bpmn.start")
        if document.properties(level).loop is not None:
            message = Message(
                "an event sub-process is not repeated: its event begins it; remove the loop, "
                "or repeat a sub-process inside it"
            )
            document.refuse(level, message, "bpmn.loop")
    elif starts and not plain:
        document.refuse(starts[0], Message("a sub-process begins with a plain start event"), "bpmn.start")


def _check_ad_hoc(document: Document, level: etree._Element) -> None:
    inside = list(flow_nodes(level))
    for node in inside:
        if local_name(node) in ("startEvent", "endEvent"):
            message = Message(
                "an ad-hoc sub-process has no start and no end event (BPMN 2.0, 13.3.5); remove it"
            )
            document.refuse(node, message, "bpmn.start")
    if not any(local_name(node) in ACTIVITIES for node in inside):
        document.refuse(level, Message("the ad-hoc sub-process holds no activity; draw one"), "bpmn.start")
    drawn = extension(level, "adHoc")
    if drawn is not None and (drawn.get("outputCollection") or drawn.get("outputElement")):
        message = Message(
            "an output collection of an ad-hoc sub-process is not kept; use output mappings inside"
        )
        document.refuse(level, message, "zeebe.unknown")


def _check_attributes(document: Document, node: etree._Element) -> None:
    for name in ("startQuantity", "completionQuantity"):
        if quantity(node, name) is None:
            document.refuse(
                node,
                Message("{name} is a number from 1 to {most}", name=name, most=MOST_TOKENS),
                "bpmn.quantity",
            )
    if node.get("parallelMultiple") == "true" and local_name(node) != "intermediateCatchEvent":
        message = Message("this event waits for several things at once; draw a parallel gateway")
        document.refuse(node, message, "bpmn.multiple")


def _check_ignored(document: Document, node: etree._Element) -> None:
    """Refuse what other engines run and this one would silently pass over."""
    for child in node:
        name = local_name(child)
        if name in ("potentialOwner", "humanPerformer", "performer", "resourceRole"):
            document.refuse(
                child,
                Message("{name} is not read; use zeebe:assignmentDefinition", name=name),
                "bpmn.unsupported",
            )
        moves = name in ("dataInputAssociation", "dataOutputAssociation")
        if moves and any(local_name(each) in ("assignment", "transformation") for each in child):
            message = Message(
                "a {name} that assigns or transforms is not run; use zeebe:ioMapping", name=name
            )
            document.refuse(child, message, "bpmn.data")


def _check_task(document: Document, node: etree._Element) -> None:
    properties = document.properties(node)
    if text_of(node.find(bpmn("script"))) or node.get("scriptFormat"):
        message = Message(
            "scripts do not run here; give the task a FEEL expression (zeebe:script) or a job type"
        )
        document.refuse(node, message, "bpmn.script")
        return
    needs = {
        "serviceTask": (
            properties.job_type,
            Message("a service task needs a job type (zeebe:taskDefinition)"),
        ),
        "sendTask": (
            properties.job_type or properties.event_name,
            Message("a send task needs a message, or a job type (zeebe:taskDefinition)"),
        ),
        "businessRuleTask": (
            properties.called_decision or properties.job_type,
            Message("a business rule task needs a decision (zeebe:calledDecision)"),
        ),
        "scriptTask": (
            properties.script_expression or properties.job_type,
            Message("a script task needs a FEEL expression (zeebe:script)"),
        ),
        "receiveTask": (properties.event_name, Message("a receive task needs a message")),
    }
    lacking = needs.get(local_name(node))
    if lacking is not None and not lacking[0]:
        document.refuse(node, lacking[1], "bpmn.task")
    if properties.called_decision and not properties.decision_result:
        document.refuse(node, Message("the decision's result needs a name (resultVariable)"), "bpmn.task")
    if properties.script_expression and not properties.script_result:
        document.refuse(node, Message("the script's result needs a name (resultVariable)"), "bpmn.task")


def _check_flow(document: Document, flow: etree._Element, inside: dict[str | None, etree._Element]) -> None:
    for attribute in ("sourceRef", "targetRef"):
        reference = flow.get(attribute, "")
        if reference in inside:
            continue
        if reference in document.by_id:
            message = Message(
                "the flow's {attribute} '{reference}' is in another process or sub-process",
                attribute=attribute,
                reference=reference,
            )
        else:
            message = Message(
                "the flow's {attribute} '{reference}' does not exist",
                attribute=attribute,
                reference=reference,
            )
        document.refuse(flow, message, "bpmn.reference")
    source, target = inside.get(flow.get("sourceRef")), inside.get(flow.get("targetRef"))
    if source is not None and local_name(source) == "endEvent":
        document.refuse(flow, Message("a flow cannot leave an end event"), "bpmn.flow")
    if target is not None and local_name(target) in ("startEvent", "boundaryEvent"):
        document.refuse(flow, Message("a flow cannot enter a {kind}", kind=local_name(target)), "bpmn.flow")
    plain = source is not None and local_name(source) in ("parallelGateway", "eventBasedGateway")
    if plain and flow.find(bpmn("conditionExpression")) is not None:
        message = Message(
            "conditions on flows out of this gateway are ignored; remove them or use an inclusive gateway"
        )
        document.refuse(flow, message, "bpmn.flow")


def _check_defaults(
    document: Document, inside: dict[str | None, etree._Element], flows: dict[str | None, etree._Element]
) -> None:
    for identifier, node in inside.items():
        default = node.get("default")
        if default and (default not in flows or flows[default].get("sourceRef") != identifier):
            document.refuse(
                node,
                Message("the default flow '{default}' does not leave this element", default=default),
                "bpmn.reference",
            )
        if local_name(node) != "exclusiveGateway":
            continue
        bare = [
            key
            for key, flow in flows.items()
            if flow.get("sourceRef") == identifier
            and key != default
            and flow.find(bpmn("conditionExpression")) is None
        ]
        if len(bare) > 1 or (bare and default):
            message = Message(
                "several flows without a condition leave this gateway; give each but one a condition"
            )
            document.refuse(node, message, "bpmn.flow")


def _check_reached(
    document: Document,
    inside: dict[str | None, etree._Element],
    flows: list[etree._Element],
    *,
    ad_hoc: bool,
) -> None:
    entered = Counter(flow.get("targetRef") for flow in flows)
    for identifier, node in inside.items():
        kind = local_name(node)
        if kind in ("startEvent", "boundaryEvent") or kind not in FLOW_NODES:
            continue
        if kind == "subProcess" and is_event_subprocess(node):
            if entered[identifier]:
                document.refuse(node, Message("no flow may enter an event sub-process"), "bpmn.flow")
            continue
        if node.get("isForCompensation") == "true" or document.properties(node).event == "link":
            continue
        if not entered[identifier] and not ad_hoc and not begins(node):
            document.refuse(node, Message("no flow leads to this element: it would never run"), "bpmn.flow")
    for node in inside.values():
        if local_name(node) == "boundaryEvent":
            _check_attached(document, node, inside)


def _check_attached(
    document: Document, node: etree._Element, inside: dict[str | None, etree._Element]
) -> None:
    held = inside.get(node.get("attachedToRef"))
    if held is None:
        document.refuse(
            node,
            Message("attachedToRef '{reference}' does not exist here", reference=node.get("attachedToRef")),
            "bpmn.reference",
        )
    elif local_name(held) not in ACTIVITIES:
        document.refuse(
            node, Message("a boundary event is attached to a task, sub-process or call"), "bpmn.reference"
        )
