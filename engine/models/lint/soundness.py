"""Soundness of every level of every executable process: findings as grave as the family's settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations

from lxml import etree

from engine.errors import Message
from engine.models.lint.drawing import Bundle, Drawing, Findings, flows_of, nodes_of, spoken, text_of
from engine.models.nodes import ACTIVITIES, LEVELS, SUBPROCESSES
from engine.models.properties import ElementProperties
from engine.models.soundness import Join, Net, Node, Verdict, check_net
from engine.models.xml import bpmn, local_name

_MOST_CHOICES = 6
_SHOWN = 8
_JOINS: Mapping[str, Join] = {"parallelGateway": "all", "inclusiveGateway": "inclusive"}
_CLEARING = ("terminate", "error", "cancel")


def check_soundness(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Tell of dead elements, deadlocks, ways without an end and growing numbers of tokens."""
    warning = bundle.settings.soundness != "error"
    if any(
        item.file == drawing.path and item.code in ("bpmn.reference", "bpmn.id") for item in findings.items
    ):
        return  # what is not connected as meant would only mislead
    for process in drawing.executable:
        for level in process.iter(*map(bpmn, LEVELS - {"adHocSubProcess"})):
            if any(local_name(each) == "adHocSubProcess" for each in level.iterancestors()):
                continue
            stopped = _may_be_stopped(bundle, drawing, level)
            _check_level(drawing, level, findings, warning=warning, stopped=stopped)


def _check_level(
    drawing: Drawing, level: etree._Element, findings: Findings, *, warning: bool, stopped: bool
) -> None:
    nodes = {node.get("id", ""): node for node in nodes_of(level)}
    net = LevelNet(drawing, level).net()
    if net is None:
        message = Message(
            "whether this always comes to its end is not decided: it has gateways that cannot be followed"
        )
        findings.add(drawing, level, "soundness.undecided", message, warning=True)
        return
    verdict = check_net(net)
    if not verdict.decided:
        message = Message(
            "whether this always comes to its end is not decided: it has too many states; split it"
        )
        findings.add(drawing, level, "soundness.undecided", message, warning=True)
        return
    if stopped:
        verdict.endless.clear()  # it goes round until it is stopped from outside, as drawn
    for name, code, message in _told(drawing, nodes, verdict):
        findings.add(drawing, nodes[name], code, message, warning=warning)


def _may_be_stopped(bundle: Bundle, drawing: Drawing, level: etree._Element) -> bool:
    """Whether something from outside the flow may end the level: a boundary event, an event sub-process."""
    for each in (level, *level.iterancestors(*map(bpmn, LEVELS))):
        if any(_interrupts(start) for start in each.iterfind(f"{bpmn('subProcess')}/{bpmn('startEvent')}")):
            return True
        if local_name(each) != "process" and _has_boundary(drawing, each):
            return True
    process_id = next(
        (each.get("id", "") for each in (level, *level.iterancestors()) if local_name(each) == "process"), ""
    )
    return any(
        properties.kind == "callActivity"
        and properties.called_process == process_id
        and _has_boundary(other, node)
        for other in bundle.drawings
        for node, properties in other.running()
    )


def _interrupts(start: etree._Element) -> bool:
    owner = start.getparent()
    by_event = owner is not None and owner.get("triggeredByEvent") == "true"
    return by_event and start.get("isInterrupting") != "false"


def _has_boundary(drawing: Drawing, node: etree._Element) -> bool:
    level = node.getparent()
    return level is not None and any(
        event.get("attachedToRef") == node.get("id") and drawing.properties(event).interrupting
        for event in level.findall(bpmn("boundaryEvent"))
    )


def _told(
    drawing: Drawing, nodes: dict[str, etree._Element], verdict: Verdict
) -> Iterator[tuple[str, str, Message]]:
    def say(name: str) -> str:
        return spoken(drawing.properties(nodes[name]))

    for name, way in verdict.stuck.items():
        turns = [each for each in way if each in nodes]
        shown = " → ".join(map(say, turns[-_SHOWN:]))
        message = Message(
            "{element} can wait for ever for a token that never comes (by way of {shown}); join "
            "with the kind of gateway that split",
            element=say(name),
            shown=shown,
        )
        yield name, "soundness.deadlock", message
    known = [name for name in verdict.unbounded if name in nodes]
    if known:
        message = Message(
            "{element} can be reached by ever more tokens; join what was split before it leads back",
            element=say(known[0]),
        )
        yield known[0], "soundness.unbounded", message
    caught = [name for name in verdict.endless if name in nodes]
    if caught:
        shown = ", ".join(map(say, caught[:_SHOWN]))
        message = Message("no way leads from here to an end: {shown}; draw one", shown=shown)
        yield caught[0], "soundness.endless", message
    after_deadlock = verdict.stuck and verdict.dead
    for name in verdict.dead:
        if name in nodes and not after_deadlock:
            message = Message("{element} would never run; connect it, or remove it", element=say(name))
            yield name, "soundness.dead", message


