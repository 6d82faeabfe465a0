"""Building the specification of one level, a process or the inside of a sub-process, from its drawing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from zoneinfo import ZoneInfo

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import extension
from engine.models.nodes import ACTIVITIES
from engine.models.properties import ElementProperties
from engine.models.xml import bpmn, local_name
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.parser.document import (
    REFUSED_NODES,
    Document,
    flow_nodes,
    is_event_subprocess,
    sequence_flows,
    text_of,
)
from engine.runtime.spiff.parser.elements import (
    make_boundary,
    make_catch,
    make_element,
    make_loop,
    make_trigger,
)
from engine.runtime.spiff.parser.instantiating import beginnings_of
from engine.runtime.spiff.parser.refuse import quantity
from engine.runtime.spiff.specs.ad_hoc import AdHoc
from engine.runtime.spiff.specs.catching import BoundarySplit, Catching, Listener
from engine.runtime.spiff.specs.events import StartEvent
from engine.runtime.spiff.specs.gateways import EventGateway, ParallelGateway
from engine.runtime.spiff.specs.node import Flow, Node
from engine.runtime.spiff.specs.process import ProcessSpec
from engine.runtime.spiff.specs.quantity import Quantity
from engine.runtime.spiff.starting import Beginning


class LevelBuilder:
    """Builds one level.

    What is wrong is added to the document's findings; the result is used only without any.
    """

    spec: ProcessSpec

    def __init__(
        self,
        document: Document,
        level: etree._Element,
        process_id: str,
        specs: dict[str, ProcessSpec],
        elements: dict[str, ElementProperties],
        known: Collection[str] | None,
        zone: ZoneInfo,
    ) -> None:
        self.document = document
        self.level = level
        self.specs = specs
        self.elements = elements
        self.known = known
        self.zone = zone
        properties = document.properties(level)
        key = process_id if local_name(level) == "process" else f"{process_id}/{properties.element_id}"
        self.spec = specs[key] = ProcessSpec(key, process_id, properties, document.source)
        self._begun = beginnings_of(level)
        self._entries: dict[str, Node] = {}
        self._exits: dict[str, list[Node]] = {}

    def build(self) -> ProcessSpec:
        """Build the level and every level inside it."""
        nodes = {
            node.get("id", ""): node
            for node in flow_nodes(self.level)
            if local_name(node) not in REFUSED_NODES
        }
        for node in nodes.values():
            if local_name(node) != "boundaryEvent":
                self._add(node)
        for node in nodes.values():
            if local_name(node) == "boundaryEvent":
                self._attach(node)
        for node in nodes.values():
            self._count_tokens(node)
        for flow in sequence_flows(self.level):
            self._connect(flow, nodes)
        self._link(nodes)
        self._begin(nodes)
        if local_name(self.level) == "adHocSubProcess":
            self.spec.ad_hoc = self._ad_hoc(nodes)
        return self.spec

    def inside(self, node: etree._Element) -> str:
        """Build the inside of a sub-process and return its key."""
        arguments = (self.spec.process_id, self.specs, self.elements, self.known, self.zone)
        return str(LevelBuilder(self.document, node, *arguments).build().name)

    def count_incoming(self, identifier: str) -> int:
        """Return how many flows enter an element."""
        return sum(flow.get("targetRef") == identifier for flow in sequence_flows(self.level))

    def needs_key(self, node: etree._Element) -> bool:
        """Return whether an instance may wait at `node`: a message that begins one needs no key."""
        identifier = node.get("id", "")
        return self._begun.get(identifier) != identifier

    def formula(self, node: etree._Element, text: str, what: str) -> Formula:
        """Compile a text of `node`."""
        return self.document.formula(node, text, what)

    def optional(self, node: etree._Element, text: str, what: str) -> Formula | None:
        """Compile a text of `node`, or return None where there is none."""
        return self.document.formula(node, text, what) if text else None

    def condition(self, node: etree._Element, text: str, what: str) -> Formula | None:
        """Compile a text that is always FEEL, or return None where there is none."""
        return self.document.formula(node, text, what, condition=True) if text else None

    def _add(self, node: etree._Element) -> None:
        properties = self.document.properties(node)
        identifier = properties.element_id
        self.elements[identifier] = properties
        if local_name(node) == "intermediateCatchEvent" and len(self.document.events(node)) > 1:
            self._add_multiple(node)
            return
        on_event = is_event_subprocess(node)
        repeated = properties.loop is not None and local_name(node) in ACTIVITIES and not on_event
        main = make_element(self, node, f"{identifier}#each" if repeated else identifier)
        self._describe(node, main)
        if repeated:
            body = make_loop(self, node, main)
            body.describe(properties, self.spec.process_id)
            main = body
        self._entries[identifier], self._exits[identifier] = main, [main]
        if isinstance(main, StartEvent):
            self.spec.starts.append(main)
            main.beginnings = tuple(self._beginnings(node))
        if on_event:
            self._listen(node, main)

    def _beginnings(self, node: etree._Element) -> Iterator[Beginning]:
        """Compile what starts an instance; whoever runs instances waits for it. Messages need no key here."""
        where = (node.get("id", ""), self.spec.process_id)
        for each in self.document.events(node):
            if each.event == "timer":
                trigger = make_trigger(self, node, each)
                yield Beginning(*where, "timer", "", trigger.timer_kind, trigger.timer)
            elif each.event in ("message", "signal"):
                yield Beginning(*where, each.event, each.event_name)

    def _begin(self, nodes: dict[str, etree._Element]) -> None:
        """Let the events begin an instance whose receive task or gateway says so."""
        for identifier, entered in self._begun.items():
            caught = self.spec.task_specs.get(identifier)
            if isinstance(caught, Catching) and entered in self._entries:
                caught.begins = True
                begun = tuple(self._beginnings(nodes[identifier]))
                self.spec.instantiating[identifier] = (self._entries[entered], begun)

    def _count_tokens(self, node: etree._Element) -> None:
        identifier = node.get("id", "")
        if local_name(node) not in ACTIVITIES or identifier not in self._exits:
            return
        [main] = self._exits[identifier]
        main.completion_quantity = quantity(node, "completionQuantity") or 1
        taken = quantity(node, "startQuantity") or 1
        if taken == 1:
            return
        waiting = Quantity(self.spec, f"{identifier}#quantity")
        waiting.describe(main.properties, self.spec.process_id)
        waiting.quantity = taken
        waiting.add_flow(Flow("", self._entries[identifier]))
        self._entries[identifier] = waiting

    def _ad_hoc(self, nodes: dict[str, etree._Element]) -> AdHoc:
        entered = {flow.get("targetRef") for flow in sequence_flows(self.level)}
        entries = {
            identifier: self._entries[identifier]
            for identifier, node in nodes.items()
            if local_name(node) != "boundaryEvent"
            and identifier not in entered
            and not is_event_subprocess(node)
            and node.get("isForCompensation") != "true"
        }
        drawn = extension(self.level, "adHoc")
        active = "" if drawn is None else drawn.get("activeElementsCollection", "")
        text = text_of(self.level.find(bpmn("completionCondition")))
        return AdHoc(
            element_id=self.level.get("id", ""),
            process_id=self.spec.process_id,
            entries=entries,
            sequential=self.level.get("ordering") == "Sequential",
            cancels_rest=self.level.get("cancelRemainingInstances") != "false",
            condition=self.condition(self.level, text, Message("the completion condition")),
            active=self.condition(self.level, active, Message("the active elements")),
        )

    def _add_multiple(self, node: etree._Element) -> None:
        """An event that waits for any of several things, or all, is a gateway before an event for each."""
        identifier = node.get("id", "")
        for_all = node.get("parallelMultiple") == "true"
        gateway = self._undrawn(node, ParallelGateway if for_all else EventGateway, f"{identifier}#split")
        gateway.urgent = True  # armed as early as an event that waits for one thing
        self._entries[identifier], self._exits[identifier] = gateway, []
        for name, properties in self._variants(node):
            catch = make_catch(self, node, properties, name)
            self._describe(node, catch, properties)
            gateway.add_flow(Flow("", catch))
            self._exits[identifier].append(catch)
        if for_all:
            join = self._undrawn(node, ParallelGateway, f"{identifier}#join")
            for number, each in enumerate(self._exits[identifier]):
                each.add_flow(Flow(f"#{number}", join))
            self._exits[identifier] = [join]

    def _undrawn(self, node: etree._Element, kind: type[Node], name: str) -> Node:
        spec = kind(self.spec, name)  # type: ignore[call-arg]
        spec.describe(self.document.properties(node), self.spec.process_id)
        spec.drawn = False
        return spec

    def _variants(self, node: etree._Element) -> list[tuple[str, ElementProperties]]:
        identifier = node.get("id", "")
        names = [identifier, *(f"{identifier}#{number}" for number in range(2, 100))]
        return list(zip(names, self.document.events(node), strict=False))

    def _describe(
        self, node: etree._Element, spec: Node, properties: ElementProperties | None = None
    ) -> None:
        properties = properties or self.document.properties(node)
        spec.describe(properties, self.spec.process_id)
        spec.inputs_mapped = self._mapped(node, properties.inputs, _input)
        spec.outputs_mapped = self._mapped(node, properties.outputs, _output)

    def _mapped(
        self, node: etree._Element, pairs: tuple[tuple[str, str], ...], called: Callable[[str], Message]
    ) -> tuple[tuple[Formula, str], ...]:
        for _, target in pairs:
            if not target or not all(part.isidentifier() for part in target.split(".")):
                self.document.refuse(
                    node,
                    Message("{what}: its target is no variable name", what=called(target)),
                    "zeebe.mapping",
                )
        return tuple((self.formula(node, source, called(target)), target) for source, target in pairs)

    def _attach(self, node: etree._Element) -> None:
        properties = self.document.properties(node)
        self.elements[properties.element_id] = properties
        held = self.elements.get(properties.attached_to)
        if held is None or held.kind not in ACTIVITIES or properties.attached_to not in self._exits:
            return
        [main] = self._exits[properties.attached_to]
        if properties.event == "compensate":
            self._compensate(node, main)
            return
        split = self._entries[properties.attached_to]
        if not isinstance(split, BoundarySplit):
            split = BoundarySplit(self.spec, f"{properties.attached_to}#split")
            split.describe(main.properties, self.spec.process_id)
            split.add_flow(Flow("", main))
            main.attached = True
            self._entries[properties.attached_to] = split
        self._exits[properties.element_id] = []
        for name, each in self._variants(node):
            boundary = make_boundary(self, node, each, name)
            self._describe(node, boundary, each)
            split.add_flow(Flow("", boundary))
            self._exits[properties.element_id].append(boundary)

    def _compensate(self, node: etree._Element, main: Node) -> None:
        identifier = node.get("id")
        targets = [
            each.get("targetRef", "")
            for each in self.level.findall(bpmn("association"))
            if each.get("sourceRef") == identifier
        ]
        handlers = [self._entries[target] for target in targets if target in self._entries]
        if len(handlers) != 1:
            message = Message(
                "a compensation event is tied to exactly one activity, its handler, by an association"
            )
            self.document.refuse(node, message, "bpmn.compensation")
            return
        main.compensated_by = handlers[0].name

    def _listen(self, node: etree._Element, event_subprocess: Node) -> None:
        start = node.find(bpmn("startEvent"))
        if start is None or self.document.properties(start).event is None:
            return
        if self.document.properties(start).event == "compensate":
            self.spec.compensated_by = event_subprocess.name
            return
        for number, properties in enumerate(self.document.events(start), 1):
            suffix = "" if number == 1 else str(number)
            listener = Listener(
                self.spec, f"{event_subprocess.name}#listener{suffix}", properties.interrupting
            )
            listener.describe(properties, self.spec.process_id)
            listener.trigger = make_trigger(self, start, properties)
            # What comes with the event arrives here: it is mapped where it arrives, not again inside.
            listener.outputs_mapped = self._mapped(start, properties.outputs, _output)
            for inner in self.specs[event_subprocess.spec].starts:  # type: ignore[attr-defined]
                inner.outputs_mapped = ()
            listener.add_flow(Flow("", event_subprocess))
            self.spec.listeners.append(listener)

    def _connect(self, flow: etree._Element, nodes: dict[str, etree._Element]) -> None:
        sources = self._exits.get(flow.get("sourceRef", ""))
        target = self._entries.get(flow.get("targetRef", ""))
        if not sources or target is None:
            return
        identifier = flow.get("id", "")
        is_default = nodes[sources[0].element_id].get("default") == identifier
        drawn = flow.find(bpmn("conditionExpression"))
        condition = None
        if drawn is not None and not is_default:
            text = "".join(str(part) for part in drawn.itertext()).strip()
            if text:
                condition = self.condition(flow, text, Message("the condition"))
            else:
                self.document.refuse(
                    flow, Message("the condition is empty; write one or remove it"), "bpmn.flow"
                )
        for source in sources:
            source.add_flow(Flow(identifier, target, condition, is_default))

    def _link(self, nodes: dict[str, etree._Element]) -> None:
        catches: dict[str, list[str]] = {}
        for identifier, node in nodes.items():
            properties = self.document.properties(node)
            if properties.event == "link" and properties.kind == "intermediateCatchEvent":
                catches.setdefault(properties.event_name, []).append(identifier)
        for identifier, node in nodes.items():
            properties = self.document.properties(node)
            if properties.event != "link" or properties.kind != "intermediateThrowEvent":
                continue
            found = catches.get(properties.event_name, [])
            if len(found) == 1:
                self._exits[identifier][0].add_flow(Flow("", self._entries[found[0]]))
            else:
                message = Message(
                    "link '{name}' has {count} catching events here; draw one",
                    name=properties.event_name,
                    count=len(found),
                )
                self.document.refuse(node, message, "bpmn.link")


def _input(name: str) -> Message:
    return Message("input '{name}'", name=name)


def _output(name: str) -> Message:
    return Message("output '{name}'", name=name)
