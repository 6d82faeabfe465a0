"""One file of Camunda 7 while it is put into our dialect: what is written, noted and refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.errors import FeelError, Finding, Message
from engine.feel import compile_expression
from engine.models.dialects.camunda7.feel import quoted, to_feel
from engine.models.dialects.camunda7.juel import NotTranslated
from engine.models.vocabulary import FUNCTIONS
from engine.models.xml import bpmn, line_of, local_name, namespace, owner_id, zeebe

#: Namespaces of Camunda 7 and of those who carried it on.
SPACES = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://cibseven.org/schema/1.0/bpmn",
)
CODE = "camunda7"
_DECLARED = dict.fromkeys(FUNCTIONS, lambda *_arguments: None)


@dataclass(frozen=True, slots=True)
class DecisionShape:
    """What a decision table gives: the names of its outputs, and whether it collects several rules."""

    outputs: tuple[str, ...]
    collects: bool


@dataclass
class Surroundings:
    """What the other files of the bundle say, as far as a diagram's meaning depends on it."""

    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # form id -> names of its values
    form_files: Mapping[str, str] = field(default_factory=dict)  # file name -> form id
    decisions: Mapping[str, DecisionShape] = field(default_factory=dict)


@dataclass
class Translation:
    """Collects what a translation gives; the tree is changed in place."""

    root: etree._Element
    source: str
    around: Surroundings
    findings: list[Finding] = field(default_factory=list)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)

    def refuse(self, node: etree._Element, message: Message) -> None:
        """Note what cannot run here, at `node`."""
        self._add(node, message, "error")

    def warn(self, node: etree._Element, message: Message) -> None:
        """Note what runs otherwise than some expect, at `node`."""
        self._add(node, message, "warning")

    def _add(self, node: etree._Element, message: Message, severity: Literal["error", "warning"]) -> None:
        self.findings.append(Finding(message, self.source, owner_id(node), line_of(node), CODE, severity))

    def feel(
        self,
        node: etree._Element,
        text: str,
        what: str,
        *,
        truth: bool = False,
        counters: bool = False,
        portable: bool = False,
    ) -> str:
        """Return a text in our dialect, or an empty one after a refusal.

        `what` is a message, or the attribute's name.

        `portable`: a literal is written as FEEL text, as Camunda 8 wants it in mappings.
        """
        try:
            found = to_feel(text, truth=truth, counters=counters)
            if found.startswith("="):
                compile_expression(found[1:], functions=_DECLARED)
        except NotTranslated as reason:
            self.refuse(
                node,
                Message(
                    "{what}: {text} cannot be translated surely: {said}",
                    what=what,
                    text=text.strip(),
                    said=reason.said,
                ),
            )
            return ""
        except FeelError as error:
            self.refuse(
                node,
                Message(
                    "{what}: {text} cannot be translated surely: write it in FEEL ({said})",
                    what=what,
                    text=text.strip(),
                    said=error.said,
                ),
            )
            return ""
        return "=" + quoted(found) if portable and not found.startswith("=") else found


Step = Callable[[Translation, etree._Element], None]


def attribute(node: etree._Element, name: str) -> str:
    """Take the attribute `camunda:<name>` from a node and return it; empty where there is none."""
    for space in SPACES:
        key = f"{{{space}}}{name}"
        if key in node.attrib:
            return str(node.attrib.pop(key)).strip()
    return ""


def peek(node: etree._Element, name: str) -> str:
    """Return the attribute `camunda:<name>` of a node and leave it there."""
    return next((found for space in SPACES if (found := node.get(f"{{{space}}}{name}"))), "")


def is_foreign(node: etree._Element, name: str = "") -> bool:
    """Return whether a node is `camunda:<name>`, or any element of that dialect."""
    return namespace(node) in SPACES and (not name or local_name(node) == name)


def children(node: etree._Element, name: str) -> list[etree._Element]:
    """Return the elements `camunda:<name>` directly in a node."""
    return [child for child in node if is_foreign(child, name)]


def extensions(node: etree._Element, name: str) -> list[etree._Element]:
    """Return the extension elements `camunda:<name>` of a node."""
    held = node.find(bpmn("extensionElements"))
    return [] if held is None else children(held, name)


def drop(node: etree._Element) -> None:
    """Take an element out of the tree, keeping the text behind it."""
    parent = node.getparent()
    if parent is not None:
        before = node.getprevious()
        if node.tail and node.tail.strip():
            if before is None:
                parent.text = (parent.text or "") + node.tail
            else:
                before.tail = (before.tail or "") + node.tail
        parent.remove(node)


def extend(node: etree._Element, tag: str, **attributes: str) -> etree._Element:
    """Add `zeebe:<tag>` to the node's extension elements (once), with those attributes that say something."""
    held = node.find(bpmn("extensionElements"))
    if held is None:
        held = etree.Element(bpmn("extensionElements"))
        held.sourceline = line_of(node)  # type: ignore[assignment]
        documentation = node.findall(bpmn("documentation"))
        node.insert(node.index(documentation[-1]) + 1 if documentation else 0, held)
    found = held.find(zeebe(tag))
    if found is None:
        found = add(held, tag, node)
    for name, value in attributes.items():
        if value:
            found.set(name, value)
    return found


def add(parent: etree._Element, tag: str, origin: etree._Element, **attributes: str) -> etree._Element:
    """Add `zeebe:<tag>` to `parent`, known to stand where `origin` does."""
    found = etree.SubElement(parent, zeebe(tag), attributes)
    found.sourceline = line_of(origin)  # type: ignore[assignment]
    return found


def text_of(node: etree._Element | None) -> str:
    """Return the text directly in an element, trimmed."""
    return "" if node is None else (node.text or "").strip()


def split_list(text: str) -> list[str]:
    """Return the parts of a comma list, leaving `${...}` whole."""
    return [part.strip() for part in re.split(r",(?![^{}]*\})", text) if part.strip()]
