"""Multi-instance and standard loops; each also restored around every act."""

from __future__ import annotations

import pytest

from engine.errors import StepFailed
from tests.runtime.spiff.drawing import END, MESSAGE, ON_MESSAGE, START, ext, process, users, z
from tests.runtime.spiff.world import run

both = pytest.mark.parametrize("restored", [False, True], ids=["in memory", "restored"])
kinds = pytest.mark.parametrize("sequential", [True, False], ids=["sequential", "parallel"])


def several(sequential: bool, more: str = "") -> str:
    flag = "true" if sequential else "false"
    names = {
        "inputCollection": "=items",
        "inputElement": "it",
        "outputCollection": "outs",
        "outputElement": "=r",
    }
    each = z("loopCharacteristics", **names)
    return (
        f'<b:multiInstanceLoopCharacteristics isSequential="{flag}">{ext(each)}{more}'
        "</b:multiInstanceLoopCharacteristics>"
    )


@both
@kinds
def test_a_task_for_each_item_collects_its_results_in_the_order_of_the_items(
    restored: bool, sequential: bool
) -> None:
    drawn = process(
        START
        + END
        + f'<b:userTask id="mi">{several(sequential)}</b:userTask>'
        + users("z")
        + "s->mi;mi->z;z->e;"
    )
    instance = run(drawn, restored=restored, items=[10, 20, 30])
    assert len(instance.open) == (1 if sequential else 3)
    while "mi" in instance.open:
        wait = [each for each in instance.workflow.waits() if each.element.element_id == "mi"][-1]
        value = instance.workflow.scope(wait.token)["it"] * 2
        instance.workflow.complete_user_task(wait.token, {"r": value})
        instance.go()
    assert instance.open == ["z"]
    assert instance.variables == {"key": "K", "items": [10, 20, 30], "outs": [20, 40, 60]}


@both
@kinds
def test_an_empty_collection_is_passed_at_once(restored: bool, sequential: bool) -> None:
    drawn = process(START + END + f'<b:userTask id="mi">{several(sequential)}</b:userTask>s->mi;mi->e;')
    instance = run(drawn, restored=restored, items=[])
    assert instance.done
    assert instance.variables["outs"] == []


def test_a_collection_that_is_no_list_stops_the_step() -> None:
    drawn = process(START + END + f'<b:userTask id="mi">{several(True)}</b:userTask>s->mi;mi->e;')
    with pytest.raises(StepFailed, match="the input collection =items gave str, not a list"):
        run(drawn, items="abc")


@pytest.mark.parametrize("number", ["=-1", "=10001", "=10**5000", "=null"])
def test_a_number_of_instances_that_cannot_be_stops_the_step(number: str) -> None:
    loop = f"<b:multiInstanceLoopCharacteristics><b:loopCardinality>{number}</b:loopCardinality>"
    drawn = f'<b:userTask id="mi">{loop}</b:multiInstanceLoopCharacteristics></b:userTask>s->mi;mi->e;'
    with pytest.raises(
        StepFailed, match=r"'mi': the number of instances .* is (no number|not between 0 and)"
    ):
        run(process(START + END + drawn))


@both
def test_a_completion_condition_ends_the_other_instances(restored: bool) -> None:
    more = "<b:completionCondition>=numberOfCompletedInstances = 2</b:completionCondition>"
    drawn = process(START + END + f'<b:userTask id="mi">{several(False, more)}</b:userTask>s->mi;mi->e;')
    instance = run(drawn, restored=restored, items=[1, 2, 3, 4]).complete("mi", r=1)
    assert len(instance.open) == 3
    assert instance.complete("mi", r=2).done
    assert [closed.reason for closed in instance.changes.closed].count("scope-ended") == 2


@both
@kinds
def test_a_subprocess_for_each_item_can_be_interrupted_as_a_whole(restored: bool, sequential: bool) -> None:
    inside = '<b:startEvent id="is"/><b:endEvent id="ie"/>' + users("a", "b") + "is->a;a->b;b->ie;"
    drawn = process(
        START
        + END
        + f'<b:subProcess id="sp">{several(sequential)}{inside}</b:subProcess>'
        + f'<b:boundaryEvent id="bm" attachedToRef="sp">{ON_MESSAGE}</b:boundaryEvent>'
        + users("z", "o")
        + "s->sp;sp->z;z->e;bm->o;o->e;"
    )
    instance = run(MESSAGE, drawn, restored=restored, items=[1, 2, 3])
    while "z" not in instance.open:
        wait = [each for each in instance.workflow.waits() if each.kind == "user"][-1]
        instance.workflow.complete_user_task(
            wait.token, {"r": instance.workflow.scope(wait.token)["it"] * 10}
        )
        instance.go()
    assert instance.variables["outs"] == [10, 20, 30]
    instance = run(MESSAGE, drawn, restored=restored, items=[1, 2, 3]).complete("a", r=0).message("bm")
    assert instance.open == ["o"]
    assert len(instance.workflow.waits()) == 1
    assert instance.complete("o").done


@both
def test_a_loop_repeats_while_its_condition_holds_and_at_most_so_often(restored: bool) -> None:
    def loop(attributes: str) -> str:
        condition = "<b:loopCondition>again</b:loopCondition>"
        drawn = f"<b:standardLoopCharacteristics {attributes}>{condition}</b:standardLoopCharacteristics>"
        return process(START + END + f'<b:userTask id="a">{drawn}</b:userTask>s->a;a->e;')

    instance = run(loop('loopMaximum="3"'), restored=restored)
    assert not instance.complete("a", again=True).complete("a", again=True).done
    assert instance.complete("a", again=True).done
    assert run(loop(""), restored=restored).complete("a", again=False).done
    assert run(loop('testBefore="true"'), restored=restored, again=False).done


def test_a_wide_loop_drops_its_finished_instances() -> None:
    drawn = process(START + END + f'<b:userTask id="mi">{several(False)}</b:userTask>s->mi;mi->e;')
    instance = run(drawn, items=list(range(200)))
    wide = len(instance.workflow._tree.tasks)
    for _ in range(100):
        instance.complete("mi", r=1)
    assert len(instance.workflow._tree.tasks) == wide - 100
