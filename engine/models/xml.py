"""Parsing model files without trusting them.

A model is written by people, and may come from anyone: no document type, no entities, no network,
bounded size, depth and number of elements.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn, cast

from lxml import etree

from engine.errors import Finding, Message, ModelRefused
from engine.models.parsers import told_of_xml

_DOCTYPES = tuple("<!DOCTYPE".encode(each) for each in ("utf-8", "utf-16-le", "utf-16-be"))
_ENCODING = re.compile(rb"encoding=[\x22\x27]([A-Za-z0-9._-]+)")
MAX_BYTES = 5_000_000
MAX_DEPTH = 120
MAX_ELEMENTS = 100_000

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
MODELER = "http://camunda.org/schema/modeler/1.0"
BOOLEANS = frozenset(
    {
        "cancelActivity",
        "cancelRemainingInstances",
        "instantiate",
        "isCollection",
        "isExecutable",
        "isForCompensation",
        "isImmediate",
        "isInterrupting",
        "isSequential",
        "parallelMultiple",
        "testBefore",
        "triggeredByEvent",
        "waitForCompletion",
    }
)
"""Attributes of BPMN that are true or false. XML Schema lets `1` and `0` say the same."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def parse_model(content: bytes, source: str, *, comments: bool = False) -> etree._Element:
    """Parse an XML model file and return its root element, with source lines kept.

    `comments`: keep them in the tree, for who writes the file again.

    Raises ModelRefused with one finding that names `source` and, where known, the line: when the file is not
    well-formed, carries a document type, or is past the bounds of size, depth or number of elements.
    """
    if len(content) > MAX_BYTES:
        _refuse(
            Message(
                "the file has {count} bytes; the bound is {most}",
                count=len(content),
                most=MAX_BYTES,
            ),
            source,
            None,
            "xml.size",
        )
    if any(mark in content for mark in _DOCTYPES):
        _refuse(Message("a document type (<!DOCTYPE>) is not accepted; remove it"), source, 1, "xml.doctype")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=not comments,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        _refuse(
            Message("the file is not well-formed XML: {said}", said=_reason(error, content)),
            source,
            getattr(error, "lineno", None),
            "xml.syntax",
        )
    if root.getroottree().docinfo.internalDTD is not None:
        _refuse(Message("a document type (<!DOCTYPE>) is not accepted; remove it"), source, 1, "xml.doctype")
    _check_bounds(root, source)
    if namespace(root) == BPMN:
        _settle_booleans(root)
    return root


def _settle_booleans(root: etree._Element) -> None:
    """Write `1` as `true` and `0` as `false`, so that nobody else needs to know both."""
    for node in root.iter(f"{{{BPMN}}}*"):
        for name in BOOLEANS.intersection(map(str, node.attrib)):
            said = str(node.get(name)).strip()
            node.set(name, {"1": "true", "0": "false"}.get(said, said))


def _reason(error: Exception, content: bytes) -> Message:
    """Return the parser's reason; where bytes are not of the declared encoding, say which that is."""
    text = str(error).removesuffix(f" (<string>, line {getattr(error, 'lineno', None)})")
    if not any(word in text.lower() for word in ("encoding", "bytes", "utf-8", "utf8")):
        return told_of_xml(error) if isinstance(error, etree.XMLSyntaxError) else Message("{text}", text=text)
    declared = _ENCODING.search(content[:200])
    name = declared[1].decode("ascii") if declared else "UTF-8"
    return Message(
        "{text}; its bytes are not {name}, as the file declares: save it as UTF-8 and declare that",
        text=text,
        name=name,
    )


def _check_bounds(root: etree._Element, source: str) -> None:
    count = 0
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > MAX_DEPTH:
            _refuse(
                Message("elements are nested deeper than {most}", most=MAX_DEPTH),
                source,
                line_of(node),
                "xml.depth",
            )
        if count > MAX_ELEMENTS:
            _refuse(
                Message("the file has more than {most} elements", most=MAX_ELEMENTS),
                source,
                line_of(node),
                "xml.elements",
            )
        stack.extend((child, depth + 1) for child in node)


def _refuse(message: Message, source: str, line: int | None, code: str) -> NoReturn:
    raise ModelRefused([Finding(message, file=source, line=line, code=code)])


def line_of(node: etree._Element) -> int | None:
    """Return the line of the file on which the element begins, where it is known."""
    return cast("int | None", node.sourceline)


def owner_id(node: etree._Element) -> str:
    """Return the id of the nearest BPMN element around `node` (or itself) that has one; empty without."""
    owner: etree._Element | None = node
    while owner is not None and not (owner.get("id") and namespace(owner) == BPMN):
        owner = owner.getparent()
    return "" if owner is None else owner.get("id", "")


def local_name(node: etree._Element) -> str:
    """Return the tag of `node` without its namespace, e.g. `userTask`; empty for a comment."""
    return etree.QName(node).localname if _is_element(node) else ""


def namespace(node: etree._Element) -> str:
    """Return the namespace of `node`, or an empty text."""
    return (etree.QName(node).namespace or "") if _is_element(node) else ""


def _is_element(node: Any) -> bool:
    return isinstance(node.tag, str)


def bpmn(tag: str) -> str:
    """Return the full tag of a BPMN element."""
    return f"{{{BPMN}}}{tag}"


def zeebe(tag: str) -> str:
    """Return the full tag of an element of Camunda 8's extension."""
    return f"{{{ZEEBE}}}{tag}"
