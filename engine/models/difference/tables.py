"""What a DMN file decides: its elements, and the rules of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from lxml import etree

from engine.models.difference.changes import Element, Row, Table
from engine.models.difference.facts import facts_of

_TOLD: Final = ("decision", "inputData", "businessKnowledgeModel", "knowledgeSource", "decisionService")
_Rule = tuple[str, ...]


def read_decisions(root: etree._Element) -> dict[str, Element]:
    """Return decisions, inputs and the rest of a DMN file by id; rules are told apart (`compare_tables`)."""
    found = {}
    for node in root.iterchildren(*(f"{{*}}{name}" for name in _TOLD)):
        facts = facts_of(node, leave=lambda child: etree.QName(child).localname == "rule")
        kind = etree.QName(node).localname
        found[node.get("id", "")] = Element(node.get("id", ""), kind, node.get("name", ""), facts=facts)
    return found


def compare_tables(before: etree._Element | None, after: etree._Element | None) -> tuple[Table, ...]:
    """Return the tables of which rules changed: a rule is known by its id, without one by its cells."""
    old = dict(_tables(before))
    return tuple(
        Table(decision.get("id", ""), decision.get("name", ""), tuple(_columns(table)), rows)
        for decision, table in (_tables(after) if after is not None else ())
        if (rows := tuple(_rows(old_table_of(old, decision), table)))
    )


def old_table_of(
    old: dict[etree._Element, etree._Element], decision: etree._Element
) -> etree._Element | None:
    """Return the table that the decision of this id had before."""
    return next((table for node, table in old.items() if node.get("id") == decision.get("id")), None)


def _tables(root: etree._Element | None) -> Iterator[tuple[etree._Element, etree._Element]]:
    if root is not None:
        for decision in root.iterchildren("{*}decision"):
            for table in decision.iterchildren("{*}decisionTable"):
                yield decision, table


def _columns(table: etree._Element) -> Iterator[str]:
    for kind in ("input", "output"):
        for node in table.iterchildren(f"{{*}}{kind}"):
            text = node.findtext(".//{*}text") if kind == "input" else node.get("name")
            yield node.get("label") or text or ""
    yield ""  # what the rule's annotation says


def _rules(table: etree._Element | None) -> dict[str, _Rule]:
    found: dict[str, _Rule] = {}
    for rule in table.iterchildren("{*}rule") if table is not None else ():
        cells = [
            node.findtext("{*}text") or ""
            for kind in ("inputEntry", "outputEntry")
            for node in rule.iterchildren(f"{{*}}{kind}")
        ]
        said = rule.findtext("{*}description") or rule.findtext("{*}annotationEntry/{*}text") or ""
        row = (*cells, said)
        found[rule.get("id") or "\0".join(row)] = row
    return found


def _rows(before: etree._Element | None, after: etree._Element) -> Iterator[Row]:
    """Yield the rules that differ, in the order of the new table, those removed last.

    A rule that stands elsewhere is told, too: with most hit policies the order decides.
    """
    old, new = _rules(before), _rules(after)
    common = [key for key in old if key in new], [key for key in new if key in old]
    stays = {
        key
        for a, _, size in SequenceMatcher(None, *common, autojunk=False).get_matching_blocks()
        for key in common[0][a : a + size]
    }
    for number, (key, row) in enumerate(new.items(), start=1):
        if key not in old:
            yield Row("added", number, (), row)
        elif old[key] != row:
            yield Row("changed", number, old[key], row)
        elif key not in stays:
            yield Row("moved", number, row, row)
    for number, (key, row) in enumerate(old.items(), start=1):
        if key not in new:
            yield Row("removed", number, row, ())
