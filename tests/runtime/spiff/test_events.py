"""Events: messages, signals, errors, escalations, termination, compensation; each with restores too."""

from __future__ import annotations

import pytest

from engine.errors import Conflict, NotFound, StepFailed
from engine.runtime.spiff import compile_processes
from tests.runtime.spiff.drawing import (
    END,
    ERROR,
    ESCALATION,
    MESSAGE,
    ON_ERROR,
    ON_ESCALATION,
    ON_MESSAGE,
    ON_SIGNAL,
    SIGNAL,
    START,
    boundary,
    duration,
    element,
    ext,
    mapping,
    process,
    roots,
    users,
    z,
)
from tests.runtime.spiff.world import World, run

both = pytest.mark.parametrize("restored", [False, True], ids=["in memory", "restored"])


def event_subprocess(definition: str, *, interrupting: bool = True, name: str = "es") -> str:
    flag = "true" if interrupting else "false"
    inside = element("startEvent", f"{name}s", definition, isInterrupting=flag) + users(f"{name}h")
    inside += f'<b:endEvent id="{name}e"/>{name}s->{name}h;{name}h->{name}e;'
    return element("subProcess", name, inside, triggeredByEvent="true")


@both
def test_a_message_interrupts_a_task_and_its_wait_is_closed_as_interrupted(restored: bool) -> None:
    drawn = process(START + END + users("a", "b") + boundary(ON_MESSAGE, "a") + "s->a;a->e;be->b;b->e;")
    instance = run(MESSAGE, drawn, restored=restored)
    wait = instance.wait("be")
    assert (wait.kind, wait.message_name, wait.correlation_key) == ("message", "M", "K")
    user = instance.wait("a").token
    instance.message("be", why="x")
    assert instance.open == ["b"]
    assert instance.variables["why"] == "x"
    assert {(c.token, c.kind, c.reason) for c in instance.changes.closed} == {
        (user, "user", "interrupted"),
        (wait.token, "message", "completed"),
    }
    assert instance.kinds("element.cancelled") == [("element.cancelled", "a")]
    with pytest.raises(Conflict, match="is not waiting for a user"):
        instance.workflow.complete_user_task(user)


@both
def test_a_boundary_event_is_closed_with_its_activity(restored: bool) -> None:
    drawn = process(START + END + users("a", "b") + boundary(ON_MESSAGE, "a") + "s->a;a->e;be->b;b->e;")
    instance = run(MESSAGE, drawn, restored=restored).complete("a")
    assert instance.done
    assert {(c.kind, c.reason) for c in instance.changes.closed} == {
        ("user", "completed"),
        ("message", "scope-ended"),
    }
    assert instance.kinds("element.cancelled") == []


@both
def test_a_message_beside_a_task_can_come_again_and_again(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a", "b")
        + boundary(ON_MESSAGE, "a", interrupting=False)
        + "s->a;a->e;be->b;b->e;"
    )
    instance = run(MESSAGE, drawn, restored=restored).message("be").message("be")
    assert instance.open == ["a", "b", "b"]
    instance.complete("a")
    assert instance.open == ["b", "b"]
    assert instance.complete("b").complete("b").done


@both
def test_an_interrupting_message_start_ends_the_whole_process(restored: bool) -> None:
    drawn = process(START + END + users("a") + event_subprocess(ON_MESSAGE) + "s->a;a->e;")
    instance = run(MESSAGE, drawn, restored=restored)
    wait = instance.wait("ess")
    assert (wait.kind, wait.message_name, wait.correlation_key) == ("message", "M", "K")
    instance.message("ess", reason="withdrawn")
    assert instance.open == ["esh"]
    assert ("user", "interrupted") in {(c.kind, c.reason) for c in instance.changes.closed}
    assert instance.complete("esh").done
    assert instance.variables["reason"] == "withdrawn"


