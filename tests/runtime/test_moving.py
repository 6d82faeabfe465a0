"""Moving a token by hand, and what of it is refused; both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.people.actor import SYSTEM
from engine.runtime.commands import move_token, start_instance, suspend_instance
from engine.runtime.deploy import deploy
from engine.store.tables.runtime import Instance, Task
from tests.at_once import at_once
from tests.driving import complaint, do, drive, elements, open_tasks
from tests.runtime.consistency import assert_consistent
from tests.runtime.spiff.drawing import END, START, boundary, definitions, duration, element, ext, process, z
from tests.runtime.test_operating import told
from tests.world import actor, register

AGENTS = ext(z("assignmentDefinition", candidateGroups="agents"))
EACH = z("loopCharacteristics", inputCollection="=items", inputElement="it")
LOOP = f"<b:multiInstanceLoopCharacteristics>{ext(EACH)}</b:multiInstanceLoopCharacteristics>"


def task(name: str, inside: str = "") -> str:
    return element("userTask", name, AGENTS + inside)


DRAWN = definitions(
    process(
        START
        + END
        + task("a")
        + boundary(duration("P1D"), "a", name="late")
        + element(
            "subProcess",
            "sub",
            '<b:startEvent id="is"/><b:endEvent id="ie"/>'
            + task("in1")
            + task("in2")
            + "is->in1;in1->in2;in2->ie;",
        )
        + task("many", LOOP)
        + task("z")
        + "s->a;a->sub;sub->many;many->z;z->e;late->z;"
    )
)


def put(redress: Redress, variables: dict[str, object] | None = None) -> str:
    deploy(redress.runtime, SYSTEM, {"p.bpmn": DRAWN}, family="moved")
    return start_instance(redress.runtime, SYSTEM, "p", variables or {"items": [1, 2, 3]})


def open_in(redress: Redress, instance_id: str) -> list[str]:
    with redress.sessions.read() as session:
        query = select(Task.element_id).where(Task.instance_id == instance_id, Task.state == "open")
        return sorted(session.scalars(query))


def test_a_token_is_moved_within_its_scope_with_a_reason(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    assert move_token(rt, actor(redress, "owner"), instance, "a", "sub", "skipped by mistake") == "active"
    assert open_in(redress, instance) == ["in1"]
    assert_consistent(redress, instance)
    move_token(rt, SYSTEM, instance, "in1", "in2", "done on paper")
    assert open_in(redress, instance) == ["in2"]
    assert_consistent(redress, instance)
    moved = told(redress, instance, "token.moved")
    assert ['"skipped by mistake"' in moved[0], '"done on paper"' in moved[1]] == [True, True]
    assert '"from":"a"' in moved[0]


def test_leaving_a_scope_is_only_done_where_it_is_meant(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    move_token(rt, SYSTEM, instance, "a", "sub", "x")
    with pytest.raises(Conflict, match="lies outside of 'sub'"):
        move_token(rt, SYSTEM, instance, "in1", "z", "x")
    move_token(rt, SYSTEM, instance, "in1", "many", "x", leave=True)
    assert open_in(redress, instance) == ["many"] * 3
    assert_consistent(redress, instance)
    with pytest.raises(Conflict, match="3 tokens wait"):
        move_token(rt, SYSTEM, instance, "many", "z", "x")
    with redress.sessions.read() as session:
        token = session.scalars(
            select(Task.token).where(Task.instance_id == instance, Task.state == "open")
        ).first()
    with pytest.raises(Conflict, match="is repeated"):
        move_token(rt, SYSTEM, instance, "many", "z", "x", token=token)
    move_token(rt, SYSTEM, instance, "many", "z", "x", token=token, leave=True)
    assert open_in(redress, instance) == ["z"]
    assert_consistent(redress, instance)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("a", "in1", "into a sub-process"),
        ("a", "nowhere", "not in the level"),
        ("a", "s", "no flow leads to"),
        ("a", "late", "no flow leads to"),
        ("late", "z", "only watches"),
        ("z", "a", "0 tokens wait"),
    ],
)
def test_what_can_be_no_target_is_refused_by_name(
    redress: Redress, source: str, target: str, said: str
) -> None:
    instance = put(redress)
    with pytest.raises(Conflict, match=said):
        move_token(redress.runtime, SYSTEM, instance, source, target, "x")
    assert open_in(redress, instance) == ["a"]
    assert_consistent(redress, instance)


def test_who_may_not_and_when_it_may_not(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    with pytest.raises(Forbidden):
        move_token(rt, actor(redress, "supervisor"), instance, "a", "z", "x")
    with pytest.raises(InvalidInput):
        move_token(rt, SYSTEM, instance, "a", "z", " ")
    suspend_instance(rt, SYSTEM, instance, "x")
    with pytest.raises(Conflict, match="suspended"):
        move_token(rt, SYSTEM, instance, "a", "z", "x")


def test_of_two_who_move_the_same_token_one_does(redress: Redress) -> None:
    instance = put(redress)
    outcomes = at_once(*[lambda: move_token(redress.runtime, SYSTEM, instance, "a", "z", "x")] * 4)
    assert outcomes.count("active") == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
    assert open_in(redress, instance) == ["z"]
    assert_consistent(redress, instance)


def test_a_complaint_is_not_moved_past_the_answer_nor_back_before_it(redress: Redress) -> None:
    rt, made = redress.runtime, register(redress)
    no, instance = made.complaint_no, made.instance_id
    with pytest.raises(Conflict, match="milestone notified"):
        move_token(rt, SYSTEM, instance, "investigate", "archive", "x", leave=True)
    with pytest.raises(Conflict, match="leave"):
        move_token(rt, SYSTEM, instance, "investigate", "propose-plan", "found out by phone")
    move_token(rt, SYSTEM, instance, "investigate", "propose-plan", "found out by phone", leave=True)
    assert elements(redress, no) == ["propose-plan"]
    assert_consistent(redress, instance)
    move_token(rt, SYSTEM, instance, "propose-plan", "investigation", "new facts")
    drive(redress, no, until="ask-satisfaction")
    assert complaint(redress, no).status == "notified"
    with redress.sessions.read() as session:
        start = session.get_one(Instance, instance)
    assert start.state == "active"
    with pytest.raises(Conflict, match="is notified"):
        move_token(rt, SYSTEM, instance, "ask-satisfaction", "timed-handling", "x")
    move_token(rt, SYSTEM, instance, "ask-satisfaction", "archive", "nobody answers the phone")
    do(redress, open_tasks(redress, no)[0])
    assert complaint(redress, no).status == "archived"
    assert_consistent(redress, instance)
