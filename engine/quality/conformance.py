"""Conformance: what happened to a case, replayed against the diagram that it ran under (R41, R70).

Token replay (Rozinat and van der Aalst, "Conformance checking of processes based on monitoring real
behavior", Information Systems 33, 2008): an element takes a token from a flow that leads to it and puts one
on each flow that it left by. Tokens that were missing show steps that the diagram did not lead to, tokens
that remain show steps that it demanded. Of the produced p, consumed c, missing m and remaining r tokens
fitness is (1 - m/c) / 2 + (1 - r/p) / 2; 1 where the log fits the diagram wholly.

pm4py does this as well, and brings pandas, numpy and networkx for what our trail, whose rows name the flows
that were taken, answers in one pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.kpi import Period
from engine.models.bundle import file_kind
from engine.models.xml import bpmn, parse_model
from engine.people.actor import Actor
from engine.quality.conditions import CASE
from engine.read.history import history
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.runtime.bundles import LoadedBundle
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.runtime import Instance

DeviationKind = Literal["unexpected", "remaining", "skipped", "intervened"]
INTERVENTIONS: Final = (
    "token.moved",
    "instance.migrated",
    "instance.cancelled",
    "timer.rescheduled",
    "incident.resolved",
)
"""Kinds of history by which people go past the diagram."""
_LEFT: Final = (
    "element.completed",
    "task.completed",
    "timer.fired",
    "message.caught",
    "signal.caught",
    "condition.met",
    "error.caught",
    "escalation.caught",
)
_BROKEN: Final = ("element.cancelled", "task.withdrawn")
_JOINS: Final = ("parallelGateway", "inclusiveGateway")
_INSTANCE = table_of(Instance).c
_BY_NUMBER = Order("no", (CASE.no,))
_ROWS = 500
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference between log and diagram: at which element, and where in the trail it shows."""

    kind: DeviationKind
    element_id: str
    seq: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """The flows of one process: where each leads from and to, and what each element is."""

    flows: Mapping[str, tuple[str, str]]
    kinds: Mapping[str, str]
    inside: Mapping[str, str]
    """Elements of sub-processes -> the innermost one around them."""
    repeated: frozenset[str]

    def into(self, element: str) -> list[str]:
        """The flows that lead to an element."""
        return [flow for flow, (_, target) in self.flows.items() if target == element]

    def out_of(self, element: str) -> list[str]:
        """The flows that leave an element."""
        return [flow for flow, (source, _) in self.flows.items() if source == element]


@dataclass
class Replayed:
    """A log replayed against its diagram."""

    produced: int = 0
    consumed: int = 0
    missing: int = 0
    remaining: int = 0
    deviations: list[Deviation] = field(default_factory=list)

    def add(self, other: Replayed) -> None:
        """Count another replay to this one."""
        self.produced += other.produced
        self.consumed += other.consumed
        self.missing += other.missing
        self.remaining += other.remaining
        self.deviations.extend(other.deviations)

    @property
    def fitness(self) -> float | None:
        """From 0 to 1, 1 where the log fits the diagram wholly; None where nothing was replayed.

        Where tokens were put or taken only (a case that has just begun), those alone are told.
        """
        parts = [
            1 - strays / tokens
            for strays, tokens in ((self.missing, self.consumed), (self.remaining, self.produced))
            if tokens
        ]
        return sum(parts) / len(parts) if parts else None


MOST_IN_TOTAL: Final = 2_000
"""So many cases a page puts together while somebody waits; the command takes any number."""


@dataclass(frozen=True, slots=True)
class Total:
    """Replays put together, of how many cases, and whether these are all of the period."""

    replayed: Replayed
    cases: int
    complete: bool

    def by_kind(self) -> list[tuple[str, int]]:
        """Return how often each kind of deviation happened, the most frequent first."""
        return Counter(str(each.kind) for each in self.replayed.deviations).most_common()