@both
def test_a_process_ends_although_its_listener_never_heard_anything(restored: bool) -> None:
    drawn = process(START + END + users("a") + event_subprocess(ON_MESSAGE) + "s->a;a->e;")
    instance = run(MESSAGE, drawn, restored=restored).complete("a")
    assert instance.done
    assert instance.workflow.waits() == []
    assert ("message", "scope-ended") in {(c.kind, c.reason) for c in instance.changes.closed}


@both
def test_the_start_of_an_event_subprocess_maps_what_comes_with_its_event(restored: bool) -> None:
    mapped = ext(mapping({}, {"got": "=payload + 1"})) + ON_MESSAGE
    inside = element("startEvent", "vs", mapped, isInterrupting="false") + users("b")
    listens = f'<b:subProcess id="v" triggeredByEvent="true">{inside}vs->b;</b:subProcess>'
    instance = run(MESSAGE, process(START + users("a") + listens + "s->a;"), restored=restored)
    instance.message("vs", payload=4)
    assert instance.open == ["a", "b"]
    assert instance.variables == {"key": "K", "got": 5}


@both
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_subprocess_inside_a_subprocess(restored: bool, interrupting: bool) -> None:
    inside = '<b:startEvent id="is"/><b:endEvent id="ie"/>' + users("a") + "is->a;a->ie;"
    inside += event_subprocess(ON_MESSAGE, interrupting=interrupting)
    drawn = process(
        START + END + f'<b:subProcess id="sp">{inside}</b:subProcess>' + users("z") + "s->sp;sp->z;z->e;"
    )
    instance = run(MESSAGE, drawn, restored=restored).message("ess", x=5)
    if interrupting:
        assert instance.open == ["esh"]
    else:
        assert instance.message("ess").open == ["a", "esh", "esh"]
        instance.complete("esh").complete("a")
    assert instance.complete("esh").open == ["z"]
    assert instance.variables["x"] == 5
    assert instance.complete("z").done


@both
def test_a_terminate_end_event_ends_its_own_subprocess_only(restored: bool) -> None:
    inside = (
        '<b:startEvent id="is"/><b:parallelGateway id="f"/><b:endEvent id="ie"/>'
        '<b:endEvent id="te"><b:terminateEventDefinition/></b:endEvent>'
        + users("a", "b")
        + "is->f;f->a;f->b;a->te;b->ie;"
    )
    inside += boundary(duration("P1D"), "b", interrupting=False) + '<b:endEvent id="oe"/>be->oe;'
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="pf"/><b:parallelGateway id="pj"/>'
        + element("subProcess", "sp", inside)
        + users("y", "z")
        + "s->pf;pf->sp;pf->y;sp->z;z->pj;y->pj;pj->e;"
    )
    instance = run(drawn, restored=restored).complete("a")
    assert instance.open == ["y", "z"]
    assert {(c.kind, c.reason) for c in instance.changes.closed} == {
        ("user", "completed"),
        ("user", "terminated"),
        ("timer", "terminated"),
    }
    assert instance.complete("y").complete("z").done


@both
def test_an_event_gateway_takes_the_first_event_and_drops_the_others(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:eventBasedGateway id="eg"/>'
        + f'<b:intermediateCatchEvent id="c1">{ON_MESSAGE}</b:intermediateCatchEvent>'
        + f'<b:intermediateCatchEvent id="c2">{duration("PT1H")}</b:intermediateCatchEvent>'
        + users("p1", "q1")
        + "s->eg;eg->c1;eg->c2;c1->p1;c2->q1;p1->e;q1->e;"
    )
    assert run(MESSAGE, drawn, restored=restored).message("c1").open == ["p1"]
    instance = run(MESSAGE, drawn, restored=restored).timer("c2")
    assert instance.open == ["q1"]
    assert {(c.kind, c.reason) for c in instance.changes.closed} == {
        ("timer", "completed"),
        ("message", "interrupted"),
    }
    assert instance.complete("q1").done


