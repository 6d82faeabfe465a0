"""Decision files: that they are DMN, that all their expressions compile, and what is doubtful in tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from engine.decisions.lint import check_model
from engine.errors import Finding, Message
from engine.models.lint.drawing import Findings, line_of
from engine.models.vocabulary import FUNCTIONS
from engine.models.xml import local_name, namespace

_DMN = "omg.org/spec/dmn/"
_FACTS = ("case", "instance")
"""What every expression may read beside the variables."""


def decision_ids(tables: Mapping[str, etree._Element]) -> dict[str, str]:
    """Return the file of each decision by its id."""
    found: dict[str, str] = {}
    for path, root in tables.items():
        for node in root.iter(etree.Element):
            if local_name(node) == "decision" and node.get("id"):
                found.setdefault(node.get("id", ""), path)
    return found


def check_decisions(tables: Mapping[str, etree._Element], findings: Findings) -> None:
    """Refuse files that are no DMN and decisions that cannot be compiled; warn about doubtful tables."""
    for path, root in tables.items():
        if _DMN not in namespace(root).lower() or local_name(root) != "definitions":
            message = Message("this is no DMN file: its root is not definitions of DMN 1.2 or newer")
            findings.items.append(Finding(message, path, line=line_of(root), code="dmn.root"))
            continue
        findings.items.extend(check_model(root, source=path, functions=_FUNCTIONS, facts=_FACTS))


def _undeclared(*_arguments: Any) -> None:
    return None


_FUNCTIONS = dict.fromkeys(FUNCTIONS, _undeclared)
