"""What is wrong with, or doubtful in, a decision table as a whole (DMN 1.5, 8.2.8 to 8.2.10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.decisions.lint.coverage import Coverage, Undecided, bits_of
from engine.decisions.lint.domains import Column, column, marks, plain_kind
from engine.decisions.load import ModelReader
from engine.decisions.reading import child, children, text_of
from engine.decisions.tables import DecisionTable
from engine.errors import Message
from engine.feel import FeelSyntaxError, compile_expression, compile_unary_tests
from engine.feel.expression import constant_of
from engine.feel.syntax import Refusal
from engine.feel.types import ANY, SIMPLE, coerce, kind_of

TOLD = 10
"""Findings of one sort that a table is told; the rest are counted."""


def check_table(node: Any, table: DecisionTable, reader: ModelReader) -> None:
    """Note what is wrong with a table that stands at `node`."""
    rules = list(children(node, "rule"))
    if any(len(rule.tests) != len(table.inputs) for rule in table.rules):
        return  # Already refused.
    columns = [
        column(one.label or one.text, [rule.tests[place] for rule in table.rules], one.kind, one.allowed)
        for place, one in enumerate(table.inputs)
    ]
    dead = _check_cells(rules, table, columns, reader)
    _check_outputs(node, rules, table, reader)
    if table.rules and columns:
        _Checked(node, rules, table, reader, columns, dead).check()


def _check_cells(
    rules: list[Any], table: DecisionTable, columns: list[Column], reader: ModelReader
) -> set[int]:
    """Note cells that no value passes; return the places of their rules."""
    dead: set[int] = set()
    for place, rule in enumerate(table.rules):
        entries = list(children(rules[place], "inputEntry"))
        for number, (test, one) in enumerate(zip(rule.tests, table.inputs, strict=True)):
            accepted = columns[number].cells[place]
            if test is None or accepted is None:
                continue
            declared = plain_kind(one.kind)
            foreign = [mark for mark in marks(test.tree) if mark is not None and declared in SIMPLE]
            foreign = [mark for mark in foreign if kind_of(mark) != declared]
            never = not accepted & ~1
            if foreign and accepted & columns[number].domain == 0:
                message = Message(
                    "rule {number}: {text} is of type {type}, the input '{label}' of type {declared}; "
                    "the rule can never match",
                    number=rule.number,
                    text=test.text,
                    type=kind_of(foreign[0]),
                    label=one.label or one.text,
                    declared=declared,
                )
                reader.findings.add(entries[number], "dmn.type", message)
            elif foreign and (never or not isinstance(test.tree, Refusal)):
                message = Message(
                    "rule {number}: {text} asks for a value of type {type}; the input '{label}' is of "
                    "type {declared} and never has one",
                    number=rule.number,
                    text=test.text,
                    type=kind_of(foreign[0]),
                    label=one.label or one.text,
                    declared=declared,
                )
                reader.findings.add(entries[number], "dmn.type", message, "warning")
            elif accepted & columns[number].domain == 0:
                message = Message(
                    "rule {number}: no value that '{label}' can have passes {text}",
                    number=rule.number,
                    label=one.label or one.text,
                    text=test.text,
                )
                reader.findings.add(entries[number], "dmn.unreachable", message, "warning")
            if accepted & columns[number].domain == 0:
                dead.add(place)
    return dead


def _check_outputs(node: Any, rules: list[Any], table: DecisionTable, reader: ModelReader) -> None:
    """Note outputs that do not belong to the type, or to the values, of their column."""
    for number, (clause, one) in enumerate(zip(children(node, "output"), table.outputs, strict=True)):
        values = child(clause, "outputValues")
        text = None if values is None else text_of(values)
        for place, rule in enumerate(rules):
            entries = list(children(rule, "outputEntry"))
            told = text_of(entries[number]) if number < len(entries) else None
            value = _constant(told, reader)
            if value is None:
                continue
            if one.kind is not ANY and not coerce(value, one.kind)[0]:
                message = Message(
                    "rule {number}: {told} does not belong to the type {kind} of the output '{name}'; "
                    "the result would be null",
                    number=place + 1,
                    told=told,
                    kind=one.kind,
                    name=one.name,
                )
                reader.findings.add(entries[number], "dmn.type", message)
            elif text and _is_outside(value, text, reader):
                message = Message(
                    "rule {number}: {told} is not among the values of the output '{name}': {text}",
                    number=place + 1,
                    told=told,
                    name=one.name,
                    text=text,
                )
                reader.findings.add(entries[number], "dmn.output-value", message, "warning")


def _constant(text: str | None, reader: ModelReader) -> Any:
    if text is None:
        return None
    try:
        tree = compile_expression(
            text, functions=reader.functions, names=reader.names, types=reader.types
        ).tree
        return constant_of(tree)
    except (FeelSyntaxError, LookupError):
        return None


def _is_outside(value: Any, text: str, reader: ModelReader) -> bool:
    try:
        tests = compile_unary_tests(text, functions=reader.functions, names=reader.names, types=reader.types)
        marks(tests.tree)
    except (FeelSyntaxError, LookupError):
        return False
    return tests.matches(value, {}) is not True


class _Checked:
    """One table and what is known of its columns."""

    def __init__(
        self,
        node: Any,
        rules: list[Any],
        table: DecisionTable,
        reader: ModelReader,
        columns: list[Column],
        dead: set[int],
    ) -> None:
        self.node = node
        self.rules = rules
        self.table = table
        self.findings = reader.findings
        self.columns = columns
        self.dead = dead
        self.coverage: Coverage

    def check(self) -> None:
        """Note overlaps, gaps and rules that are never reached, as far as the hit policy minds them."""
        if self.table.policy not in ("UNIQUE", "FIRST"):
            return
        try:
            self.coverage = Coverage(self.columns, len(self.rules))
            if self.table.policy == "UNIQUE":
                self._check_overlaps()
                self._check_gaps()
            else:
                self._check_order()
        except Undecided:
            self._undecided(Message("the table is too large to be checked in reasonable time"))
            return
        unsure = [self.table.rules[place].number for place in bits_of(self.coverage.unsure)]
        if unsure and self.table.policy == "UNIQUE":
            named = ", ".join(map(str, unsure[:TOLD])) + (" ..." if len(unsure) > TOLD else "")
            self._undecided(
                Message("what rule {named} matches is known only when it is evaluated", named=named)
            )

    def _undecided(self, why: Message) -> None:
        message = Message(
            "not decided whether rules overlap, are missing or are never reached: {why}", why=why
        )
        self.findings.add(self.node, "dmn.undecided", message, "warning")

    def _tell(self, found: Iterator[tuple[int, str, Message]]) -> None:
        told = 0
        for place, code, message in found:
            told += 1
            if told <= TOLD:
                self.findings.add(self.rules[place], code, message, "warning")
        if told > TOLD:
            message = Message(
                "{count} more rules of this table overlap or are never reached", count=told - TOLD
            )
            self.findings.add(self.node, "dmn.overlap", message, "warning")

    def _check_overlaps(self) -> None:
        self._tell(self._overlaps())

    def _overlaps(self) -> Iterator[tuple[int, str, Message]]:
        every = (1 << len(self.rules)) - 1
        for first, second in self.coverage.overlaps():
            one, other = first + 1, second + 1
            if self.coverage.hidden(second, every & (1 << first)):
                message = _never(other, one)
                yield second, "dmn.unreachable", message
            elif self.coverage.hidden(first, every & (1 << second)):
                message = _never(one, other)
                yield first, "dmn.unreachable", message
            else:
                message = Message(
                    "rules {one} and {other} both match {given}: the result is null; make them differ, "
                    "or choose a hit policy that says which of them counts",
                    one=one,
                    other=other,
                    given=self._shared(first, second),
                )
                yield second, "dmn.overlap", message

    def _shared(self, first: int, second: int) -> Message:
        pieces = []
        for one in self.columns:
            shared = (one.cells[first] or 0) & (one.cells[second] or 0) & one.domain
            asked = shared & one.asked or shared
            pieces.append((asked & -asked).bit_length() - 1)
        return self._words(pieces)

    def _words(self, pieces: list[int]) -> Message:
        said = []
        for one, piece in zip(self.columns, pieces, strict=True):
            text = one.pieces[piece].text
            compared = text[0] in "=<>" or " and " in text
            said.append(
                Message("{label} {text}", label=one.label, text=text)
                if compared
                else Message("{label}: {text}", label=one.label, text=text)
            )
        return Message.listed("; ", said)

    def _check_gaps(self) -> None:
        if any(one.default is not None for one in self.table.outputs):
            return
        if any(one.open for one in self.columns) or not all(one.asked for one in self.columns):
            return
        gap = self.coverage.gap()
        if gap is not None:
            message = Message(
                "no rule matches {given}: the result is null; add a rule or a default output, or say "
                "in the input's allowed values that it does not occur",
                given=self._words(gap),
            )
            self.findings.add(self.node, "dmn.missing-rule", message, "warning")

    def _check_order(self) -> None:
        self._tell(self._never_reached())

    def _never_reached(self) -> Iterator[tuple[int, str, Message]]:
        for place in range(1, len(self.rules)):
            if place in self.dead or self.coverage.unsure >> place & 1:
                continue
            if self.coverage.hidden(place, (1 << place) - 1):
                message = Message(
                    "rule {number} is never reached: the rules before it match whatever it matches",
                    number=place + 1,
                )
                yield place, "dmn.unreachable", message


def _never(rule: int, other: int) -> Message:
    return Message(
        "rule {rule} never counts: rule {other} matches whatever it matches, and UNIQUE allows only one",
        rule=rule,
        other=other,
    )