@both
def test_a_receive_task_takes_its_message_through_output_mappings(restored: bool) -> None:
    mapped = ext(mapping({}, {"got": "=k + 1"}))
    drawn = process(START + END + f'<b:receiveTask id="r" messageRef="m">{mapped}</b:receiveTask>s->r;r->e;')
    instance = run(MESSAGE, drawn, restored=restored).message("r", k=1)
    assert instance.done
    assert instance.variables == {"key": "K", "got": 2}


@both
def test_a_signal_end_event_reaches_what_waits_in_the_same_instance(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a", "b")
        + f'<b:parallelGateway id="pg"/><b:endEvent id="se">{ON_SIGNAL}</b:endEvent>'
        + f'<b:intermediateCatchEvent id="ic">{ON_SIGNAL}</b:intermediateCatchEvent>'
        + "s->pg;pg->a;pg->ic;a->se;ic->b;b->e;"
    )
    instance = run(SIGNAL, drawn, restored=restored).complete("a")
    assert instance.open == ["b"]
    assert instance.kinds("signal.thrown") == [("signal.thrown", "se")]
    assert instance.complete("b").done
    assert run(SIGNAL, drawn, restored=restored).signal("G", x=1).open == ["a", "b"]


@both
@pytest.mark.parametrize(
    ("definition", "definitions", "end"),
    [(ON_SIGNAL, SIGNAL, False), (ON_ESCALATION, ESCALATION, False), (ON_ERROR, ERROR, True)],
    ids=["signal", "escalation", "error"],
)
def test_an_interrupting_boundary_event_stops_what_stands_behind_the_throw(
    restored: bool, definition: str, definitions: str, end: bool
) -> None:
    script = ext('<z:script expression="=1" resultVariable="ran"/>')
    thrower = "endEvent" if end else "intermediateThrowEvent"
    inside = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/><b:parallelGateway id="pgx"/>'
        f'<b:{thrower} id="th">{definition}</b:{thrower}>'
        + (f'<b:scriptTask id="sc">{script}</b:scriptTask>' if not end else "")
        + users("v")
        + "is->pgx;pgx->th;pgx->v;"
        + ("" if end else "th->sc;sc->ie;")
        + "v->ie;"
    )
    drawn = process(
        START
        + END
        + f'<b:subProcess id="sp">{inside}</b:subProcess>'
        + boundary(definition, "sp")
        + users("n", "i")
        + "s->sp;sp->n;n->e;be->i;i->e;"
    )
    instance = run(definitions, drawn, restored=restored)
    assert instance.open == ["i"]
    assert "ran" not in instance.variables
    assert instance.complete("i").done
    assert instance.workflow.waits() == []


@both
def test_an_error_goes_to_the_activity_it_was_thrown_in_and_not_to_its_neighbour(restored: bool) -> None:
    def sub(name: str) -> str:
        inside = f'<b:startEvent id="{name}s"/><b:endEvent id="{name}x">{ON_ERROR}</b:endEvent>'
        inside += users(f"{name}u") + f"{name}s->{name}u;{name}u->{name}x;"
        return (
            f'<b:subProcess id="{name}">{inside}</b:subProcess>'
            + boundary(ON_ERROR, name, name=f"{name}b")
            + users(f"{name}o")
        )

    drawn = process(
        START
        + END
        + sub("k")
        + sub("l")
        + '<b:parallelGateway id="f"/>s->f;f->k;f->l;k->e;l->e;kb->ko;lb->lo;ko->e;lo->e;'
    )
    instance = run(ERROR, drawn, restored=restored).complete("lu")
    assert instance.open == ["ku", "lo"]
    instance.complete("ku")
    assert instance.open == ["ko", "lo"]


@both
def test_an_error_that_nobody_catches_stops_the_step(restored: bool) -> None:
    drawn = process(START + users("a") + f'<b:endEvent id="ee">{ON_ERROR}</b:endEvent>s->a;a->ee;')
    with pytest.raises(StepFailed, match="error 'X1' thrown at 'ee' was not caught"):
        run(ERROR, drawn, restored=restored).complete("a")


