"""What is written as no part of BPMN: unknown elements and attributes, ids that are missing or no names."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lxml import etree

from engine.models.dialects.camunda7.translation import SPACES
from engine.models.dialects.foreign import ACTIVITI, FLOWABLE, SPIFF
from engine.models.lint.drawing import FLOW_NODES, Bundle, Drawing, Findings
from engine.models.lint.names_of_bpmn import ATTRIBUTES, ELEMENTS
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
        message = f"extensions of {space!r} are not read: what they say has no effect here"
        findings.add(drawing, node, "bpmn.extension", message, warning=True)


def _check_element(drawing: Drawing, node: etree._Element, findings: Findings) -> None:
    kind, identifier = local_name(node), node.get("id", "")
    if kind not in ELEMENTS:
        findings.add(drawing, node, "bpmn.spelling", f"BPMN has no element {kind!r}{_near(kind, ELEMENTS)}")
    if kind in _IDENTIFIED and not identifier:
        findings.add(drawing, node, "bpmn.id", f"this {kind} has no id; give it one")
    elif identifier and not _IDENTIFIER.fullmatch(identifier):
        message = f"the id {identifier!r} is no name: use letters, digits, '_', '-' and '.'"
        findings.add(drawing, node, "bpmn.id", message)
    for name, value in node.attrib.items():
        key = str(name)
        if key in BOOLEANS and str(value) not in ("true", "false"):
            message = f"{key} cannot be {str(value)!r}; use true or false"
            findings.add(drawing, node, "bpmn.spelling", message)
        elif not key.startswith("{") and key not in ATTRIBUTES:
            message = f"BPMN has no attribute {key!r}{_near(key, ATTRIBUTES)}: it has no effect"
            findings.add(drawing, node, "bpmn.spelling", message, warning=True)


def _near(name: str, known: frozenset[str]) -> str:
    found = get_close_matches(name, known, 1, 0.75)
    return f"; did you mean {found[0]!r}?" if found else ""
