"""The check of nets against a simulation that lets every token go at any time, on random small graphs."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace

import pytest

from engine.models.lint import lint
from engine.models.settings import FamilySettings
from engine.models.soundness import Net, Node, check_net
from tests.chance import SEED
from tests.models.lint.drawn import family

GRAPHS = 2000
MOST_TOKENS = 5
HEAD = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="t">
 <bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="S"/>"""


def random_net(choose: random.Random) -> Net:
    """Return a net of up to seven nodes whose flows lead anywhere."""
    names = [f"n{number}" for number in range(choose.randint(2, 7))]
    flows = [
        (f"{source}-{number}", source, choose.choice(names))
        for source in names
        for number in range(choose.choice((0, 1, 1, 2, 2)))
    ]
    nodes = []
    for name in names:
        incoming = tuple(flow for flow, _, target in flows if target == name)
        incoming = ("start", *incoming) if name == "n0" else incoming
        out = tuple(flow for flow, source, _ in flows if source == name)
        if not incoming:
            continue
        kind = choose.choice(("exclusive", "parallel", "parallel", "either"))
        outcomes: tuple[tuple[str, ...], ...] = tuple((each,) for each in out) or ((),)
        if kind != "exclusive" and out:
            outcomes = (out,) if kind == "parallel" else (*outcomes, out)
        join = "all" if kind == "parallel" else "any"
        clears = not out and choose.random() < 0.3
        instant = not out and not clears and join == "any" and choose.random() < 0.5
        nodes.append(Node(name, join, incoming, outcomes, clears, instant))
    known = {flow for node in nodes for flow in node.incoming}
    cut = [
        replace(node, outcomes=tuple(tuple(flow for flow in way if flow in known) for way in node.outcomes))
        for node in nodes
    ]
    return Net(tuple(cut), ("start",))


def simulate(net: Net) -> tuple[bool, set[str], bool, set[str]]:
    """Return whether tokens pile up; where they wait for ever; whether one never ends; what never runs."""
    gone = {flow: node.name for node in net.nodes if node.instant for flow in node.incoming}
    first = frozenset({("start", 1)} - {(flow, 1) for flow in gone})
    follows: dict[frozenset[tuple[str, int]], set[frozenset[tuple[str, int]]]] = {}
    stack, ran = [first], {gone[flow] for flow in net.starts if flow in gone}
    while stack:
        marking = stack.pop()
        if marking in follows:
            continue
        follows[marking] = set()
        tokens = Counter(dict(marking))
        for node in net.nodes:
            here = [flow for flow in node.incoming if tokens[flow]]
            groups = [[flow] for flow in here] if node.join == "any" else [list(node.incoming)]
            for group in groups:
                if any(not tokens[flow] for flow in group):
                    continue
                ran.add(node.name)
                for outcome in node.outcomes:
                    left = Counter() if node.clears else tokens - Counter(group)
                    ran |= {gone[flow] for flow in outcome if flow in gone}
                    left = left + Counter(flow for flow in outcome if flow not in gone)
                    if max(left.values(), default=0) > MOST_TOKENS:
                        return True, set(), False, set()
                    follows[marking].add(frozenset(left.items()))
        stack.extend(follows[marking])
    stuck = [marking for marking, following in follows.items() if marking and not following]
    waiting = {node.name for node in net.nodes for m in stuck if {flow for flow, _ in m} & set(node.incoming)}
    ends = {marking for marking, following in follows.items() if not following}
    while True:
        more = {marking for marking, following in follows.items() if following & ends} - ends
        if not more:
            break
        ends |= more
    return False, waiting, len(ends) < len(follows), {node.name for node in net.nodes} - ran


def test_it_finds_what_a_simulation_finds() -> None:
    choose = random.Random(SEED)
    seen: Counter[str] = Counter()
    for number in range(GRAPHS):
        net = random_net(choose)
        grows, waiting, endless, dead = simulate(net)
        verdict = check_net(net)
        where = f"seed {SEED}, graph {number}: {net}"
        assert verdict.decided, where
        assert not verdict.unbounded or grows, where
        # beside a token that never comes to rest, growth may go unseen: that token is found instead
        assert not grows or verdict.unbounded or verdict.endless, where
        seen["unbounded" if grows else "bounded"] += 1
        if grows:
            continue
        assert bool(verdict.endless) == endless, where
        if not endless:
            assert set(verdict.stuck) == waiting, where
            assert set(verdict.dead) == dead, where
        seen.update(stuck=bool(waiting), endless=endless, dead=bool(dead), sound=not waiting and not endless)
    assert min(seen.values()) >= 5, seen


def test_what_is_too_large_is_not_decided_and_quick() -> None:
    nodes = []
    for number in range(14):  # each with three ways that are joined by nothing: too many combinations
        ways = tuple(f"w{number}-{way}" for way in range(3))
        nodes.append(Node(f"split{number}", "any", (f"b{number}",), tuple((way,) for way in ways)))
        nodes += [Node(f"end{way}", "all", (way, f"never{way}"), ((),)) for way in ways]
    net = Net((Node("all", "any", ("start",), (tuple(f"b{n}" for n in range(14)),)), *nodes), ("start",))
    begun = time.process_time()
    assert not check_net(net).decided
    assert time.process_time() - begun < 20