@both
def test_an_error_thrown_by_a_job_is_caught_at_its_boundary_or_further_out(restored: bool) -> None:
    job = element("serviceTask", "j", ext(z("taskDefinition", type="t")))
    near = process(START + END + job + boundary(ON_ERROR, "j") + users("h") + "s->j;j->e;be->h;h->e;")
    assert run(ERROR, near, restored=restored).error("j", "X1").open == ["h"]
    far = process(START + END + job + event_subprocess(ON_ERROR) + "s->j;j->e;")
    assert run(ERROR, far, restored=restored).error("j", "X1").open == ["esh"]
    with pytest.raises(StepFailed, match="'OTHER' thrown at 'j' was not caught"):
        run(ERROR, near, restored=restored).error("j", "OTHER")


@both
def test_a_message_event_with_a_job_type_is_a_job_and_needs_no_message(restored: bool) -> None:
    sends = ext(z("taskDefinition", type="t")) + "<b:messageEventDefinition/>"
    thrown = element("intermediateThrowEvent", "t", sends) + element("endEvent", "last", sends)
    instance = run(process(START + thrown + "s->t;t->last;"), restored=restored)
    assert (instance.wait("t").kind, instance.wait("t").job_type) == ("job", "t")
    instance.job("t")
    assert instance.wait("last").kind == "job"
    assert instance.job("last").done


@both
def test_an_error_start_event_takes_an_error_of_its_own_process(restored: bool) -> None:
    drawn = process(
        START
        + users("a", "b")
        + f'<b:endEvent id="ee">{ON_ERROR}</b:endEvent><b:parallelGateway id="g"/><b:endEvent id="e2"/>'
        + "s->g;g->a;g->b;b->e2;a->ee;"
        + event_subprocess(ON_ERROR)
    )
    instance = run(ERROR, drawn, restored=restored).complete("a")
    assert instance.open == ["esh"]
    assert instance.complete("esh").done


@both
def test_an_escalation_beside_a_subprocess_lets_it_go_on_and_one_uncaught_is_only_told(
    restored: bool,
) -> None:
    inside = (
        f'<b:startEvent id="is"/><b:endEvent id="ie"/><b:intermediateThrowEvent id="th">{ON_ESCALATION}'
        "</b:intermediateThrowEvent>" + users("a") + "is->th;th->a;a->ie;"
    )
    sub = f'<b:subProcess id="sp">{inside}</b:subProcess>'
    caught = process(
        START
        + END
        + sub
        + boundary(ON_ESCALATION, "sp", interrupting=False)
        + users("o")
        + "s->sp;sp->e;be->o;o->e;"
    )
    instance = run(ESCALATION, caught, restored=restored)
    assert instance.open == ["a", "o"]
    assert instance.complete("a").complete("o").done
    alone = run(ESCALATION, process(START + END + sub + "s->sp;sp->e;"), restored=restored)
    assert [event.data["caught"] for event in alone.events if event.kind == "escalation.thrown"] == [False]
    assert alone.complete("a").done


def compensated(task: str, handler: str) -> str:
    return (
        boundary("<b:compensateEventDefinition/>", task, name=f"c{task}")
        + f'<b:association id="as{task}" sourceRef="c{task}" targetRef="{handler}"/>'
        + element("userTask", handler, isForCompensation="true")
    )


THROW = '<b:intermediateThrowEvent id="th"><b:compensateEventDefinition{}/></b:intermediateThrowEvent>'


@both
def test_compensation_runs_the_handlers_of_what_completed_newest_first(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a", "b", "x", "z")
        + compensated("a", "ha")
        + compensated("b", "hb")
        + compensated("x", "hx")
        + '<b:exclusiveGateway id="gw" default="d1"/>'
        + THROW.format("")
        + "s->a;a->b;b->gw;gw->th{d1};gw->x[false];x->e;th->z;z->e;"
    )
    instance = run(drawn, restored=restored).complete("a").complete("b")
    assert instance.open == ["hb"]
    assert instance.complete("hb").open == ["ha"]
    assert instance.complete("ha").open == ["z"]
    assert instance.complete("z").done


