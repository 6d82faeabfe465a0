"""Reading DMN's XML, whatever its version: elements by local name, and findings with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.errors import Finding, Message

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
)
"""DMN 1.1 to 1.6. Elements of other namespaces belong to tools."""


def local_name(node: Any) -> str:
    """Return the name of a DMN element without its namespace; empty for anything that is not DMN's."""
    if not isinstance(node.tag, str):
        return ""
    namespace, _, name = node.tag.rpartition("}")
    return name if namespace[1:] in NAMESPACES else ""


def children(node: Any, *names: str) -> Iterator[Any]:
    """Yield the direct children of these local names; all DMN children when none is given."""
    for child in node:
        name = local_name(child)
        if name and (not names or name in names):
            yield child


def child(node: Any, *names: str) -> Any:
    """Return the first direct child of one of these names, or None."""
    return None if node is None else next(children(node, *names), None)


def text_of(node: Any) -> str | None:
    """Return what stands in the `text` of an element, None when there is nothing."""
    found = child(node, "text")
    if found is None:
        return None
    text = "".join(found.itertext()).strip()
    return text or None


def content(node: Any) -> str:
    """Return an element's own text."""
    return "" if node is None else "".join(node.itertext()).strip()


@dataclass
class Findings:
    """What is wrong with one file."""

    source: str
    all: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """Those for which the file is refused."""
        return [finding for finding in self.all if finding.severity == "error"]

    def add(
        self, node: Any, code: str, message: Message, severity: Literal["error", "warning"] = "error"
    ) -> None:
        """Note what is wrong at an element."""
        owner = node
        while owner is not None and owner.get("id") is None:
            owner = owner.getparent()
        element_id = "" if owner is None else owner.get("id", "")
        self.all.append(Finding(message, self.source, element_id, node.sourceline, code, severity))


def root_of(tree: Any) -> Any:
    """Return the root element of a document or element."""
    return tree.getroot() if isinstance(tree, etree._ElementTree) else tree
