"""What is written as no part of BPMN: unknown elements and attributes, ids that are missing or no names."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.translation import SPACES
from engine.models.dialects.foreign import ACTIVITI, FLOWABLE, SPIFF
from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.lint.names_of_bpmn import ATTRIBUTES, ELEMENTS
from engine.models.nodes import FLOW_NODES
from engine.models.xml import BOOLEANS, BPMN, MODELER, XSI, ZEEBE, local_name, namespace

_IDENTIFIED = FLOW_NODES | {"sequenceFlow"}
_IDENTIFIER = re.compile(r"[\w.\-]+")
#: Namespaces that are read, or spoken of elsewhere.
_SPOKEN_OF = frozenset({"", BPMN, ZEEBE, MODELER, XSI, SPIFF, FLOWABLE, ACTIVITI, *SPACES})


def check_spelling(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse elements that BPMN does not have, ids that are missing or hold odd characters, and truth values
    that are none; warn of attributes that BPMN does not have, and of extensions that nobody reads.
    """
    del bundle
    strangers: dict[str, etree._Element] = {}
    for process in drawing.executable:
        for node in process.iter(etree.Element):
            space = namespace(node)
            if space == BPMN:
                _check_element(drawing, node, findings)
            elif space not in _SPOKEN_OF:
                strangers.setdefault(space, node)
            for name in node.attrib:
                strange = etree.QName(str(name)).namespace or ""
                if strange not in _SPOKEN_OF:
                    strangers.setdefault(strange, node)
    for space, node in strangers.items():
        message = Message(
            "extensions of '{space}' are not read: what they say has no effect here", space=space
        )
        findings.add(drawing, node, "bpmn.extension", message, warning=True)


def _check_element(drawing: Drawing, node: etree._Element, findings: Findings) -> None:
    kind, identifier = local_name(node), node.get("id", "")
    if kind not in ELEMENTS:
        near = _near(kind, ELEMENTS)
        message = (
            Message("BPMN has no element '{kind}'; did you mean '{near}'?", kind=kind, near=near)
            if near
            else Message("BPMN has no element '{kind}'", kind=kind)
        )
        findings.add(drawing, node, "bpmn.spelling", message)
    if kind in _IDENTIFIED and not identifier:
        findings.add(drawing, node, "bpmn.id", Message("this {kind} has no id; give it one", kind=kind))
    elif identifier and not _IDENTIFIER.fullmatch(identifier):
        message = Message("the id '{id}' is no name: use letters, digits, '_', '-' and '.'", id=identifier)
        findings.add(drawing, node, "bpmn.id", message)
    for name, value in node.attrib.items():
        key = str(name)
        if key in BOOLEANS and str(value) not in ("true", "false"):
            message = Message("{key} cannot be '{value}'; use true or false", key=key, value=str(value))
            findings.add(drawing, node, "bpmn.spelling", message)
        elif not key.startswith("{") and key not in ATTRIBUTES:
            near = _near(key, ATTRIBUTES)
            message = (
                Message(
                    "BPMN has no attribute '{key}'; did you mean '{near}'? As it is, it has no effect",
                    key=key,
                    near=near,
                )
                if near
                else Message("BPMN has no attribute '{key}': it has no effect", key=key)
            )
            findings.add(drawing, node, "bpmn.spelling", message, warning=True)


def _near(name: str, known: frozenset[str]) -> str:
    found = get_close_matches(name, known, 1, 0.75)
    return found[0] if found else ""