@both
def test_compensation_of_a_completed_subprocess_runs_the_handlers_inside(restored: bool) -> None:
    inside = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/>'
        + users("a", "b")
        + compensated("a", "ha")
        + compensated("b", "hb")
    )
    inside += "is->a;a->b;b->ie;"
    drawn = process(
        START
        + END
        + f'<b:subProcess id="sp">{inside}</b:subProcess>'
        + users("z", "w")
        + compensated("w", "hw")
        + THROW.format(' activityRef="sp"')
        + "s->w;w->sp;sp->z;z->th;th->e;"
    )
    instance = run(drawn, restored=restored).complete("w").complete("a").complete("b").complete("z")
    assert instance.open == ["hb"]
    assert instance.complete("hb").open == ["ha"]
    assert instance.complete("ha").done


@both
def test_cancelling_an_instance_closes_everything(restored: bool) -> None:
    drawn = process(
        START
        + END
        + users("a")
        + boundary(duration("P1D"), "a")
        + event_subprocess(ON_MESSAGE)
        + "s->a;a->e;be->e;"
    )
    instance = run(MESSAGE, drawn, restored=restored)
    instance.workflow.cancel("a duplicate")
    instance.go()
    assert instance.done
    assert instance.workflow.waits() == []
    assert {(c.kind, c.reason) for c in instance.changes.closed} == {
        ("user", "cancelled"),
        ("timer", "cancelled"),
        ("message", "cancelled"),
    }


@both
def test_a_waiting_token_can_be_moved_to_another_element(restored: bool) -> None:
    drawn = process(
        START + END + users("a", "b", "c") + boundary(duration("P1D"), "a") + "s->a;a->b;b->c;c->e;be->e;"
    )
    instance = run(drawn, restored=restored)
    instance.workflow.move(instance.wait("a", "user").token, "c")
    instance.go()
    assert instance.open == ["c"]
    assert len(instance.workflow.waits()) == 1
    instance.workflow.move(instance.wait("c").token, "a")
    assert instance.go().wait("be").kind == "timer"
    with pytest.raises(Conflict, match="'nowhere' is not in the level"):
        instance.workflow.move(instance.wait("a", "user").token, "nowhere")
    assert instance.complete("a").complete("b").complete("c").done


def on_condition(text: str) -> str:
    return f"<b:conditionalEventDefinition><b:condition>{text}</b:condition></b:conditionalEventDefinition>"


@both
def test_a_condition_interrupts_as_soon_as_it_holds(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/>'
        + users("a", "b", "o")
        + boundary(on_condition("amount &gt; 100"), "a")
        + "s->f;f->a;f->b;a->e;b->e;be->o;o->e;"
    )
    instance = run(drawn, restored=restored)
    assert instance.open == ["a", "b"]
    assert instance.complete("b", amount=150).open == ["o"]
    assert instance.complete("o").done
    assert run(drawn, restored=restored, amount=150).open == ["b", "o"]
    assert run(drawn, restored=restored).complete("b", amount=1).complete("a").done


@both
def test_a_condition_beside_a_task_happens_each_time_it_becomes_true(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/><b:exclusiveGateway id="m"/>'
        + users("a", "b", "o")
        + boundary(on_condition("amount &gt; 100"), "a", interrupting=False)
        + "s->f;f->a;f->m;m->b;b->m;a->e;be->o;o->e;"
    )
    instance = run(drawn, restored=restored).complete("b", amount=150)
    assert instance.open == ["a", "b", "o"]
    assert instance.complete("b", amount=160).open == ["a", "b", "o"]
    assert instance.complete("b", amount=1).complete("b", amount=170).open == ["a", "b", "o", "o"]