def conformance_page(
    rt: Runtime,
    session: Session,
    actor: Actor,
    period: Period,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return the cases received in a period, by number, each with its `replayed` lifecycle.

    Raises Forbidden, InvalidInput (a cursor of another list).
    """
    actor.require("supervision.read_all")
    start, end = period.bounds(rt.config.timezone)
    query = select(CASE.no, CASE.status, CASE.instance_id, CASE.received_at).where(
        CASE.received_at >= start,
        CASE.received_at < end,
        CASE.instance_id.is_not(None),
        *not_about(actor, CASE.no),
    )
    found = page(session, query, _BY_NUMBER, limit=limit, cursor=cursor)
    models: dict[str, dict[str, Model]] = {}
    for row in found.items:
        row["replayed"] = replay_instance(rt, session, row["instance_id"], models)
    return found


def conformance_total(rt: Runtime, session: Session, actor: Actor, period: Period) -> Total:
    """Return all cases received in a period together, the first `MOST_IN_TOTAL` of them. Raises Forbidden."""
    total, cases, cursor = Replayed(), 0, None
    while True:
        found = conformance_page(rt, session, actor, period, limit=100, cursor=cursor)
        for row in found.items:
            total.add(row["replayed"])
        cases, cursor = cases + len(found.items), found.next
        if cursor is None or cases >= MOST_IN_TOTAL:
            return Total(total, cases, cursor is None)


def replay_instance(
    rt: Runtime, session: Session, instance_id: str, models: dict[str, dict[str, Model]]
) -> Replayed:
    """Replay the trail of an instance against its bundle's diagrams; `models` keeps what was read of them."""
    query = select(_INSTANCE.bundle_id, _INSTANCE.process_id, _INSTANCE.state).where(
        _INSTANCE.id == instance_id
    )
    row = session.execute(query).one()
    if row.bundle_id not in models:
        models[row.bundle_id] = read_models(rt.bundles.get(session, row.bundle_id))
    events = _events(session, instance_id)
    done = replay(models[row.bundle_id], events, ended=row.state != "active")
    if row.state == "completed" and row.process_id in models[row.bundle_id]:
        done.deviations.extend(_skipped(models[row.bundle_id][row.process_id], events))
    return done


def read_models(bundle: LoadedBundle) -> dict[str, Model]:
    """Return the flows of every process of a bundle, by process id."""
    models = {}
    for path, content in bundle.files.items():
        if file_kind(path) != "bpmn":
            continue
        for process in parse_model(content, path).iter(bpmn("process")):
            models[process.get("id", "")] = _model(process)
    return models


def _model(process: etree._Element) -> Model:
    nodes = [node for node in process.iter(f"{{{etree.QName(process).namespace}}}*") if node.get("id")]
    loops = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
    return Model(
        flows={
            node.get("id", ""): (node.get("sourceRef", ""), node.get("targetRef", ""))
            for node in process.iter(bpmn("sequenceFlow"))
        },
        kinds={node.get("id", ""): etree.QName(node).localname for node in nodes},
        inside={
            node.get("id", ""): parent.get("id", "")
            for node in nodes
            if (parent := next(node.iterancestors(bpmn("subProcess")), None)) is not None
        },
        repeated=frozenset(
            node.get("id", "") for node in nodes if any(node.find(bpmn(name)) is not None for name in loops)
        ),
    )


def replay(models: Mapping[str, Model], events: Iterable[Mapping[str, Any]], *, ended: bool) -> Replayed:
    """Replay events (kind, seq, element_id, data) in order; tokens that remain count once the log has
    `ended`.
    """
    done, marking = Replayed(), Counter[tuple[str, str]]()
    for event in events:
        if event["kind"] in INTERVENTIONS:
            said = event["data"].get("to") or event["data"].get("target") or event["kind"]
            done.deviations.append(
                Deviation("intervened", event["element_id"] or str(said), event["seq"], event["kind"])
            )
            continue
        process_id, element = event["data"].get("process_id"), event["element_id"]
        model = models.get(process_id or "")
        if model is None or element not in model.kinds:
            continue
        if event["kind"] in _BROKEN:
            _break_off(done, marking, model, process_id, element)
        elif event["kind"] in _LEFT:
            _leave(done, marking, model, process_id, event)
    if ended:
        for (_, flow), count in sorted(marking.items()):
            done.remaining += count
            target = next((model.flows[flow][1] for model in models.values() if flow in model.flows), flow)
            done.deviations.append(Deviation("remaining", target, None, flow))
    return done


def _leave(
    done: Replayed,
    marking: Counter[tuple[str, str]],
    model: Model,
    process_id: str,
    event: Mapping[str, Any],
) -> None:
    element, flows = event["element_id"], event["data"].get("flows", [])
    if element in model.repeated and event["kind"] == "task.completed":
        return  # a part; the whole completes by itself
    if not flows and model.out_of(element):
        return  # the event that names the flows tells of leaving it
    _consume(done, marking, model, process_id, element, event["seq"])
    for flow in flows:
        if flow in model.flows and model.flows[flow][0] == element:
            marking[process_id, flow] += 1
            done.produced += 1


def _consume(
    done: Replayed,
    marking: Counter[tuple[str, str]],
    model: Model,
    process_id: str,
    element: str,
    seq: int,
) -> None:
    into = model.into(element)
    if not into:
        return  # a start, or a boundary event
    marked = [flow for flow in into if marking[process_id, flow]]
    wanted = marked if model.kinds[element] in _JOINS else marked[:1]
    for flow in wanted:
        _take(marking, process_id, flow)
    done.consumed += max(1, len(wanted))
    if not marked:
        done.missing += 1
        done.deviations.append(Deviation("unexpected", element, seq))


def _break_off(
    done: Replayed, marking: Counter[tuple[str, str]], model: Model, process_id: str, element: str
) -> None:
    """What was cut off as drawn (a boundary event, a withdrawal) leaves no token behind."""
    for flow in model.into(element):
        if marking[process_id, flow]:
            _take(marking, process_id, flow)
            done.consumed += 1
            return


def _take(marking: Counter[tuple[str, str]], process_id: str, flow: str) -> None:
    marking[process_id, flow] -= 1
    if not marking[process_id, flow]:
        del marking[process_id, flow]


def _skipped(model: Model, events: Iterable[Mapping[str, Any]]) -> Iterable[Deviation]:
    """User tasks of the instance's own process that lie on every way to the end and were never done."""
    passed = {event["element_id"] for event in events if event["kind"] in _LEFT}
    ends = [each for each in passed if model.kinds.get(each) == "endEvent" and each not in model.inside]
    starts = [each for each in passed if model.kinds.get(each) == "startEvent" and each not in model.inside]
    if len(ends) != 1 or not starts:
        return
    for element, kind in model.kinds.items():
        is_missing = kind == "userTask" and element not in passed and element not in model.inside
        if is_missing and not _reaches(model, starts, ends[0], without=element):
            yield Deviation("skipped", element)


def _reaches(model: Model, starts: list[str], end: str, *, without: str) -> bool:
    attached = [each for each, kind in model.kinds.items() if kind == "boundaryEvent"]
    seen, ahead = set(), [*starts, *attached]
    while ahead:
        element = ahead.pop()
        if element == end:
            return True
        if element in seen or element == without:
            continue
        seen.add(element)
        ahead.extend(model.flows[flow][1] for flow in model.out_of(element))
    return False


def _events(session: Session, instance_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(rows) < MOST_ROWS:
        found = history(session, instance_id, limit=_ROWS, cursor=cursor)
        rows.extend(found.items)
        cursor = found.next
        if cursor is None:
            break
    return rows
