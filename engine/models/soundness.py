"""Whether a flow of control always comes to its end: by letting tokens go every way that it may choose.

A net is a graph of nodes and flows, each flow leading to one node. Because of that, what one node does never
takes a token from another: it is enough to let one enabled node act at a time and to follow all its choices
(a persistent set), which keeps the states few where many branches run beside each other. Conditions are not
looked at: every way out of a gateway counts as possible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

MAX_STATES = 20_000
MAX_STEPS = 200_000
Join = Literal["any", "all", "inclusive"]
Marking = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """What takes tokens from flows and gives them on.

    `join`: from any one incoming flow, from all, or from those that anything can still come by (inclusive).
    `outcomes`: the sets of flows that it may choose between. `clears`: it ends everything else.
    `instant`: a plain end, where a token is gone as soon as it comes.
    """

    name: str
    join: Join
    incoming: tuple[str, ...]
    outcomes: tuple[tuple[str, ...], ...]
    clears: bool = False
    instant: bool = False


@dataclass(frozen=True)
class Net:
    """Nodes and the flows on which an instance may begin, one token on one of them."""

    nodes: tuple[Node, ...]
    starts: tuple[str, ...]

    @cached_property
    def target(self) -> Mapping[str, Node]:
        """The node to which each flow leads."""
        return {flow: node for node in self.nodes for flow in node.incoming}

    @cached_property
    def _into(self) -> Mapping[str, frozenset[str]]:
        """The flows that lie directly before each flow."""
        before: dict[str, set[str]] = {}
        for node in self.nodes:
            for flow in {flow for outcome in node.outcomes for flow in outcome}:
                before.setdefault(flow, set()).update(node.incoming)
        return {flow: frozenset(found) for flow, found in before.items()}

    @cached_property
    def _reached(self) -> Mapping[str, frozenset[str]]:
        """The nodes that each node leads to, near or far."""
        after = {
            node.name: {self.target[flow].name for outcome in node.outcomes for flow in outcome}
            for node in self.nodes
        }
        found = {}
        for name, following in after.items():
            seen: set[str] = set()
            stack = list(following)
            while stack:
                at = stack.pop()
                if at not in seen:
                    seen.add(at)
                    stack.extend(after.get(at, ()))
            found[name] = frozenset(seen)
        return found

    @cached_property
    def growing(self) -> frozenset[str]:
        """The nodes on a cycle that gives more tokens than it takes, if nothing joins them."""
        reached = self._reached
        giving = [
            node.name
            for node in self.nodes
            if any(
                len(outcome) > 1 and any(node.name in reached[self.target[flow].name] for flow in outcome)
                for outcome in node.outcomes
            )
        ]
        return frozenset(
            name
            for name, ahead in reached.items()
            for each in giving
            if each in ahead and name in reached[each]
        )

    def upstream(self, flow: str, past: Node) -> set[str]:
        """Return the flows from which a token can come to `flow` without passing the node `past`."""
        seen: set[str] = set()
        stack = [flow]
        while stack:
            at = stack.pop()
            if at not in seen:
                seen.add(at)
                if not (at != flow and self.target.get(at) is past):
                    stack.extend(each for each in self._into.get(at, ()) if self.target.get(each) is not past)
        return seen


@dataclass
class Verdict:
    """What was found.

    `stuck`: nodes at which tokens can wait for ever, with the choices that lead there. `endless`: nodes among
    which a token can be caught without a way to the end. `unbounded`: nodes that can be reached by ever more
    tokens. `dead`: nodes that nothing ever reaches. Undecided: it was given up, and what is empty proves
    nothing.
    """

    decided: bool = True
    stuck: dict[str, list[str]] = field(default_factory=dict)
    endless: list[str] = field(default_factory=list)
    unbounded: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)


def check_net(net: Net, *, max_states: int = MAX_STATES, max_steps: int = MAX_STEPS) -> Verdict:
    """Return what is wrong with a net, or that it could not be decided within the bounds."""
    found = _Search(net, max_states, max_steps).verdict()
    if found.endless and any(node.clears for node in net.nodes):
        # a token that goes round may be ended by another that was not followed meanwhile: follow all at once
        found = _Search(net, max_states, max_steps, everything=True).verdict()
    return found


class _Search:
    def __init__(self, net: Net, max_states: int, max_steps: int, *, everything: bool = False) -> None:
        self.net, self.everything = net, everything
        self.max_states, self.max_steps = max_states, max_steps
        self.parent: dict[Marking, tuple[Marking, str] | None] = {}
        self.follows: dict[Marking, list[tuple[Marking, str]]] = {}
        self.fired: set[str] = set()
        self.result = Verdict()
        self._before: dict[tuple[str, str], set[str]] = {}

    def verdict(self) -> Verdict:
        queue = deque(self._begin())
        steps = 0
        while queue:
            marking = queue.popleft()
            following = self._follow(marking)
            self.follows[marking] = following
            for then, name in following:
                steps += 1
                if then in self.parent:
                    continue
                self.parent[then] = (marking, name)
                grown = self._grown(then)
                if grown:
                    self.result.unbounded = grown
                    return self.result
                queue.append(then)
            if len(self.parent) > self.max_states or steps > self.max_steps:
                self.result.decided = False
                return self.result
        self._judge()
        return self.result

    def _begin(self) -> Iterable[Marking]:
        for flow in self.net.starts:
            marking = self._added({}, (flow,))
            self.parent.setdefault(marking, None)
        return list(self.parent)

    def _follow(self, marking: Marking) -> list[tuple[Marking, str]]:
        """Return the markings after all choices of one enabled node, and of each that clears."""
        tokens = dict(marking)
        waiting = {self.net.target[flow].name: self.net.target[flow] for flow in tokens}
        found: list[tuple[Marking, str]] = []
        for node in sorted(waiting.values(), key=self._rank):
            if found and not node.clears and not self.everything:
                continue
            for taken in self._taken(node, tokens)[: None if self.everything else 1]:
                self.fired.add(node.name)
                rest = {} if node.clears else _without(tokens, taken)
                found += [(self._added(rest, outcome), node.name) for outcome in node.outcomes or ((),)]
        return found

    def _rank(self, node: Node) -> tuple[bool, bool, bool]:
        """Which node acts first: one on a cycle that gives tokens, so that they are seen to pile up.

        Inclusive joins wait for the others, as they do when they run; what ends everything else is last.
        """
        return node.clears, node.join == "inclusive", node.name not in self.net.growing

    def _taken(self, node: Node, tokens: Mapping[str, int]) -> list[tuple[str, ...]]:
        filled = [flow for flow in node.incoming if flow in tokens]
        if node.join == "any":
            return [(flow,) for flow in filled]
        if node.join == "all":
            return [node.incoming] if len(filled) == len(node.incoming) else []
        empty = [flow for flow in node.incoming if flow not in tokens]
        to_empty = set().union(*(self._upstream(flow, node) for flow in empty)) if empty else set()
        to_filled = set().union(*(self._upstream(flow, node) for flow in filled))
        others = {flow for flow in tokens if flow not in node.incoming}
        return [] if others & (to_empty - to_filled) else [tuple(filled)]

    def _upstream(self, flow: str, node: Node) -> set[str]:
        key = (flow, node.name)
        if key not in self._before:
            self._before[key] = self.net.upstream(flow, node)
        return self._before[key]

    def _added(self, tokens: Mapping[str, int], flows: Iterable[str]) -> Marking:
        """Put tokens on flows; those that come to an end at once are not kept, as they wait for nothing."""
        found = dict(tokens)
        for flow in flows:
            node = self.net.target[flow]
            if node.instant:
                self.fired.add(node.name)
            else:
                found[flow] = found.get(flow, 0) + 1
        return tuple(sorted(found.items()))

    def _grown(self, marking: Marking) -> list[str]:
        """Return the nodes before which tokens grow: the marking holds all of an earlier one, and more."""
        tokens = dict(marking)
        total = sum(tokens.values())
        step = self.parent[marking]
        cleared = False
        while step is not None:
            earlier, name = step
            cleared = cleared or self._acts_on_absence(name)
            before = dict(earlier)
            if cleared:
                return []
            if sum(before.values()) < total and all(
                tokens.get(flow, 0) >= count for flow, count in before.items()
            ):
                more = [flow for flow, count in tokens.items() if count > before.get(flow, 0)]
                return sorted({self.net.target[flow].name for flow in more})
            step = self.parent[earlier]
        return []

    @cached_property
    def _not_monotone(self) -> frozenset[str]:
        return frozenset(node.name for node in self.net.nodes if node.clears or node.join == "inclusive")

    def _acts_on_absence(self, name: str) -> bool:
        """Whether more tokens elsewhere may keep the node from acting, or go with it."""
        return name in self._not_monotone

    def _judge(self) -> None:
        """All markings are known: look for those without a way on, and without a way to the end."""
        before: dict[Marking, list[Marking]] = {}
        for marking, following in self.follows.items():
            for then, _ in following:
                before.setdefault(then, []).append(marking)
        stuck = [marking for marking, following in self.follows.items() if marking and not following]
        for marking in stuck:
            for flow, _ in marking:
                self.result.stuck.setdefault(self.net.target[flow].name, self._way(marking))
        good = {marking for marking in self.follows if not marking} | set(stuck)
        stack = list(good)
        while stack:
            for earlier in before.get(stack.pop(), ()):
                if earlier not in good:
                    good.add(earlier)
                    stack.append(earlier)
        caught = [marking for marking in self.follows if marking not in good]
        if caught:
            self.result.endless = sorted({name for each in caught for _, name in self.follows[each]})
            return  # what runs beside a token that never comes to rest may not have been followed
        self.result.dead = [node.name for node in self.net.nodes if node.name not in self.fired]

    def _way(self, marking: Marking) -> list[str]:
        found: list[str] = []
        step = self.parent[marking]
        while step is not None:
            earlier, name = step
            found.append(name)
            step = self.parent[earlier]
        return found[::-1]


def _without(tokens: Mapping[str, int], taken: Iterable[str]) -> dict[str, int]:
    found = dict(tokens)
    for flow in taken:
        found[flow] -= 1
        if not found[flow]:
            del found[flow]
    return found
