"""The company's own models as they lie in the folders, read with nothing but an XML and a JSON parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).parents[2]
FAMILY = ROOT / "processes" / "complaint"
DIAGRAMS = sorted((ROOT / "processes").glob("*/*.bpmn"))
TABLES = sorted((ROOT / "processes").glob("*/*.dmn"))
FORM_FILES = sorted((ROOT / "forms").glob("*/*.form"))
SCENARIOS = sorted((ROOT / "processes").glob("*/scenarios/*.toml"))

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "boundaryEvent",
        "intermediateThrowEvent",
        "intermediateCatchEvent",
        "exclusiveGateway",
        "parallelGateway",
        "userTask",
        "serviceTask",
        "sendTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
    }
)

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A drawn rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def meets(self, other: Box, gap: float = 0) -> bool:
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def on_border(self, point: Point) -> bool:
        x, y = point
        inside = self.x <= x <= self.right and self.y <= y <= self.bottom
        return inside and not (self.x < x < self.right and self.y < y < self.bottom)


class Diagram:
    """One BPMN file: its elements by id, and where each is drawn."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = etree.parse(path).getroot()
        self.by_id = {node.get("id"): node for node in self.root.iter(f"{BPMN}*") if node.get("id")}
        self.shapes = {
            shape.get("bpmnElement"): _box(shape.find(f"{DC}Bounds")) for shape in self._di("BPMNShape")
        }
        self.labels = {
            drawn.get("bpmnElement"): _box(drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds"))
            for drawn in (*self._di("BPMNShape"), *self._di("BPMNEdge"))
            if drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds") is not None
        }
        self.edges: dict[str, list[Point]] = {
            edge.get("bpmnElement"): [
                (float(point.get("x")), float(point.get("y"))) for point in edge.findall(f"{DI}waypoint")
            ]
            for edge in self._di("BPMNEdge")
        }

    def _di(self, name: str) -> Iterator[etree._Element]:
        return self.root.iter(f"{BPMNDI}{name}")

    @property
    def nodes(self) -> dict[str, etree._Element]:
        """Flow nodes by id."""
        return {key: node for key, node in self.by_id.items() if kind(node) in NODES}

    @property
    def flows(self) -> dict[str, etree._Element]:
        """Sequence flows by id."""
        return {key: node for key, node in self.by_id.items() if kind(node) == "sequenceFlow"}

    def around(self, node: etree._Element) -> set[str]:
        """Return the ids of the sub-processes that hold a node."""
        return {parent.get("id") for parent in node.iterancestors(f"{BPMN}subProcess")}


def kind(node: etree._Element) -> str:
    """Return the element's name without namespace."""
    return str(etree.QName(node).localname)


def properties(node: etree._Element) -> dict[str, str]:
    """Return the element's own extension properties."""
    found = node.findall(f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property")
    return {item.get("name"): item.get("value") for item in found}


def extension(node: etree._Element, tag: str) -> etree._Element | None:
    """Return the element's extension element of this name."""
    return node.find(f"{BPMN}extensionElements/{ZEEBE}{tag}")


def components(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all components of a form, inner ones too."""
    for item in form.get("components", []):
        yield item
        yield from components(item)


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


@cache
def diagram(path: Path) -> Diagram:
    """Return the diagram of a file, read once."""
    return Diagram(path)


@cache
def read_form(path: Path) -> dict[str, Any]:
    """Return the JSON of a form, read once."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
