"""Boxed expressions (DMN 1.5, 7.3 and 10.2): each becomes a closure over a scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.decisions.reading import child, children, local_name, text_of
from engine.decisions.tables import DecisionTable, Reader
from engine.errors import Message
from engine.feel.compiler.access import member_at
from engine.feel.compiler.scope import Frame, Run
from engine.feel.foreign import foreign_function
from engine.feel.limits import budget_of, checked_list
from engine.feel.types import ANY, FeelType, coerce, kind_of
from engine.feel.values.functions import Closure, as_function
from engine.feel.values.spans import span_of_range

EXPRESSIONS = (
    "literalExpression",
    "context",
    "decisionTable",
    "invocation",
    "relation",
    "list",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)


def boxed(node: Any, reader: Reader, name: str = "") -> Run:
    """Return the closure of a boxed expression; `name` is what it computes."""
    rule = _RULES.get(local_name(node))
    if rule is None:
        reader.refuse(
            node, "dmn.expression", Message("{kind} is no expression that runs here", kind=local_name(node))
        )
        return lambda _scope: None
    run = rule(node, reader, name)
    return run if rule in (_table, _function) else typed(run, reader.type_of(node.get("typeRef")))


def boxed_inside(node: Any, reader: Reader, name: str = "") -> Run:
    """Return the closure of the expression that stands in `node`; null when there is none."""
    found = child(node, *EXPRESSIONS)
    return (lambda _scope: None) if found is None else boxed(found, reader, name)


def _literal(node: Any, reader: Reader, _name: str) -> Run:
    language = node.get("expressionLanguage", "")
    if language and "feel" not in language.lower():
        reader.refuse(
            node,
            "dmn.language",
            Message("the expression language {language} does not run here; use FEEL", language=language),
        )
        return lambda _scope: None
    return reader.expression(node, text_of(node))


def _table(node: Any, reader: Reader, name: str) -> Run:
    table = DecisionTable(node, reader, name)
    reader.note_table(node, table)
    return table.evaluate


def typed(run: Run, kind: FeelType) -> Run:
    """Return a closure whose value is coerced to `kind`; null where it does not fit."""
    return run if kind is ANY else lambda scope: coerce(run(scope), kind)[1]


def _context(node: Any, reader: Reader, name: str) -> Run:
    entries: list[tuple[str | None, Run]] = []
    for entry in children(node, "contextEntry"):
        variable = child(entry, "variable")
        key = None if variable is None else variable.get("name", "")
        run = boxed_inside(entry, reader, key or name)
        kind = reader.type_of(None if variable is None else variable.get("typeRef"))
        entries.append((key, typed(run, kind)))

    def run_context(scope: Any) -> Any:
        frame = Frame(scope, {})
        for key, value in entries:
            if key is None:
                return value(frame)
            frame[key] = value(frame)
        return dict(frame)

    return run_context


def _invocation(node: Any, reader: Reader, name: str) -> Run:
    called = boxed_inside(node, reader, name)
    bindings = []
    for binding in children(node, "binding"):
        parameter = child(binding, "parameter")
        if parameter is None:
            reader.refuse(binding, "dmn.binding", Message("the binding names no parameter"))
            continue
        kind = reader.type_of(parameter.get("typeRef"))
        bindings.append((parameter.get("name", ""), typed(boxed_inside(binding, reader), kind)))

    def run(scope: Any) -> Any:
        function = as_function(called(scope))
        if function is None:
            return None
        budget_of(scope).spend()
        return function.call_named({key: value(scope) for key, value in bindings})

    return run


def _list(node: Any, reader: Reader, name: str) -> Run:
    items = [boxed(item, reader, name) for item in children(node, *EXPRESSIONS)]
    return lambda scope: checked_list([item(scope) for item in items])


def _relation(node: Any, reader: Reader, name: str) -> Run:
    columns = [column.get("name", "") for column in children(node, "column")]
    kinds = [reader.type_of(column.get("typeRef")) for column in children(node, "column")]
    rows = []
    for row in children(node, "row"):
        cells = [boxed(cell, reader, name) for cell in children(row, *EXPRESSIONS)]
        if len(cells) != len(columns):
            reader.refuse(
                row,
                "dmn.relation",
                Message(
                    "a row has {count} cells for {columns} columns", count=len(cells), columns=len(columns)
                ),
            )
        rows.append([typed(cell, kind) for cell, kind in zip(cells, kinds, strict=False)])
    return lambda scope: [
        {column: cell(scope) for column, cell in zip(columns, row, strict=False)} for row in rows
    ]


def function_definition(node: Any, reader: Reader, name: str, result: FeelType = ANY) -> Callable[[Any], Any]:
    """Return the closure that makes a function of a function definition, in the scope that it is given."""
    parameters = [
        (one.get("name", ""), reader.type_of(one.get("typeRef"))) for one in children(node, "formalParameter")
    ]
    names = [one for one, _ in parameters]
    body = boxed_inside(node, reader, name)
    if node.get("kind", "FEEL") != "FEEL":
        return lambda scope: foreign_function({node.get("kind", "").lower(): body(scope)}, parameters)

    def make(scope: Any) -> Closure:
        def invoke(arguments: Sequence[Any]) -> Any:
            budget_of(scope).spend()
            return body(Frame(scope, dict(zip(names, arguments, strict=True))))

        return Closure(parameters, invoke, result, name)

    return make


def _function(node: Any, reader: Reader, name: str) -> Run:
    return function_definition(node, reader, name, reader.type_of(None))


def _conditional(node: Any, reader: Reader, name: str) -> Run:
    condition, chosen, other = (
        boxed_inside(child(node, part), reader, name) for part in ("if", "then", "else")
    )
    return lambda scope: chosen(scope) if condition(scope) is True else other(scope)


def _filter(node: Any, reader: Reader, name: str) -> Run:
    source, match = (boxed_inside(child(node, part), reader, name) for part in ("in", "match"))

    def run(scope: Any) -> Any:
        value = source(scope)
        items = [value] if value is not None and kind_of(value) != "list" else value
        if items is None:
            return None
        budget_of(scope).spend(len(items))
        kept = []
        for item in items:
            names = {"item": item, **item} if kind_of(item) == "context" else {"item": item}
            found = match(Frame(scope, names))
            if kind_of(found) == "number":
                return member_at(items, found)
            if found is not None and not isinstance(found, bool):
                return None
            if found:
                kept.append(item)
        return kept

    return run


def _members(value: Any) -> list[Any] | None:
    kind = kind_of(value)
    if kind == "list":
        return list(value)
    if kind == "range":
        return span_of_range(value)
    return None


def _for(node: Any, reader: Reader, name: str) -> Run:
    variable = node.get("iteratorVariable", "")
    source, result = (boxed_inside(child(node, part), reader, name) for part in ("in", "return"))

    def run(scope: Any) -> Any:
        items = _members(source(scope))
        if items is None:
            return None
        budget_of(scope).spend(len(items))
        found: list[Any] = []
        for item in items:
            found.append(result(Frame(scope, {variable: item, "partial": found})))
        return found

    return run


def _quantified(node: Any, reader: Reader, name: str) -> Run:
    variable, every = node.get("iteratorVariable", ""), local_name(node) == "every"
    source, condition = (boxed_inside(child(node, part), reader, name) for part in ("in", "satisfies"))

    def run(scope: Any) -> Any:
        items = _members(source(scope))
        if items is None:
            return None
        budget_of(scope).spend(len(items))
        outcome: bool | None = every
        for item in items:
            found = condition(Frame(scope, {variable: item}))
            if found is (not every):
                return not every
            if not isinstance(found, bool):
                outcome = None
        return outcome

    return run


_RULES: dict[str, Callable[[Any, Reader, str], Run]] = {
    "literalExpression": _literal,
    "context": _context,
    "decisionTable": _table,
    "invocation": _invocation,
    "relation": _relation,
    "list": _list,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
}
