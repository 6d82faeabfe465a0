"""Ad-hoc sub-processes, numbers of tokens, events of instances, compensation by an event sub-process."""

from __future__ import annotations

import pytest

from engine.errors import StepFailed
from tests.runtime.spiff.drawing import (
    END,
    ON_SIGNAL,
    SIGNAL,
    START,
    boundary,
    element,
    ext,
    process,
    users,
    z,
)
from tests.runtime.spiff.world import Instance, run

both = pytest.mark.parametrize("restored", [False, True], ids=["in memory", "restored"])
COMPENSATE = "<b:compensateEventDefinition/>"


def ad_hoc(restored: bool, inside: str = "", *, order: str = "Parallel", rest: bool = True) -> Instance:
    flag = str(rest).lower()
    sub = element(
        "adHocSubProcess",
        "ah",
        inside + users("a", "b", "c", "d") + "c->d;",
        ordering=order,
        cancelRemainingInstances=flag,
    )
    return run(process(START + END + users("z") + sub + "s->ah;ah->z;z->e;"), restored=restored)


def condition(text: str) -> str:
    return f"<b:completionCondition>{text}</b:completionCondition>"


@both
def test_activities_of_an_ad_hoc_sub_process_are_done_in_any_order(restored: bool) -> None:
    instance = ad_hoc(restored)
    assert instance.open == ["a", "b", "c"]
    assert instance.complete("c").open == ["a", "b", "d"]
    assert instance.complete("d").complete("b").complete("a").open == ["z"]


@both
def test_activities_of_a_sequential_one_are_done_one_after_the_other(restored: bool) -> None:
    instance = ad_hoc(restored, order="Sequential")
    seen = []
    while instance.open != ["z"]:
        [name] = instance.open
        seen.append(name)
        instance.complete(name)
    assert seen == ["a", "b", "c", "d"]


@both
def test_its_condition_ends_it_and_cancels_the_rest_or_waits_for_it(restored: bool) -> None:
    instance = ad_hoc(restored, condition("enough = true"))
    assert instance.complete("a").open == ["b", "c"]
    assert instance.complete("c", enough=True).open == ["z"]
    assert ("element.cancelled", "b") in instance.kinds("element.cancelled")
    instance = ad_hoc(restored, condition("enough = true"), rest=False).complete("c", enough=True)
    assert instance.open == ["a", "b"]  # nothing new is started: not d
    assert instance.complete("a").complete("b").open == ["z"]
    instance = ad_hoc(restored, condition("enough = true"), order="Sequential").complete("a", enough=True)
    assert instance.open == ["z"]


@both
def test_an_expression_says_which_of_its_activities_are_done(restored: bool) -> None:
    def begin(names: str) -> Instance:
        return ad_hoc(restored, ext(z("adHoc", activeElementsCollection=f"=[{names}]")))

    assert begin("&quot;c&quot;, &quot;a&quot;").open == ["a", "c"]
    assert begin("").open == ["z"]
    with pytest.raises(StepFailed, match="'ah': the active elements"):
        begin("&quot;d&quot;")


@both
def test_an_activity_begins_when_so_many_tokens_have_come_and_sends_so_many_on(restored: bool) -> None:
    drawn = process(
        START
        + END
        + '<b:parallelGateway id="f"/>'
        + users("a", "b", "c", "o")
        + element("userTask", "t", startQuantity="2", completionQuantity="2")
        + boundary(
            "<b:timerEventDefinition><b:timeDuration>P1D</b:timeDuration></b:timerEventDefinition>", "t"
        )
        + users("z")
        + "s->f;f->a;f->b;a->t;b->t;t->z;z->e;be->o;o->e;f->c;c->e;"
    )
    instance = run(drawn, restored=restored).complete("a")
    assert instance.open == ["b", "c"]
    assert instance.complete("b").open == ["c", "t"]
    assert instance.complete("t").open == ["c", "z", "z"]
    assert instance.complete("z").complete("c").complete("z").done


@pytest.mark.parametrize(
    ("behavior", "opened"),
    [("None", [1, 2, 3]), ("One", [1, 1, 1]), ("Complex", [0, 1])],
)
@both
def test_instances_throw_events_that_their_own_boundary_catches(
    restored: bool, behavior: str, opened: list[int]
) -> None:
    inside = "<b:loopCardinality>3</b:loopCardinality>"
    if behavior == "Complex":
        inside += (
            "<b:complexBehaviorDefinition><b:condition>numberOfCompletedInstances = 2</b:condition>"
            f"<b:event>{ON_SIGNAL}</b:event></b:complexBehaviorDefinition>"
        )
    loop = element("multiInstanceLoopCharacteristics", "l", inside, behavior=behavior)
    loop = loop.replace('id="l"', 'id="l" noneBehaviorEventRef="sd" oneBehaviorEventRef="sd"')
    drawn = process(
        START
        + END
        + element("userTask", "t", loop)
        + boundary(ON_SIGNAL, "t")
        + users("o", "z")
        + "s->t;t->z;z->e;be->o;o->e;"
    )
    extra = '<b:signalEventDefinition id="sd" signalRef="g"/>'
    instance = run(SIGNAL, extra, drawn, restored=restored)
    for count in opened:
        assert instance.open.count("z") == 0
        instance.complete("t")
        assert instance.open.count("o") == count
    assert instance.open.count("z") == 1
    assert instance.open.count("t") == 0


@both
def test_a_sub_process_is_compensated_by_its_event_sub_process(restored: bool) -> None:
    handler = element(
        "subProcess",
        "ce",
        element("startEvent", "cs", COMPENSATE)
        + users("h")
        + element("intermediateThrowEvent", "ct", COMPENSATE)
        + '<b:endEvent id="cz"/>cs->h;h->ct;ct->cz;',
        triggeredByEvent="true",
    )
    inside = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/>'
        + users("a")
        + boundary(COMPENSATE, "a", name="ab")
        + '<b:userTask id="ah" isForCompensation="true"/>'
        + '<b:association id="as" sourceRef="ab" targetRef="ah"/>'
        + handler
        + "is->a;a->ie;"
    )
    drawn = process(
        START
        + END
        + element("subProcess", "sub", inside)
        + element("intermediateThrowEvent", "t", COMPENSATE)
        + users("b", "z")
        + "s->sub;sub->b;b->t;t->z;z->e;"
    )
    instance = run(drawn, restored=restored).complete("a").complete("b")
    assert instance.open == ["h"]
    assert instance.complete("h").open == ["ah"]
    assert instance.complete("ah").open == ["z"]
    assert instance.complete("z").done


def test_a_conditional_start_asks_what_the_instance_begins_with() -> None:
    start = element(
        "startEvent",
        "cs",
        "<b:conditionalEventDefinition><b:condition>amount &gt; 5</b:condition>"
        "</b:conditionalEventDefinition>",
    )
    drawn = process(start + END + users("a") + "cs->a;a->e;")
    assert run(drawn, amount=6).open == ["a"]
    with pytest.raises(StepFailed, match="the condition of start event 'cs' does not hold"):
        run(drawn, amount=5)


def test_a_global_task_is_called_like_a_process() -> None:
    called = element("callActivity", "c", ext(z("calledElement", processId="check")))
    drawn = process(START + END + called + users("z") + "s->c;c->z;z->e;")
    task = element("globalUserTask", "check", ext(z("assignmentDefinition", candidateGroups="agents")))
    instance = run(task, drawn)
    assert instance.open == ["check.task"]
    assert instance.wait("check.task").candidate_groups == ("agents",)
    assert instance.complete("check.task", seen=True).open == ["z"]
    assert instance.variables["seen"] is True
