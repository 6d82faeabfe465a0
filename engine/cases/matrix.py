"""Which element, decision, form, scenario, parameter or guard carries out which clause of the policy (R1).

Nothing of it is kept by hand: the models name their clauses in documentation and descriptions, scenarios in
`clauses`, parameters in the register; only guards stand with the clauses themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from engine.domain.policy.clauses import clauses, named_in
from engine.domain.policy.parameters import register
from engine.models.bundle import file_kind
from engine.models.xml import parse_model
from engine.read.models import latest_bundles
from engine.runtime.bundles import read_files

SOURCES = Path(__file__).parents[2] / "processes"
"""Where scenarios lie in a checkout; an installed package brings none, and its rows name none."""
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
_CONTAINERS = frozenset({"subProcess", "process", "participant", "lane", "sequenceFlow", "message"})


@dataclass
class Row:
    """What carries out one clause. `kind` is element, decision, form or guard, or open where nothing does."""

    clause: str
    text: dict[str, str]
    elements: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    guards: list[dict[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What carries the clause out first of all."""
        for name, found in (
            ("element", self.elements),
            ("decision", self.decisions),
            ("form", self.forms),
            ("guard", self.guards),
        ):
            if found:
                return name
        return "open"

    def plain(self, language: str = "zh-Hant") -> dict[str, Any]:
        """Return the row as JSON values, its text in one language."""
        return {
            "clause": self.clause,
            "text": self.text[language],
            "kind": self.kind,
            "elements": self.elements,
            "decisions": self.decisions,
            "forms": self.forms,
            "scenarios": self.scenarios,
            "settings": self.settings,
            "guards": self.guards,
        }


def deployed_files(session: Session) -> dict[str, bytes]:
    """Return the files of the newest bundle of every family, by family and path."""
    return {
        f"{bundle['family']}/{path}": content
        for bundle in latest_bundles(session)
        for path, content in read_files(session, bundle["id"]).items()
    }


def policy_matrix(files: Mapping[str, bytes], scenarios: Iterable[Path] | None = None) -> list[Row]:
    """Return one row a clause, in the order of the clauses, from model files and scenario files.

    Without `scenarios` those of the checkout are read.
    """
    rows = {
        each.id: Row(
            each.id,
            dict(each.text),
            guards=[{"function": guard.function, "test": guard.test} for guard in each.guards],
        )
        for each in clauses()
    }
    for path, content in sorted(files.items()):
        kind = file_kind(path)
        if kind == "bpmn":
            _read_diagram(parse_model(content, path), rows)
        elif kind == "dmn":
            _read_decisions(parse_model(content, path), rows)
    for name, named in _scenarios(SOURCES.glob("*/scenarios/*.toml") if scenarios is None else scenarios):
        _add(rows, named, "scenarios", name)
    for each in register().values():
        _add(rows, each.clauses, "settings", each.name)
    return list(rows.values())


def _read_diagram(root: etree._Element, rows: dict[str, Row]) -> None:
    for node in root.iter(f"{_BPMN}*"):
        name = etree.QName(node).localname
        said = node.find(f"{_BPMN}documentation")
        if said is None or (name in _CONTAINERS and node.get("triggeredByEvent") != "true"):
            continue
        named = list(named_in(said.text or ""))
        _add(rows, named, "elements", node.get("id"))
        for form in node.iter(f"{_ZEEBE}formDefinition"):
            _add(rows, named, "forms", form.get("formId"))


def _read_decisions(root: etree._Element, rows: dict[str, Row]) -> None:
    for node in root.iter("{*}decision"):
        said = node.find("{*}description")
        if said is not None:
            _add(rows, named_in(said.text or ""), "decisions", node.get("id"))


def _scenarios(paths: Iterable[Path]) -> Iterator[tuple[str, list[str]]]:
    for path in sorted(paths):
        named = tomllib.loads(path.read_text("utf-8")).get("clauses", [])
        yield f"{path.parent.parent.name}/{path.stem}", [each for each in named if each.startswith("R")]


def _add(rows: dict[str, Row], named: Iterable[str], what: str, value: str | None) -> None:
    for clause in named:
        found: list[str] | None = getattr(rows[clause], what) if clause in rows else None
        if found is not None and value and value not in found:
            found.append(value)
