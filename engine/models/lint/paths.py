"""Which milestones every way through a process passes, and a way that passes one not.

For each element, the milestones that are certainly passed from there until the end are the greatest solution
of simple equations: where one flow is chosen, those common to all choices; where several are followed at
once, those of any of them; inside a sub-process or called process, the same again. A way that never ends, or
ends in an error or in a closing milestone, promises everything: nothing is missing on it. What starts beside
the main way (non-interrupting events) neither adds nor takes away.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from lxml import etree

from engine.models.lint.drawing import Drawing, flows_of, nodes_of, spoken, text_of
from engine.models.properties import ElementProperties
from engine.models.vocabulary import CLOSING_MILESTONES, MILESTONE, REQUIRED_MILESTONES
from engine.models.xml import bpmn, local_name

Milestones = frozenset[str]
ALL: Milestones = frozenset(REQUIRED_MILESTONES)
NONE: Milestones = frozenset()


class Calls(Protocol):
    """The processes that calls lead to."""

    def level(self, process_id: str) -> Level | None:
        """Return the analysed process, or None where it is not known or is being analysed."""

    def passed(self, process_id: str) -> Milestones:
        """Return the milestones that a call of the process certainly passes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way on from an element: what is gained on leaving it so, and where it leads (None: the end)."""

    gained: Milestones
    target: str | None


@dataclass
class Level:
    """A process or sub-process as a graph of what certainly happens."""

    drawing: Drawing
    element: etree._Element
    calls: Calls
    certain: dict[str, Milestones] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._solve()

    @cached_property
    def nodes(self) -> dict[str, ElementProperties]:
        """The flow nodes directly inside, by id."""
        found = (self.drawing.properties(node) for node in nodes_of(self.element))
        return {properties.element_id: properties for properties in found}

    @cached_property
    def inner(self) -> dict[str, Level]:
        """The sub-processes directly inside, by id."""
        kinds = ("subProcess", "transaction", "adHocSubProcess")
        return {
            node.get("id", ""): Level(self.drawing, node, self.calls)
            for node in nodes_of(self.element)
            if local_name(node) in kinds
        }

    @property
    def starts(self) -> list[str]:
        """The start events, and event sub-processes that interrupt the rest: each may be how it all goes."""
        begun = {node.get("id", "") for node in nodes_of(self.element) if node.get("instantiate") == "true"}
        found = [name for name, item in self.nodes.items() if item.kind == "startEvent" or name in begun]
        return found + [name for name in self.inner if self._interrupts(name)]

    def passed(self) -> Milestones:
        """Return the milestones that are passed whichever way this level goes."""
        return _common(self.certain.get(name, ALL) for name in self.starts) if self.starts else ALL

    def way_without(self, milestone: str, depth: int = 4) -> list[str]:
        """Return the shortest way from a start to an end that does not pass `milestone`, as spoken names.

        Ways inside are told down to `depth` levels: processes may call one another without end.
        """
        queue = deque((name, [name]) for name in self.starts if milestone not in self.certain[name])
        seen = {name for name, _ in queue}
        while queue:
            name, way = queue.popleft()
            for step in self._steps(name):
                if milestone in step.gained:
                    continue
                if step.target is None:
                    return [self._told(item, milestone, depth) for item in way]
                if step.target not in seen and milestone not in self.certain[step.target]:
                    seen.add(step.target)
                    queue.append((step.target, [*way, step.target]))
        return []

    def mentions(self, milestone: str, depth: int) -> bool:
        """Return whether any element inside, down to `depth` levels, carries the milestone."""
        if any(item.custom.get(MILESTONE, "").strip() == milestone for item in self.nodes.values()):
            return True
        inside = (level for level in map(self._below, self.nodes) if level is not None)
        return depth > 0 and any(level.mentions(milestone, depth - 1) for level in inside)

    def _told(self, name: str, milestone: str, depth: int) -> str:
        """Return how a step of a way is spoken of; with the way inside, where that lacks the milestone."""
        text = spoken(self.nodes[name])
        level = self._below(name) if depth > 0 else None
        if level is None or not level.mentions(milestone, depth):
            return text
        way = level.way_without(milestone, depth - 1)
        return f"{text} [{' → '.join(way)}]" if way else text

    def _below(self, name: str) -> Level | None:
        if name in self.inner:
            return self.inner[name]
        properties = self.nodes[name]
        return self.calls.level(properties.called_process) if properties.kind == "callActivity" else None

    def _solve(self) -> None:
        self.certain = dict.fromkeys(self.nodes, ALL)
        changed = True
        while changed:
            changed = False
            for name in reversed(self.nodes):
                found = self._value(name)
                if found != self.certain[name]:
                    self.certain[name] = found
                    changed = True

    def _value(self, name: str) -> Milestones:
        steps = self._steps(name)
        values = [step.gained | self.certain.get(step.target or "", NONE) for step in steps]
        if len(steps) > 1 and self._follows_all(name):
            return frozenset().union(*values)
        return _common(values)

    def _steps(self, name: str) -> list[Step]:
        """Return the ways on from an element."""
        properties = self.nodes[name]
        milestone = properties.custom.get(MILESTONE, "").strip()
        gained = (ALL & {milestone}) | self._inside(properties)
        interrupted = [Step(NONE, event) for event in self._interruptions(name)]
        if milestone in CLOSING_MILESTONES or (properties.kind, properties.event) == ("endEvent", "error"):
            return [Step(ALL, None), *interrupted]
        steps = [Step(gained, target) for target in self._targets(properties)]
        return [*(steps or [Step(gained, None)]), *interrupted]

    def _inside(self, properties: ElementProperties) -> Milestones:
        if properties.element_id in self.inner:
            return self.inner[properties.element_id].passed()
        if properties.kind == "callActivity":
            return self.calls.passed(properties.called_process)
        return NONE

    def _targets(self, properties: ElementProperties) -> list[str]:
        if properties.event == "link" and properties.kind == "intermediateThrowEvent":
            return [
                name
                for name, item in self.nodes.items()
                if item.event == "link"
                and item.kind == "intermediateCatchEvent"
                and item.event_name == properties.event_name
            ]
        found = (flow.get("targetRef", "") for flow in self._flows.get(properties.element_id, ()))
        return [target for target in found if target in self.nodes]

    @cached_property
    def _flows(self) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = {}
        for flow in flows_of(self.element):
            found.setdefault(flow.get("sourceRef", ""), []).append(flow)
        return found

    def _interruptions(self, name: str) -> list[str]:
        return [
            other
            for other, item in self.nodes.items()
            if item.kind == "boundaryEvent"
            and item.attached_to == name
            and (item.interrupting or item.event == "error")
            and item.event != "compensate"
        ]

    def _follows_all(self, name: str) -> bool:
        """Return whether every flow out is followed: a parallel gateway, or plain flows."""
        kind = self.nodes[name].kind
        if kind.endswith("Gateway") or self._interruptions(name):
            return kind == "parallelGateway"
        flows = self._flows.get(name, ())
        return not any(text_of(flow.find(bpmn("conditionExpression"))) for flow in flows)

    def _interrupts(self, name: str) -> bool:
        level = self.inner[name].element
        if level.get("triggeredByEvent") != "true":
            return False
        return any(start.get("isInterrupting") != "false" for start in level.findall(bpmn("startEvent")))


def _common(values: Iterable[Milestones]) -> Milestones:
    result = ALL
    for value in values:
        result &= value
    return result