def found(body: str, *, soundness: str = "warning") -> list[tuple[str, str, str]]:
    content = f"{HEAD}{body}</bpmn:process></bpmn:definitions>".encode()
    settings = FamilySettings(soundness=soundness)  # type: ignore[arg-type]
    items = lint({"p.bpmn": content}, roles=(), settings=settings)
    return [(i.code, i.element_id, i.severity) for i in items if i.code.startswith("soundness.")]


def flow(source: str, target: str, condition: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{source}{target}" {ends}>{inside}</bpmn:sequenceFlow>'


EXCLUSIVE_INTO_PARALLEL = (
    '<bpmn:exclusiveGateway id="X" default="XB"/><bpmn:task id="A"/><bpmn:task id="B"/>'
    '<bpmn:parallelGateway id="J"/><bpmn:endEvent id="E"/>'
    + flow("S", "X")
    + flow("X", "A", "=a")
    + flow("X", "B")
    + flow("A", "J")
    + flow("B", "J")
    + flow("J", "E")
)


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_an_exclusive_split_into_a_parallel_join_is_a_deadlock(severity: str) -> None:
    assert found(EXCLUSIVE_INTO_PARALLEL, soundness=severity) == [("soundness.deadlock", "J", severity)]


@pytest.mark.parametrize(
    ("kind", "join", "expected"),
    [
        ("Exclusive", "exclusive", []),
        ("Exclusive", "parallel", [("soundness.deadlock", "J", "warning")]),
        ("Parallel", "parallel", []),
    ],
)
def test_a_process_may_begin_at_a_gateway(kind: str, join: str, expected: list[tuple[str, str, str]]) -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    drawn = f'<bpmn:eventBasedGateway id="W" instantiate="true" eventGatewayType="{kind}"/>'
    catch = "bpmn:intermediateCatchEvent"
    drawn += "".join(f'<{catch} id="{each}">{message}</{catch}>' for each in "AB")
    drawn += f'<bpmn:{join}Gateway id="J"/><bpmn:endEvent id="E"/>'
    drawn += flow("W", "A") + flow("W", "B") + flow("A", "J") + flow("B", "J") + flow("J", "E")
    head = HEAD.replace('<bpmn:startEvent id="S"/>', "")
    content = f"{head}{drawn}</bpmn:process></bpmn:definitions>".encode()
    items = [each for each in lint({"p.bpmn": content}, roles=()) if each.code.startswith("soundness.")]
    assert [(each.code, each.element_id, each.severity) for each in items] == expected


def test_an_inclusive_join_of_the_same_is_sound() -> None:
    assert found(EXCLUSIVE_INTO_PARALLEL.replace("parallelGateway", "inclusiveGateway")) == []


def test_a_flow_to_what_no_flow_may_enter_is_left_to_other_checks() -> None:
    body = '<bpmn:task id="A"/><bpmn:endEvent id="E"/>' + flow("S", "A") + flow("A", "E") + flow("A", "B")
    assert found(body + '<bpmn:subProcess id="B" triggeredByEvent="true"/>') == []
    assert found(body + '<bpmn:task id="B" isForCompensation="true"/>') == []
    undone = (
        '<bpmn:boundaryEvent id="B" attachedToRef="A"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    )
    assert found(body + undone) == []
    begun = body.replace(flow("A", "B"), "")
    assert found(begun + '<bpmn:startEvent id="B" triggeredByEvent="true"/>' + flow("B", "E")) == []
    assert found(begun + '<bpmn:receiveTask id="B" instantiate="true" isForCompensation="true"/>') == []


def test_a_loop_without_a_way_out_never_ends() -> None:
    body = (
        '<bpmn:exclusiveGateway id="X"/><bpmn:task id="A"/>'
        + flow("S", "X")
        + flow("X", "A")
        + flow("A", "X")
    )
    assert [code for code, _, _ in found(body)] == ["soundness.endless"]


def test_a_parallel_split_that_leads_back_grows() -> None:
    body = (
        '<bpmn:exclusiveGateway id="X"/><bpmn:parallelGateway id="P"/><bpmn:endEvent id="E"/>'
        + flow("S", "X")
        + flow("X", "P")
        + flow("P", "X")
        + flow("P", "E")
        + flow("P", "X").replace('id="PX"', 'id="PX2"')
    )
    assert [code for code, _, _ in found(body)] == ["soundness.unbounded"]


def test_boundary_events_and_what_runs_beside_are_ways_too() -> None:
    body = (
        '<bpmn:task id="A"/><bpmn:boundaryEvent id="T" attachedToRef="A" cancelActivity="false">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
        '</bpmn:boundaryEvent><bpmn:task id="R"/><bpmn:parallelGateway id="J"/><bpmn:endEvent id="E"/>'
        + flow("S", "A")
        + flow("A", "J")
        + flow("T", "R")
        + flow("R", "J")
        + flow("J", "E")
    )
    assert found(body) == [("soundness.deadlock", "J", "warning")]


def test_a_family_in_which_nothing_is_wrong_is_sound() -> None:
    assert [item for item in lint(family(), roles=("agents", "handlers", "supervisors")) if item.code] == []
