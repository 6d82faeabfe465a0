"""Gateways, joins, implicit splits, loops, links, sub-processes and calls; each with restores too."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import StepFailed
from tests.runtime.spiff.drawing import END, START, element, ext, mapping, process, users, z
from tests.runtime.spiff.world import World, run

both = pytest.mark.parametrize("restored", [False, True], ids=["in memory", "restored"])


@both
def test_an_exclusive_gateway_takes_the_first_true_flow_else_the_default(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a", "b")
        + '<b:exclusiveGateway id="g" default="d"/>s->a;a->g;g->a[again];g->b{d};b->e;'
    )
    instance = run(drawn, restored=restored)
    assert instance.complete("a", again=True).open == ["a"]
    assert instance.complete("a", again=False).open == ["b"]
    assert instance.complete("b").done


@both
def test_a_condition_that_is_neither_true_nor_false_stops_the_step(restored: bool) -> None:
    drawn = process(
        START + END + users("a") + '<b:exclusiveGateway id="g" default="d"/>s->a;a->g;g->a[again];g->e{d};'
    )
    instance = run(drawn, restored=restored)
    with pytest.raises(StepFailed, match="gave null; it must be true or false"):
        instance.complete("a")


def test_no_true_condition_and_no_default_stops_the_step() -> None:
    drawn = process(START + END + users("a") + '<b:exclusiveGateway id="g"/>s->a;a->g;g->e[again];')
    with pytest.raises(StepFailed, match="no flow out of 'g' can be taken"):
        run(drawn).complete("a", again=False)


@both
def test_a_parallel_join_in_a_loop_waits_for_both_in_every_round(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:parallelGateway id="j"/><b:exclusiveGateway id="x" default="dn"/>'
        + '<b:exclusiveGateway id="m"/>'
        + users("a", "b")
        + "s->m;m->f;f->a;f->b;a->j;b->j;j->x;x->m[again];x->e{dn};"
    )
    instance = run(drawn, restored=restored)
    for again in (True, True, False):
        assert instance.complete("a").open == ["b"]
        instance.complete("b", again=again)
    assert instance.done


@both
def test_a_parallel_join_keeps_excess_tokens_for_the_next_time(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:exclusiveGateway id="m"/><b:parallelGateway id="j"/>'
        + users("a", "b", "c", "z")
        + "s->f;f->a;f->b;f->c;a->m;b->m;m->j;c->j;j->z;z->e;"
    )
    instance = run(drawn, restored=restored)
    instance.complete("a")
    instance.complete("b")
    assert instance.complete("c").open == ["z"]
    assert not instance.complete("z").done


@both
def test_an_inclusive_join_waits_for_what_can_still_come_and_no_longer(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:inclusiveGateway id="f" default="df"/><b:inclusiveGateway id="j"/>'
        + users("a", "b", "c", "z")
        + "s->f;f->a[p];f->b[q];f->c{df};a->j;b->j;c->j;j->z;z->e;"
    )
    instance = run(drawn, restored=restored, p=True, q=True)
    assert instance.open == ["a", "b"]
    assert instance.complete("a").open == ["b"]
    assert instance.complete("b").open == ["z"]
    assert instance.complete("z").done
    assert run(drawn, restored=restored, p=False, q=False).open == ["c"]


@both
def test_a_task_takes_all_unconditional_and_true_flows_and_the_default_only_if_none_is_true(
    restored: bool,
) -> None:
    drawn = process(
        START
        + END
        + '<b:userTask id="a" default="dd"/>'
        + users("b", "c", "d")
        + "s->a;a->b[x = 2];a->c;a->d{dd};b->e;c->e;d->e;"
    )
    instance = run(drawn, restored=restored).complete("a", x=2)
    assert instance.open == ["b", "c"]
    assert not instance.complete("b").done
    assert instance.complete("c").done
    assert run(drawn, restored=restored).complete("a", x=1).open == ["c", "d"]


@both
def test_a_link_goes_on_at_the_catching_event_of_its_name(restored: bool) -> None:
    link = '<b:linkEventDefinition name="L"/>'
    drawn = process(
        START
        + END
        + users("a")
        + f'<b:intermediateThrowEvent id="lt">{link}</b:intermediateThrowEvent>'
        + f'<b:intermediateCatchEvent id="lc">{link}</b:intermediateCatchEvent>s->lt;lc->a;a->e;'
    )
    instance = run(drawn, restored=restored)
    assert instance.open == ["a"]
    assert instance.complete("a").done


@both
def test_drawn_ids_may_be_those_that_the_library_uses_itself(restored: bool) -> None:
    drawn = process(
        '<b:startEvent id="Start"/><b:endEvent id="End"/><b:userTask id="Root"/>'
        '<b:userTask id="p.EndJoin"/><b:sequenceFlow id="f" sourceRef="Root" targetRef="p.EndJoin"/>'
        '<b:sequenceFlow id="f2" sourceRef="p.EndJoin" targetRef="End"/>Start->Root;'
    )
    instance = run(drawn, restored=restored)
    assert instance.complete("Root").open == ["p.EndJoin"]
    assert instance.complete("p.EndJoin").done


@both
def test_a_called_process_has_a_scope_of_its_own_and_hands_back_what_is_mapped(restored: bool) -> None:
    mapped = ext(
        z("calledElement", processId="q", propagateAllParentVariables="false")
        + mapping({"given": "=n"}, {"got": "=made"})
    )
    caller = process(
        START + END + f'<b:callActivity id="c">{mapped}</b:callActivity>' + users("z") + "s->c;c->z;z->e;"
    )
    called = process('<b:startEvent id="qs"/><b:endEvent id="qe"/>' + users("qa") + "qs->qa;qa->qe;", "q")
    instance = run(caller, called, restored=restored, n=5)
    wait = instance.wait("qa")
    assert wait.process_id == "q"
    assert dict(instance.workflow.scope(wait.token)) == {"given": 5}
    instance.complete("qa", made=7)
    assert instance.open == ["z"]
    assert instance.variables == {"key": "K", "n": 5, "got": 7}


@both
def test_a_call_may_pass_everything_both_ways_and_name_its_process_by_an_expression(restored: bool) -> None:
    call = element("callActivity", "c", ext(z("calledElement", processId="=which")))
    caller = process(START + END + call + "s->c;c->e;")
    called = process('<b:startEvent id="qs"/><b:endEvent id="qe"/>' + users("qa") + "qs->qa;qa->qe;", "q")
    instance = run(caller, called, restored=restored, which="q")
    assert dict(instance.workflow.scope(instance.wait("qa").token)) == {"key": "K", "which": "q"}
    assert instance.complete("qa", made=7).done
    assert instance.variables["made"] == 7
    with pytest.raises(StepFailed, match="'nowhere', which is not among the deployed ones"):
        run(caller, called, which="nowhere")


@both
def test_input_mappings_make_locals_and_output_mappings_alone_leave_the_task(restored: bool) -> None:
    mapped = ext(mapping({"loc": "=n + 1"}, {"res.twice": "=loc * 2"}))
    drawn = process(
        START + END + f'<b:userTask id="a">{mapped}</b:userTask>' + users("z") + "s->a;a->z;z->e;"
    )
    instance = run(drawn, restored=restored, n=1)
    assert instance.workflow.scope(instance.wait("a").token)["loc"] == 2
    instance.complete("a", other=1)
    assert instance.variables == {"key": "K", "n": 1, "res": {"twice": 4}}


@both
def test_parallel_branches_share_their_scope_and_both_values_are_told(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:parallelGateway id="j"/>'
        + users("a", "b", "z")
        + "s->f;f->a;f->b;a->j;b->j;j->z;z->e;"
    )
    instance = run(drawn, restored=restored)
    instance.complete("a", x=1)
    assert instance.workflow.scope(instance.wait("b").token)["x"] == 1
    instance.complete("b", x=2)
    told = [event.data for event in instance.events if event.kind == "variables.changed"]
    assert told == [{"x": [None, 1]}, {"x": [1, 2]}]


@both
def test_scripts_decisions_and_jobs_each_write_their_result(restored: bool) -> None:
    body = (
        element("scriptTask", "sc", ext(z("script", expression="=n + 1", resultVariable="m")))
        + element("businessRuleTask", "br", ext(z("calledDecision", decisionId="grade", resultVariable="g")))
        + element("sendTask", "job", ext(z("taskDefinition", type="mail", retries="5")))
    )
    world = World(
        decisions={"grade": lambda scope: scope["m"] + scope["case"]["weight"]}, case={"weight": 10}
    )
    instance = run(
        process(START + END + body + "s->sc;sc->br;br->job;job->e;"), world=world, restored=restored, n=1
    )
    wait = instance.wait("job", "job")
    assert (wait.job_type, wait.job_retries) == ("mail", 5)
    assert instance.job("job", sent=True).done
    assert instance.variables == {"key": "K", "n": 1, "m": 2, "g": 12, "sent": True}


def test_a_circle_without_a_wait_is_told_instead_of_running_for_ever() -> None:
    drawn = process(
        START
        + END
        + '<b:exclusiveGateway id="m"/><b:exclusiveGateway id="x" default="d"/>s->m;m->x;x->m{d};x->e[false];'
    )
    with pytest.raises(StepFailed, match="runs in a circle"):
        run(drawn)


def test_a_loop_of_500_rounds_keeps_the_state_small() -> None:
    drawn = process(
        START
        + END
        + users("a", "b")
        + '<b:exclusiveGateway id="m"/><b:parallelGateway id="f"/><b:parallelGateway id="j"/>'
        + '<b:exclusiveGateway id="g" default="d"/>s->m;m->f;f->a;f->b;a->j;b->j;j->g;g->m[again];g->e{d};'
    )
    instance = run(drawn, again=True)
    sizes: list[Any] = []
    for _ in range(500):
        instance.complete("a").complete("b")
        sizes.append(len(instance.workflow._tree.tasks))
        instance.events.clear()
    assert max(sizes) == sizes[0]
    assert len(instance.workflow.dump()) < 500


@both
def test_a_variable_cannot_hide_the_facts_of_the_case(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a", "b")
        + '<b:exclusiveGateway id="g" default="d"/>s->g;g->a[case.grade = 1];g->b{d};a->e;b->e;'
    )
    assert run(drawn, world=World(case={"grade": 1}), restored=restored, case={"grade": 3}).open == ["a"]


def test_a_process_that_calls_itself_for_ever_is_told() -> None:
    call = element("callActivity", "c", ext(z("calledElement", processId="p")))
    with pytest.raises(StepFailed, match="'c' is called 100 levels deep"):
        run(process(START + END + call + "s->c;c->e;"))


def test_a_token_moved_to_a_join_goes_on_alone() -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:parallelGateway id="j"/>'
        + users("a", "b", "z")
        + "s->f;f->a;f->b;a->j;b->j;j->z;z->e;"
    )
    instance = run(drawn)
    instance.workflow.move(instance.wait("a").token, "j")
    assert instance.go().open == ["b", "z"]


@both
def test_a_call_for_each_item_gathers_what_each_call_made(restored: bool) -> None:
    loop = z(
        "loopCharacteristics",
        inputCollection="=items",
        inputElement="it",
        outputCollection="outs",
        outputElement="=r",
    )
    inside = ext(
        z("calledElement", processId="q", propagateAllChildVariables="false") + mapping({}, {"r": "=made"})
    )
    inside += f"<b:multiInstanceLoopCharacteristics>{ext(loop)}</b:multiInstanceLoopCharacteristics>"
    caller = process(START + END + element("callActivity", "c", inside) + "s->c;c->e;")
    script = element("scriptTask", "qa", ext(z("script", expression="=it * 2", resultVariable="made")))
    called = process('<b:startEvent id="qs"/><b:endEvent id="qe"/>' + script + "qs->qa;qa->qe;", "q")
    instance = run(caller, called, restored=restored, items=[1, 2, 3])
    assert instance.done
    assert instance.variables == {"key": "K", "items": [1, 2, 3], "outs": [2, 4, 6]}


def test_what_an_instance_can_be_migrated_to_is_told_beforehand() -> None:
    old = run(process(START + END + users("a", "b") + "s->a;a->b;b->e;"))
    new = run(process(START + END + users("b", "c") + "s->b;b->c;c->e;"))
    assert new.bundle.lacks(old.workflow.dump()) == ["a"]
    state = old.complete("a").workflow.dump()
    assert new.bundle.lacks(state) == []
    moved = new.bundle.restore(state, new.world)
    moved.complete_user_task(moved.waits()[0].token)
    moved.advance()
    assert [wait.element.element_id for wait in moved.waits()] == ["c"]


def discriminator(condition: str) -> str:
    return element("complexGateway", "g", f"<b:activationCondition>{condition}</b:activationCondition>")


@both
def test_a_complex_gateway_fires_once_a_round_and_lets_the_late_ones_pass_away(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:exclusiveGateway id="m"/><b:exclusiveGateway id="x" default="d"/>'
        + discriminator("activationCount &gt;= 2")
        + users("a", "b", "c", "z")
        + "s->m;m->f;f->a;f->b;f->c;a->g;b->g;c->g;g->z;z->x;x->m[again];x->e{d};"
    )
    instance = run(drawn, restored=restored)
    assert instance.complete("a").open == ["b", "c"]
    assert instance.complete("c").open == ["b", "z"]
    assert instance.complete("b").open == ["z"]
    assert instance.complete("z", again=True).open == ["a", "b", "c"]
    assert instance.complete("b").complete("a").open == ["c", "z"]
    assert not instance.complete("z", again=False).done
    assert instance.complete("c").done


@both
def test_a_complex_gateway_is_reset_when_nothing_more_can_come(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:inclusiveGateway id="f" default="d"/>'
        + discriminator("activationCount &gt;= 1")
        + users("a", "b", "c", "z")
        + "s->f;f->a[true];f->b[wide];f->c{d};a->g;b->g;c->g;g->z;z->e;"
    )
    instance = run(drawn, restored=restored, wide=True).complete("a")
    assert instance.open == ["b", "z"]
    assert instance.complete("b").complete("z").done
    instance = run(drawn, restored=restored, wide=False).complete("a")
    assert instance.open == ["z"]
    assert instance.complete("z").done


@both
def test_a_complex_gateway_branches_like_an_inclusive_one(restored: bool) -> None:
    drawn = process(
        START
        + END
        + element("complexGateway", "g", default="d")
        + users("a", "b", "c")
        + "s->g;g->a[p];g->b[q];g->c{d};a->e;b->e;c->e;"
    )
    assert run(drawn, restored=restored, p=True, q=True).open == ["a", "b"]
    assert run(drawn, restored=restored, p=False, q=False).open == ["c"]