class LevelNet:
    """A process or sub-process as a net of tokens."""

    def __init__(self, drawing: Drawing, level: etree._Element) -> None:
        self._nodes = {node.get("id", ""): drawing.properties(node) for node in nodes_of(level)}
        self._elements = {node.get("id", ""): node for node in nodes_of(level)}
        self._entered = {key for key in self._nodes if self._has_flows(key)}
        self._flows = [  # those that lead to what no flow may enter are refused elsewhere
            flow for flow in flows_of(level) if flow.get("id") and flow.get("targetRef") in self._entered
        ]
        self._held: dict[str, list[str]] = {}
        for key, item in self._nodes.items():
            if item.kind == "boundaryEvent" and item.event != "compensate":
                self._held.setdefault(item.attached_to, []).append(key)

    def net(self) -> Net | None:
        """Return the net; None where it has a gateway whose ways cannot be told."""
        made = []
        for key, item in self._nodes.items():
            if key not in self._entered:
                continue
            incoming = self._incoming(key)
            outcomes = self._outcomes(key, item)
            if item.kind == "complexGateway" or outcomes is None:
                return None
            if not incoming:
                continue  # refused elsewhere: nothing leads there
            clears = item.kind == "endEvent" and item.event in _CLEARING
            instant = item.kind == "endEvent" and not clears
            joins = _JOINS.get(item.kind, "any") if len(incoming) > 1 else "any"
            made.append(Node(key, joins, incoming, outcomes, clears, instant))
        names = [node.name for node in made]
        starts = tuple(f"#{key}" for key in names if self._begins(key) or key in self._apart)
        return Net(tuple(made), starts)

    def _has_flows(self, key: str) -> bool:
        """Whether tokens come to it by flows or its event, not by compensation or beside the flow."""
        item, node = self._nodes[key], self._elements[key]
        return not (
            (item.kind in ACTIVITIES and node.get("isForCompensation") == "true")
            or (item.kind in SUBPROCESSES and node.get("triggeredByEvent") == "true")
            or (item.kind == "boundaryEvent" and item.event == "compensate")
        )

    @cached_property
    def _apart(self) -> frozenset[str]:
        """Non-interrupting boundary events whose branch never meets another: a small process of its own.

        Taken with the main way, a reminder in a loop would look like tokens that pile up.
        """
        return frozenset(
            event
            for events in self._held.values()
            for event in events
            if not self._nodes[event].interrupting and self._is_apart(event)
        )

    def _is_apart(self, event: str) -> bool:
        branch, stack = set(), [event]
        while stack:
            at = stack.pop()
            if at not in branch:
                branch.add(at)
                stack += [flow.get("targetRef", "") for flow in self._flows if flow.get("sourceRef") == at]
                stack += self._held.get(at, [])
        plain = not any(
            self._nodes[key].event in (*_CLEARING, "link") for key in branch if key in self._nodes
        )
        return plain and all(
            flow.get("sourceRef") in branch for flow in self._flows if flow.get("targetRef") in branch
        )

    def _incoming(self, key: str) -> tuple[str, ...]:
        item = self._nodes[key]
        found = [flow.get("id", "") for flow in self._flows if flow.get("targetRef") == key]
        if self._begins(key) or item.kind == "boundaryEvent":
            found.append(f"#{key}")
        if item.event == "link" and item.kind == "intermediateCatchEvent":
            found += [f"#{other}>{key}" for other in self._links(item, "intermediateThrowEvent")]
        return tuple(found)

    def _begins(self, key: str) -> bool:
        return self._nodes[key].kind == "startEvent" or self._elements[key].get("instantiate") == "true"

    def _links(self, item: ElementProperties, kind: str) -> list[str]:
        return [
            key
            for key, other in self._nodes.items()
            if other.event == "link" and other.kind == kind and other.event_name == item.event_name
        ]

    def _outcomes(self, key: str, item: ElementProperties) -> tuple[tuple[str, ...], ...] | None:
        if item.event == "link" and item.kind == "intermediateThrowEvent":
            return (tuple(f"#{key}>{other}" for other in self._links(item, "intermediateCatchEvent")),)
        own = self._chosen(key, item)
        if own is None or item.kind not in ACTIVITIES:
            return own
        stops: list[str] = []
        beside: list[str] = []
        for event in self._held.get(key, ()):
            interrupts = self._nodes[event].interrupting or self._nodes[event].event == "error"
            if interrupts:
                stops.append(f"#{event}")
            elif event not in self._apart:
                beside.append(f"#{event}")
        ways = [*own, *((flow,) for flow in stops)]
        extra = list(_subsets(beside)) if len(beside) <= _MOST_CHOICES else [(), tuple(beside)]
        return tuple((*way, *more) for way in ways for more in dict.fromkeys(((), *extra)))

    def _chosen(self, key: str, item: ElementProperties) -> tuple[tuple[str, ...], ...] | None:
        """The sets of outgoing flows between which the element itself chooses."""
        out = [flow for flow in self._flows if flow.get("sourceRef") == key]
        ids = [flow.get("id", "") for flow in out]
        if not ids:
            return ((),)
        for_all = self._elements[key].get("eventGatewayType") == "Parallel"
        if item.kind in ("exclusiveGateway", "eventBasedGateway") and not for_all:
            return tuple((each,) for each in ids)
        default = self._elements[key].get("default", "")
        asked = [
            flow.get("id", "")
            for flow in out
            if text_of(flow.find(bpmn("conditionExpression"))) and flow.get("id") != default
        ]
        if item.kind == "parallelGateway" or not asked:
            return (tuple(ids),)
        always = tuple(each for each in ids if each not in asked and each != default)
        if len(asked) > _MOST_CHOICES:
            return None
        none = always + ((default,) if default in ids else ())
        return tuple([always + some for some in _subsets(asked)] + ([none] if none else []))


def _subsets(items: list[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(items) + 1):
        yield from combinations(items, size)
