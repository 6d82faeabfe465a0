"""The parsed files of a bundle, with what every rule looks up in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from lxml import etree

from engine.errors import Finding, Message
from engine.models.dialects.zeebe import ModelIndex, read_properties
from engine.models.forms import Form
from engine.models.nodes import FLOW_NODES
from engine.models.properties import ElementProperties
from engine.models.settings import FamilySettings
from engine.models.xml import BPMN, bpmn, local_name, namespace


@dataclass
class Findings:
    """What was found, each thing once."""

    items: list[Finding] = field(default_factory=list)

    def add(
        self, drawing: Drawing, node: etree._Element, code: str, message: Message, *, warning: bool = False
    ) -> None:
        """Note a finding at `node`, under the id of the nearest element that has one."""
        owner: etree._Element | None = node
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        self.items.append(
            Finding(
                message,
                drawing.path,
                "" if owner is None else owner.get("id", ""),
                line_of(node),
                code,
                "warning" if warning else "error",
            )
        )


@dataclass
class Drawing:
    """One BPMN file."""

    path: str
    root: etree._Element

    @cached_property
    def is_bpmn(self) -> bool:
        """Whether the root is BPMN's."""
        return namespace(self.root) == BPMN and local_name(self.root) == "definitions"

    @cached_property
    def nodes(self) -> list[etree._Element]:
        """All BPMN elements."""
        return list(self.root.iter(f"{{{BPMN}}}*"))

    @cached_property
    def by_id(self) -> dict[str, etree._Element]:
        """BPMN elements by id; the first where an id is used twice."""
        found: dict[str, etree._Element] = {}
        for node in self.nodes:
            if node.get("id"):
                found.setdefault(node.get("id", ""), node)
        return found

    @cached_property
    def index(self) -> ModelIndex:
        """The elements by id and lane, as the reader of the dialect wants them."""
        return ModelIndex(self.root)

    @cached_property
    def processes(self) -> list[etree._Element]:
        """The processes."""
        return list(self.root.iter(bpmn("process")))

    @cached_property
    def executable(self) -> list[etree._Element]:
        """The processes that may run: only these are held to what running takes."""
        return [process for process in self.processes if process.get("isExecutable") == "true"]

    def running(self) -> Iterator[tuple[etree._Element, ElementProperties]]:
        """Yield every flow node of the executable processes with its properties, inner ones too."""
        for process in self.executable:
            for node in process.iter(f"{{{BPMN}}}*"):
                if local_name(node) in FLOW_NODES:
                    yield node, self.properties(node)

    @cached_property
    def _read(self) -> dict[etree._Element, ElementProperties]:
        return {}

    def properties(self, node: etree._Element) -> ElementProperties:
        """Return the neutral reading of an element."""
        found = self._read.get(node)
        if found is None:
            found = self._read[node] = read_properties(node, self.index)
        return found


@dataclass
class Bundle:
    """All files of a family, as far as they could be read."""

    drawings: list[Drawing]
    decisions: Mapping[str, str]  # decision id -> file
    forms: Mapping[str, Form]
    settings: FamilySettings
    roles: frozenset[str]
    broken_forms: Set[str] = frozenset()

    @cached_property
    def processes(self) -> dict[str, tuple[Drawing, etree._Element]]:
        """Executable processes by id; the first where an id is used twice."""
        found: dict[str, tuple[Drawing, etree._Element]] = {}
        for drawing in self.drawings:
            for process in drawing.executable:
                found.setdefault(process.get("id", ""), (drawing, process))
        return found


def line_of(node: etree._Element) -> int | None:
    """Return the line on which an element begins."""
    return cast("int | None", node.sourceline)


def flows_of(level: etree._Element) -> list[etree._Element]:
    """Return the sequence flows directly in a process or sub-process."""
    return list(level.findall(bpmn("sequenceFlow")))


def nodes_of(level: etree._Element) -> list[etree._Element]:
    """Return the flow nodes directly in a process or sub-process."""
    return [node for node in level if namespace(node) == BPMN and local_name(node) in FLOW_NODES]


def text_of(node: etree._Element | None) -> str:
    """Return the text within an element, trimmed."""
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def spoken(properties: ElementProperties) -> str:
    """Return how a finding speaks of an element: its name, and its id where it has another."""
    name = " ".join(properties.name.split())
    return f"{name} ({properties.element_id})" if name else properties.element_id
