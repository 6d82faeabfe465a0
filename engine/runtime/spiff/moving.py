"""Moving a token by hand: taken away where it waits, set anew on another element of its scope.

The rules. A move begins and ends in one scope, a process or sub-process. Only with `leave` does it end in a
scope around it: what is left is then cancelled as a whole, the sub-process or call with all tokens in it,
or a multi-instance with all its instances. A move never goes into a scope from outside, nor onto what no
flow leads to: start and boundary events, event sub-processes, compensation handlers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Conflict
from engine.models.vocabulary import MILESTONE
from engine.runtime.spiff.specs.catching import Boundary
from engine.runtime.spiff.specs.events import StartEvent
from engine.runtime.spiff.specs.gateways import EventGateway
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.specs.subprocess import CallActivity, SubProcess, WithInside
from engine.runtime.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.process import ProcessSpec
    from engine.runtime.spiff.tree import Level, ProcessTree


@dataclass(frozen=True)
class Ahead:
    """The milestones that may come after an element: those that come first, and all."""

    first: set[str] = field(default_factory=set)
    all: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Jump:
    """A move that was found possible: `away` and what belongs to it goes, `target` begins in `level`."""

    away: list[Token]
    level: Level
    target: Node
    source: Node

    def ahead(self, tree: ProcessTree) -> Ahead:
        """Return the milestones that may follow."""
        return _ahead(tree, self.level, self.target)

    def make(self, tree: ProcessTree, reason: str = "") -> None:
        """Carry it out; what follows runs with the next `advance`."""
        with tree.cancelling("cancelled"):
            for each in self.away:
                each.cancel()
        moved = self.level.task_tree.spawn(self.target)
        data = {"from": self.source.element_id, **({"reason": reason} if reason else {})}
        where = (moved.id, self.target.element_id, self.level.spec.process_id)
        tree.recorder.event("token.moved", *where, data)
        moved.update()


def plan_move(task: Token, element_id: str, *, leave: bool) -> Jump:
    """Return the move of a waiting token to an element. Raises Conflict naming the rule against it."""
    source = task.task_spec
    if isinstance(source, Boundary) or source.listens:
        raise Conflict(
            f"{source.element_id!r} only watches; move the token of what it watches, or move its timer"
        )
    level: Level | None = task.workflow
    away, entered = task, False
    while level is not None:
        holder: Token | None = getattr(level, "holder", None)
        if holder is not None and holder.task_spec.handler:
            raise Conflict(f"{source.element_id!r} undoes something; a compensation ends by itself")
        target = _target(level.spec, element_id)
        if target is not None:
            several = away.task_spec.instance
            if (entered or several) and not leave:
                raise Conflict(_what_is_left(away))
            return Jump(_belonging(away.parent if several else away), level, target, source)
        level, away, entered = (holder.workflow, holder, True) if holder is not None else (None, away, True)
    raise Conflict(
        f"element {element_id!r} is not in the level where the token at {source.element_id!r} stands, nor "
        "around it; a token cannot be moved into a sub-process: move it to the sub-process itself"
    )


def _target(spec: ProcessSpec, element_id: str) -> Node | None:
    nodes = spec.task_specs
    found: Node | None = nodes.get(f"{element_id}#quantity") or nodes.get(f"{element_id}#split")
    found = found or nodes.get(element_id)
    if found is None or found.element_id != element_id:
        return None
    main: Node = nodes.get(element_id) or found
    by_event = isinstance(main, SubProcess) and main.by_event
    handler = any(getattr(node, "compensated_by", "") == element_id for node in nodes.values())
    if isinstance(main, StartEvent | Boundary) or by_event or handler:
        raise Conflict(f"no flow leads to {element_id!r}; a token can be moved to what a flow leads to")
    return found


def _what_is_left(away: Token) -> str:
    spec = away.task_spec
    if spec.instance:
        return (
            f"{spec.element_id!r} is repeated, and moving one of its instances away ends them all; "
            "say `leave` if that is meant"
        )
    return (
        f"the element lies outside of {spec.element_id!r}, which would be cancelled with all that waits "
        "in it; say `leave` if that is meant"
    )


def _belonging(away: Token) -> list[Token]:
    """What goes with the token: its boundary events, or the other events behind its gateway."""
    parent = away.parent
    if parent is not None and (away.task_spec.attached or isinstance(parent.task_spec, EventGateway)):
        return list(parent.children)
    return [away]


def _ahead(tree: ProcessTree, level: Level | None, start: Node) -> Ahead:
    found = Ahead()
    nodes, reached = [start], True
    while level is not None:
        passed = _walk(tree, level, nodes, found, is_first=reached)
        reached = reached and not passed
        holder: Token | None = getattr(level, "holder", None)
        if holder is None:
            break
        level, nodes = holder.workflow, [flow.target for flow in _body(holder).flows]
        reached = reached and not _note(_body(holder), found, is_first=reached)
    return found


def _walk(tree: ProcessTree, level: Level, starts: list[Node], found: Ahead, *, is_first: bool) -> bool:
    """Add what lies on the ways from `starts`; return whether every node's way meets a milestone here."""
    bundle = tree.bundle_of(level)
    firsts = set(found.first)
    for node in _reach(starts):
        _note(node, found, is_first=False)
        for inside in _insides(node, bundle.specs):
            for inner in inside.task_specs.values():
                _note(inner, found, is_first=False)
    if is_first:
        for node in _until_milestone(starts, bundle.specs):
            _note(node, found, is_first=True)
    return found.first != firsts


def _reach(starts: list[Node]) -> Iterator[Node]:
    seen: set[str] = set()
    stack = list(starts)
    while stack:
        node = stack.pop()
        if node.name not in seen:
            seen.add(node.name)
            yield node
            stack.extend(flow.target for flow in node.flows)


def _until_milestone(starts: list[Node], specs: Mapping[str, ProcessSpec]) -> Iterator[Node]:
    """Yield the milestones that come first, boundary events left aside."""
    seen: set[int] = set()
    stack = list(starts)
    while stack:
        node = stack.pop()
        if id(node) in seen or isinstance(node, Boundary):
            continue
        seen.add(id(node))
        if node.properties.custom.get(MILESTONE) and node.drawn:
            yield node
            continue
        inner = [
            first
            for inside in _insides(node, specs)
            for first in _until_milestone(list(inside.starts), specs)
        ]
        yield from inner
        if not inner:
            stack.extend(flow.target for flow in node.flows)


def _insides(node: Node, specs: Mapping[str, ProcessSpec]) -> Iterator[ProcessSpec]:
    """Yield the inside of a sub-process or call, and all that lies in it, as far as it is in the bundle."""
    seen: set[str] = set()
    stack = [node]
    while stack:
        key = _inside_key(stack.pop())
        inside = specs.get(key) if key else None
        if inside is not None and key not in seen:
            seen.add(key)
            yield inside
            stack.extend(inside.task_specs.values())


def _inside_key(node: Node) -> str:
    each: Node = getattr(node, "each", node)
    if isinstance(each, CallActivity):
        return "" if each.called.expression is not None else each.called.text
    return str(getattr(each, "spec", "")) if isinstance(each, WithInside) else ""


def _note(node: Node, found: Ahead, *, is_first: bool) -> bool:
    milestone = node.properties.custom.get(MILESTONE, "") if node.drawn else ""
    if milestone:
        found.all.add(milestone)
        if is_first:
            found.first.add(milestone)
    return bool(milestone)


def _body(holder: Token) -> Node:
    return holder.parent.task_spec if holder.task_spec.instance else holder.task_spec
