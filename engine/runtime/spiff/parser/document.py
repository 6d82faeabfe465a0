"""One BPMN file while it is compiled: its elements by id, and what was found wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from engine.errors import FeelError, Finding, Message
from engine.models.dialects.zeebe import ModelIndex, read_events, read_properties
from engine.models.nodes import FLOW_NODES, LEVELS, SUBPROCESSES
from engine.models.properties import ElementProperties
from engine.models.xml import BPMN, bpmn, line_of, local_name, namespace
from engine.runtime.spiff.expressions import Formula, foreign_syntax, parse_condition, parse_formula

REFUSED_NODES = {
    "callConversation": Message("a conversation; use message events"),
    "subConversation": Message("a conversation; use message events"),
    "conversation": Message("a conversation; use message events"),
    "choreographyTask": Message("a choreography; use a collaboration of processes"),
    "subChoreography": Message("a choreography; use a collaboration of processes"),
    "callChoreography": Message("a choreography; use a collaboration of processes"),
    "implicitThrowEvent": Message("an implicit throw event; use an intermediate throw event"),
}


class Document:
    """A parsed file with an index by id, and the findings of all files of the bundle."""

    def __init__(
        self, root: etree._Element, source: str, findings: list[Finding], names: Iterable[str]
    ) -> None:
        self.root = root
        self.source = source
        self.findings = findings
        self.names = tuple(names)
        self.index = ModelIndex(root)
        self._properties: dict[str, ElementProperties] = {}
        for node in root.iter(f"{{{BPMN}}}*"):
            identifier = node.get("id")
            if identifier and self.by_id[identifier] is not node:
                message = Message("the id '{id}' is used twice; give each element its own", id=identifier)
                self.refuse(node, message, "bpmn.id")

    @property
    def by_id(self) -> dict[str, etree._Element]:
        """The elements of the file by id."""
        return self.index.by_id

    def refuse(self, node: etree._Element, message: Message, code: str) -> None:
        """Add a finding located at `node`."""
        owner: etree._Element | None = node
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        element_id = "" if owner is None else owner.get("id", "")
        self.findings.append(Finding(message, self.source, element_id, line_of(node), code))

    def properties(self, node: etree._Element) -> ElementProperties:
        """Return the neutral reading of a flow node or process."""
        identifier = node.get("id", "")
        found = self._properties.get(identifier)
        if found is None:
            found = self._properties[identifier] = read_properties(node, self.index)
        return found

    def events(self, node: etree._Element) -> list[ElementProperties]:
        """Return the neutral reading of an event, once for each thing that it waits for."""
        return read_events(node, self.index)

    def processes(self) -> list[etree._Element]:
        """Return the processes of the file."""
        return list(self.root.iter(bpmn("process")))

    def formula(self, node: etree._Element, text: str, what: str, *, condition: bool = False) -> Formula:
        """Compile a text of `node`; a syntax error becomes a finding that says which text and where.

        `what` is what the text is called: a message, or the attribute's name.
        """
        odd = foreign_syntax(text if not condition or text.strip().startswith("=") else "=" + text)
        if odd:
            message = Message(
                "{what}: '{odd}' in {text} is not FEEL: write not(x), true, false, null, "
                "count(list), string(x)",
                what=what,
                odd=odd,
                text=text.strip(),
            )
            self.refuse(node, message, "feel.syntax")
        try:
            return (parse_condition if condition else parse_formula)(text, self.names)
        except FeelError as error:
            message = Message("{what} is not FEEL: {said}", what=what, said=error.said)
            self.refuse(node, message, "feel.syntax")
            return Formula(text, None)


def flow_nodes(level: etree._Element) -> Iterator[etree._Element]:
    """Yield the flow nodes that lie directly in a process or sub-process, in the order of the file."""
    for child in level:
        if namespace(child) == BPMN and (
            local_name(child) in FLOW_NODES or local_name(child) in REFUSED_NODES
        ):
            yield child


def sequence_flows(level: etree._Element) -> list[etree._Element]:
    """Return the sequence flows that lie directly in a process or sub-process."""
    return list(level.findall(bpmn("sequenceFlow")))


def levels(process: etree._Element) -> Iterator[etree._Element]:
    """Yield a process and every sub-process in it, outer ones first."""
    for node in process.iter(f"{{{BPMN}}}*"):
        if local_name(node) in LEVELS:
            yield node


def is_event_subprocess(node: etree._Element) -> bool:
    """Return whether a sub-process is triggered by an event."""
    return local_name(node) in SUBPROCESSES and node.get("triggeredByEvent") == "true"


def text_of(node: Any) -> str:
    """Return an element's text, stripped; an empty text for None."""
    return "" if node is None else (node.text or "").strip()
