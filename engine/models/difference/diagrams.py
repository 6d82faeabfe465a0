"""What a BPMN file draws, by element, each with all that it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from lxml import etree

from engine.models.dialects.zeebe import read_properties
from engine.models.difference.changes import Element
from engine.models.difference.facts import facts_of
from engine.models.properties import ElementProperties
from engine.models.xml import BPMN, BPMNDI, bpmn

_HOLDERS: Final = frozenset(
    bpmn(name)
    for name in (
        "definitions",
        "process",
        "subProcess",
        "adHocSubProcess",
        "transaction",
        "laneSet",
        "lane",
        "childLaneSet",
        "collaboration",
    )
)
"""What stands directly in these is an element of its own; deeper in, it belongs to its element."""
_WIRING: Final = frozenset(bpmn(name) for name in ("incoming", "outgoing", "flowNodeRef"))
"""What flows and lanes say already."""


def read_diagram(root: etree._Element) -> dict[str, Element]:
    """Return the elements of a BPMN file by id, in the order of the file."""
    places = _places(root)
    found = {
        node.get("id", ""): _element(node, places.get(node.get("id", ""), ""))
        for node in _own(root)
        if node.get("id")
    }
    return {element_id: _named(element, found) for element_id, element in found.items()}


def _own(node: etree._Element) -> Iterator[etree._Element]:
    for child in node.iterchildren(f"{{{BPMN}}}*"):
        if _is_own(child):
            if child.tag not in _UNTOLD:
                yield child
            if child.tag in _HOLDERS:
                yield from _own(child)


_UNTOLD: Final = frozenset({bpmn("laneSet"), bpmn("childLaneSet")})


def _is_own(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag in _HOLDERS and node.get("id") is not None


def _element(node: etree._Element, place: str) -> Element:
    said: ElementProperties = read_properties(node)
    kind = etree.QName(node).localname
    facts = facts_of(node, leave=lambda child: child.tag in _WIRING or _is_own(child))
    return Element(node.get("id", ""), kind, said.name, said.labels, facts, place)


def _named(element: Element, elements: Mapping[str, Element]) -> Element:
    """A flow without a name is known by what it connects."""
    ends = [elements.get(element.facts.get(end, "")) for end in ("sourceRef", "targetRef")]
    if element.name or not all(ends):
        return element
    told = {
        language: " → ".join(end.labels.get(language) or end.name or end.element_id for end in ends if end)
        for language in ("zh-Hant", "zh-Hans", "en")
    }
    return replace(element, name=told["zh-Hant"], labels=told)


def _places(root: etree._Element) -> dict[str, str]:
    """Return where each element is drawn, as one text."""
    return {
        node.get("bpmnElement", ""): " ".join(
            f"{key}={part.get(key)}"
            for part in node.iterdescendants("*")
            for key in sorted(map(str, part.attrib))
        )
        for node in root.iterdescendants(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge")
    }
