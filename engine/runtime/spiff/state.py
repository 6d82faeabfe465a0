"""Writing and reading the state of a workflow, without its specifications.

Tokens stand in tree order as `[id, parent's row, specification, state, scope, internal data]`; each scope
stands once as `[outer scope, variables]`. What was pruned is not there: the state of a loop does not grow
with its rounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import StateUnreadable
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.tokens import FINISHED, WAITING, Token
from engine.runtime.spiff.tree import Level, ProcessTree
from engine.runtime.spiff.values import dump_values, load_values

if TYPE_CHECKING:
    from engine.runtime.spiff.compiled import CompiledBundle
    from engine.runtime.spiff.surroundings import Surroundings

FORMAT = 1
OWN_LEVEL = 3
"""The length of the row of a level of the instance's own bundle; another bundle's id would follow."""


class _ScopeTable:
    """Numbers scopes in the order in which they are met, outer ones first."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._numbers: dict[int, int] = {}

    def number(self, scope: Scope | None) -> int:
        if scope is None:
            return -1
        found = self._numbers.get(id(scope))
        if found is None:
            outer = self.number(scope.parent)
            found = self._numbers[id(scope)] = len(self.rows)
            self.rows.append([outer, scope.values_here])
        return found


def dump(tree: ProcessTree) -> bytes:
    """Write the state of a workflow that has been advanced."""
    scopes = _ScopeTable()
    document = {
        "format": FORMAT,
        "process": tree.spec.name,
        "last": tree.last_id,
        "top": _dump_level(tree, scopes),
        "inner": [
            [holder, inner.spec.name, _dump_level(inner, scopes), *filter(None, [inner.bundle_id])]
            for holder, inner in sorted(tree.subprocesses.items(), key=lambda pair: pair[1].depth)
        ],
        "done": tree.completed,
        "ok": tree.success,
    }
    if tree.compensations:
        document["comp"] = tree.compensations
    if tree.others:
        document["others"] = list(tree.others)
    document["scopes"] = scopes.rows
    return dump_values(document)


def _dump_level(level: Level, scopes: _ScopeTable) -> list[Any]:
    rows: list[Any] = [scopes.number(level.root_scope)]
    at: dict[int, int] = {}
    stack = [level.task_tree]
    while stack:
        token = stack.pop()
        at[token.id] = len(at)
        parent = -1 if token._parent is None else at[token._parent]
        internal = token.internal_data or None
        rows.append(
            [token.id, parent, token.task_spec.name, token._state, scopes.number(token.data), internal]
        )
        stack.extend(reversed(token.children))
    return rows


def restore(state: bytes, bundle: CompiledBundle, surroundings: Surroundings) -> ProcessTree:
    """Read a state on the specifications of `bundle`.

    Raises StateUnreadable when the state is damaged, its format not known, or tokens stand on elements that
    the bundle has not.
    """
    try:
        return _restore(load_values(state), bundle, surroundings)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise StateUnreadable(
            f"the stored state of the instance is damaged ({type(error).__name__}): "
            "restore it from a backup, or cancel the instance"
        ) from error


def _restore(document: Any, bundle: CompiledBundle, surroundings: Surroundings) -> ProcessTree:
    if document.get("format") != FORMAT:
        raise StateUnreadable(f"the state has format {document.get('format')!r}; this release reads {FORMAT}")
    missing = missing_elements(document, bundle)
    if missing:
        raise StateUnreadable(f"the bundle lacks elements on which tokens stand: {', '.join(missing)}")
    tree = ProcessTree(bundle.specs[document["process"]], bundle, surroundings)
    scopes: list[Scope] = []
    for outer, values in document["scopes"]:
        scopes.append(Scope(tree.recorder, scopes[outer] if outer >= 0 else None, values))
    tokens: dict[int, Token] = {}
    tree.last_id = document["last"]
    _restore_level(tree, document["top"], scopes, tokens)
    for bundle_id in document.get("others", []):
        tree.find_bundle(bundle_id)
    for holder, key, rows, *other in document["inner"]:
        bundle_id = other[0] if other else ""
        spec = tree.find_bundle(bundle_id).specs[key]
        inner = tree.create_inner(tokens[holder], spec, scopes[rows[0]], bundle_id)
        _restore_level(inner, rows, scopes, tokens)
    tree.completed, tree.success = document["done"], document["ok"]
    tree.compensations = document.get("comp", [])
    tree.touched.clear()
    return tree


def missing_elements(document: Any, bundle: CompiledBundle) -> list[str]:
    """Return the elements on which tokens of this state stand and that the bundle has not."""
    missing = []
    for key, rows in [
        (document["process"], document["top"]),
        *((each[1], each[2]) for each in document["inner"] if len(each) == OWN_LEVEL),  # others never change
    ]:
        spec = bundle.specs.get(key)
        if spec is None:
            missing.append(key)
            continue
        missing += [row[2] for row in rows[1:] if row[2] not in spec.task_specs and not row[3] & FINISHED]
    return sorted(set(missing))


def _restore_level(level: Level, rows: list[Any], scopes: list[Scope], tokens: dict[int, Token]) -> None:
    top, specs = level.top_workflow, level.spec.task_specs
    level.root_scope = scopes[rows[0]]
    made: list[Token] = []
    for identifier, parent, name, state, scope, internal in rows[1:]:
        # A finished token is only a link: a bundle that the instance moves to may lack its element.
        spec = specs.get(name, level.spec.start)
        token = Token(level, spec, made[parent] if parent >= 0 else None, state, identifier)
        made.append(token)
        tokens[identifier] = token
        token.data = scopes[scope] if scope >= 0 else None
        if internal:
            token.internal_data = internal
            if "wait" in internal:
                top.waits[identifier] = token
        if state == WAITING:
            token.task_spec.restored(token)
    level.task_tree = made[0]
    level.dirty.clear()