@both
def test_a_cancelled_transaction_is_compensated_and_left_by_its_cancel_event(restored: bool) -> None:
    inside = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/>'
        + element("endEvent", "ce", "<b:cancelEventDefinition/>")
        + users("a", "b", "w")
        + compensated("a", "ha")
        + '<b:exclusiveGateway id="x" default="ok"/><b:parallelGateway id="f"/>'
        + "is->f;f->w;f->a;w->ie;a->b;b->x;x->ie{ok};x->ce[failed];"
    )
    drawn = process(
        START
        + END
        + f'<b:transaction id="t">{inside}</b:transaction>'
        + boundary("<b:cancelEventDefinition/>", "t")
        + users("o", "z")
        + "s->t;t->z;z->e;be->o;o->e;"
    )
    instance = run(drawn, restored=restored).complete("a").complete("b", failed=True)
    assert instance.open == ["ha"]
    assert instance.complete("ha").open == ["o"]
    assert instance.complete("o").done
    instance = run(drawn, restored=restored).complete("a").complete("b", failed=False).complete("w")
    assert instance.open == ["z"]


@both
def test_an_event_that_waits_for_several_things_takes_the_first(restored: bool) -> None:
    drawn = process(
        START
        + END
        + element("intermediateCatchEvent", "c", ON_MESSAGE + ON_SIGNAL + duration("PT1H"))
        + users("a")
        + boundary(ON_SIGNAL + duration("P1D"), "a")
        + users("o")
        + event_subprocess(ON_ESCALATION + ON_ERROR)
        + "s->c;c->a;a->e;be->o;o->e;"
    )
    files = (MESSAGE, SIGNAL, ERROR, ESCALATION)
    assert len(run(*files, drawn, restored=restored).workflow.waits()) == 3
    for instance in (
        run(*files, drawn, restored=restored).message("c"),
        run(*files, drawn, restored=restored).signal(),
        run(*files, drawn, restored=restored).timer("c"),
    ):
        assert instance.open == ["a"]
        assert sorted(wait.kind for wait in instance.workflow.waits()) == ["signal", "timer", "user"]
        assert instance.timer("be").open == ["o"]
        assert len(instance.workflow.waits()) == 1
        assert instance.complete("o").done
    assert run(*files, drawn, restored=restored).signal().error("a", "X1").open == ["esh"]


@both
def test_a_parallel_multiple_event_waits_for_all_of_its_things(restored: bool) -> None:
    event = element("intermediateCatchEvent", "c", ON_MESSAGE + ON_SIGNAL, parallelMultiple="true")
    drawn = process(START + END + event + users("a") + "s->c;c->a;a->e;")
    instance = run(MESSAGE, SIGNAL, drawn, restored=restored).message("c", x=1)
    assert instance.open == []
    assert instance.signal().open == ["a"]
    assert [name for _, name in instance.kinds("flow.taken")] == ["f1_s_c", "f2_c_a"]


def test_a_process_is_started_by_the_start_event_that_is_named() -> None:
    start = element("startEvent", "ms", ON_MESSAGE)
    drawn = process(START + start + END + users("a", "b") + "s->a;ms->b;a->e;b->e;")
    bundle = compile_processes(roots(MESSAGE, drawn))
    assert [(each.element_id, each.event_name) for each in bundle.start_events("p")] == [
        ("s", ""),
        ("ms", "M"),
    ]
    for name, expected in ((None, "a"), ("ms", "b")):
        workflow = bundle.start("p", World(), {}, name)
        workflow.advance()
        assert [wait.element.element_id for wait in workflow.waits()] == [expected]
    with pytest.raises(StepFailed, match="process 'p' has no start event 'nowhere'"):
        bundle.start("p", World(), {}, "nowhere").advance()
    with pytest.raises(NotFound, match="there is no executable process 'q'"):
        bundle.start("q", World())
