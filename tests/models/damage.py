"""Damage at random to diagrams, tables and forms: what a slip of the hand or another tool leaves behind."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.models.dialects.zeebe import EVENT_DEFINITIONS, KNOWN_ELEMENTS, TIMER_KINDS
from engine.models.nodes import FLOW_NODES
from engine.models.xml import bpmn, zeebe

VALUES = (
    *("", "s", "e", "nowhere", "p", "q", "true", "false", "=", "=1", "=x +", "-1", "é 你", "#", "m"),
    *("handling", "None", "All", "Parallel", "Sequential", "P1D", "R3/PT1H", "=key", "=items", "2"),
)
ATTRIBUTES = (
    *("default", "attachedToRef", "triggeredByEvent", "isForCompensation", "instantiate", "isExecutable"),
    *(
        "parallelMultiple",
        "cancelActivity",
        "isInterrupting",
        "eventGatewayType",
        "startQuantity",
        "behavior",
    ),
    *("completionQuantity", "ordering", "cancelRemainingInstances", "calledElement", "messageRef", "id"),
    *("loopMaximum", "testBefore", "isSequential", "activityRef", "waitForCompletion", "scriptFormat"),
    *("hitPolicy", "aggregation", "outputOrder", "typeRef", "href", "isCollection", "kind", "name"),
)
OF_ZEEBE = (
    *("type", "retries", "assignee", "candidateGroups", "processId", "bindingType", "versionTag", "value"),
    *("decisionId", "resultVariable", "expression", "formId", "dueDate", "priority", "source", "target"),
    *("inputCollection", "inputElement", "outputCollection", "outputElement", "correlationKey", "name"),
    *("activeElementsCollection", "key", "propagateAllChildVariables"),
)
DECLARED = ("message", "signal", "error", "escalation")
JSON = (None, True, -1, 0, 1.5, 10**30, 1e308, [], {}, [None], [[]], {"": {}}, "\ud800", "x" * 5000)
OF_FORMS = (
    *("type", "key", "id", "components", "values", "validate", "conditional", "defaultValue", "path", "rows"),
    *("properties", "layout", "label", "valuesKey", "valuesExpression", "disabled", "readonly", "subtype"),
    *("isRepeating", "defaultRepetitions", "decimalDigits", "increment", "schemaVersion", "expression"),
)
Damage = Callable[[list[etree._Element], random.Random], None]


def damage(root: etree._Element, chance: random.Random) -> str:
    """Change one thing somewhere and return what was done."""
    what = chance.choice(DRAWN if root.tag == bpmn("definitions") else WRITTEN)
    nodes = [node for node in root.iter(etree.Element) if node is not root]
    if nodes:
        what(nodes, chance)
    return what.__name__


def attribute(nodes: list[etree._Element], chance: random.Random) -> None:
    node = chance.choice(nodes)
    node.set(chance.choice([*map(str, node.attrib), *ATTRIBUTES]), value(nodes, chance))


def no_attribute(nodes: list[etree._Element], chance: random.Random) -> None:
    node = chance.choice(nodes)
    if node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]


def nothing(nodes: list[etree._Element], chance: random.Random) -> None:
    node = chance.choice(nodes)
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)


def another_kind(nodes: list[etree._Element], chance: random.Random) -> None:
    kinds = (
        *sorted(FLOW_NODES),
        *sorted(EVENT_DEFINITIONS),
        "lane",
        "sequenceFlow",
        "association",
        "process",
    )
    chance.choice(nodes).tag = bpmn(chance.choice(kinds))


def twice(nodes: list[etree._Element], chance: random.Random) -> None:
    chance.choice(nodes).append(copy.deepcopy(chance.choice(nodes)))


def twice_by_other_names(nodes: list[etree._Element], chance: random.Random) -> None:
    """As copying and pasting in a modeler does it."""
    copied = copy.deepcopy(chance.choice(nodes))
    for each in copied.iter(etree.Element):
        if each.get("id"):
            each.set("id", f"{each.get('id')}_{chance.randrange(10**6)}")
    chance.choice(nodes).append(copied)


def text(nodes: list[etree._Element], chance: random.Random) -> None:
    chance.choice(nodes).text = value(nodes, chance)


def moved(nodes: list[etree._Element], chance: random.Random) -> None:
    node, target = chance.choice(nodes), chance.choice(nodes)
    if node is not target and node not in target.iterancestors():
        target.append(node)


def extension(nodes: list[etree._Element], chance: random.Random) -> None:
    node = chance.choice(nodes)
    around = node.find(bpmn("extensionElements"))
    if around is None:
        around = etree.SubElement(node, bpmn("extensionElements"))
    added = etree.SubElement(around, zeebe(chance.choice(sorted(KNOWN_ELEMENTS))))
    for _ in range(chance.randrange(4)):
        added.set(chance.choice(OF_ZEEBE), value(nodes, chance))
    if chance.random() < 0.3:
        inner = etree.SubElement(added, zeebe(chance.choice(sorted(KNOWN_ELEMENTS))))
        inner.set(chance.choice(OF_ZEEBE), value(nodes, chance))


def loop(nodes: list[etree._Element], chance: random.Random) -> None:
    node = one_of(nodes, chance)
    if chance.random() < 0.3:
        drawn = etree.SubElement(node, bpmn("standardLoopCharacteristics"))
        etree.SubElement(drawn, bpmn("loopCondition")).text = value(nodes, chance)
        return
    drawn = etree.SubElement(node, bpmn("multiInstanceLoopCharacteristics"))
    around = etree.SubElement(drawn, bpmn("extensionElements"))
    collection = chance.choice(("=items", "=[1,2]", value(nodes, chance)))
    etree.SubElement(around, zeebe("loopCharacteristics")).set("inputCollection", collection)
    if chance.random() < 0.5:
        drawn.set("behavior", chance.choice(("None", "One", "Complex", "All")))
        drawn.set(chance.choice(("oneBehaviorEventRef", "noneBehaviorEventRef")), value(nodes, chance))


def event(nodes: list[etree._Element], chance: random.Random) -> None:
    definition(one_of(nodes, chance), nodes, chance)


def boundary(nodes: list[etree._Element], chance: random.Random) -> None:
    held = one_of(nodes, chance)
    added = etree.SubElement(level(nodes, chance, near=held), bpmn("boundaryEvent"))
    added.set("id", fresh(chance))
    added.set("attachedToRef", held.get("id", ""))
    added.set("cancelActivity", chance.choice(("true", "false")))
    for _ in range(chance.randrange(1, 3)):
        definition(added, nodes, chance)


def event_subprocess(nodes: list[etree._Element], chance: random.Random) -> None:
    added = etree.SubElement(level(nodes, chance), bpmn(chance.choice(("subProcess", "transaction"))))
    added.set("id", fresh(chance))
    added.set("triggeredByEvent", "true")
    start = etree.SubElement(added, bpmn("startEvent"))
    start.set("id", fresh(chance))
    start.set("isInterrupting", chance.choice(("true", "false")))
    definition(start, nodes, chance)
    task = etree.SubElement(added, bpmn("userTask"))
    task.set("id", fresh(chance))
    connect(added, start.get("id", ""), task.get("id", ""), chance)


def lane(nodes: list[etree._Element], chance: random.Random) -> None:
    around = etree.SubElement(level(nodes, chance), bpmn("laneSet"))
    for _ in range(chance.randrange(1, 4)):
        added = etree.SubElement(around, bpmn("lane"))
        added.set("id", fresh(chance))
        added.set("name", value(nodes, chance))
        for _ in range(chance.randrange(3)):
            etree.SubElement(added, bpmn("flowNodeRef")).text = value(nodes, chance)
        around = chance.choice((around, etree.SubElement(added, bpmn("childLaneSet"))))


def flow(nodes: list[etree._Element], chance: random.Random) -> None:
    source, target = (one_of(nodes, chance) for _ in range(2))
    added = connect(level(nodes, chance, near=source), source.get("id", ""), target.get("id", ""), chance)
    if chance.random() < 0.3:
        etree.SubElement(added, bpmn("conditionExpression")).text = value(nodes, chance)


def association(nodes: list[etree._Element], chance: random.Random) -> None:
    source, target = (one_of(nodes, chance) for _ in range(2))
    connect(level(nodes, chance, near=source), source.get("id", ""), target.get("id", ""), chance).tag = bpmn(
        "association"
    )


def node(nodes: list[etree._Element], chance: random.Random) -> None:
    added = etree.SubElement(level(nodes, chance), bpmn(chance.choice(sorted(FLOW_NODES))))
    added.set("id", fresh(chance))
    for _ in range(chance.randrange(3)):
        other = one_of(nodes, chance).get("id", "")
        ends = chance.choice(((other, added.get("id", "")), (added.get("id", ""), other)))
        connect(level(nodes, chance, near=added), *ends, chance)


def declared(nodes: list[etree._Element], chance: random.Random) -> None:
    kind = chance.choice(DECLARED)
    added = etree.SubElement(chance.choice((nodes[0].getparent(), level(nodes, chance))), bpmn(kind))
    added.set("id", chance.choice((fresh(chance), *VALUES)))
    for name in ("name", "errorCode", "escalationCode"):
        if chance.random() < 0.6:
            added.set(name, value(nodes, chance))


def value(nodes: list[etree._Element], chance: random.Random) -> str:
    """Draw a value: one that means something somewhere, or the id of something."""
    return chance.choice((chance.choice(VALUES), chance.choice(nodes).get("id", "")))


def one_of(nodes: list[etree._Element], chance: random.Random) -> etree._Element:
    """Draw a flow node; anything where there is none."""
    drawn = [each for each in nodes if etree.QName(each).localname in FLOW_NODES]
    return chance.choice(drawn or nodes)


def level(
    nodes: list[etree._Element], chance: random.Random, *, near: etree._Element | None = None
) -> etree._Element:
    """Draw a process or sub-process, mostly the one around `near`."""
    around = None if near is None else near.getparent()
    if around is not None and chance.random() < 0.9:
        return around
    drawn = [each for each in nodes if each.tag in map(bpmn, ("process", "subProcess"))]
    return chance.choice(drawn or nodes)


def definition(event: etree._Element, nodes: list[etree._Element], chance: random.Random) -> None:
    """Let an element wait for, or throw, anything."""
    added = etree.SubElement(event, bpmn(chance.choice(sorted(EVENT_DEFINITIONS))))
    for kind in (*DECLARED, "activity"):
        if chance.random() < 0.8:
            known = [each.get("id", "") for each in nodes if etree.QName(each).localname == kind]
            added.set(f"{kind}Ref", chance.choice(known) if known else value(nodes, chance))
    if added.tag == bpmn("timerEventDefinition"):
        etree.SubElement(added, bpmn(chance.choice(sorted(TIMER_KINDS)))).text = value(nodes, chance)
    elif added.tag == bpmn("conditionalEventDefinition"):
        etree.SubElement(added, bpmn("condition")).text = value(nodes, chance)


def connect(around: etree._Element, source: str, target: str, chance: random.Random) -> etree._Element:
    """Draw a sequence flow."""
    added = etree.SubElement(around, bpmn("sequenceFlow"))
    for name, said in (("id", fresh(chance)), ("sourceRef", source), ("targetRef", target)):
        added.set(name, said)
    return added


def fresh(chance: random.Random) -> str:
    """Return an id that nothing has."""
    return f"new_{chance.randrange(10**9)}"


WRITTEN: tuple[Damage, ...] = (attribute, no_attribute, nothing, twice, twice_by_other_names, text, moved)
DRAWN: tuple[Damage, ...] = (
    *(*WRITTEN, another_kind, extension, loop, event, boundary, event_subprocess),
    *(lane, flow, association, node, declared),
)


def damage_json(document: Any, chance: random.Random) -> None:
    """Change one value somewhere in a form."""
    held: Any = document
    while True:
        inside = list(held.values()) if isinstance(held, dict) else list(held)
        deeper = [each for each in inside if isinstance(each, dict | list) and each]
        if not deeper or chance.random() < 0.2:
            break
        held = chance.choice(deeper)
    key = chance.choice(list(held) if isinstance(held, dict) else range(len(held)))
    other = copy.deepcopy(chance.choice((*JSON, *VALUES, held)))
    if chance.random() < 0.2:
        del held[key]
    elif chance.random() < 0.3 and isinstance(held, dict):
        held[chance.choice(OF_FORMS)] = other
    elif isinstance(held, list):
        held.insert(key, other)
    else:
        held[key] = other
