"""Values of variables come back from the state as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.errors import Conflict, StepFailed
from engine.feel import YearsMonths
from engine.runtime.spiff.values import dump_values, load_values
from tests.runtime.spiff.drawing import END, START, element, ext, process, users, z
from tests.runtime.spiff.world import run


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.10"),
        date(2026, 3, 2),
        time(9, 30),
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 9),  # noqa: DTZ001 - a FEEL local date and time
        datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        timedelta(days=-1, seconds=5, microseconds=7),
        YearsMonths(14),
        2**80,
        {"$t": "date", "v": "a person typed this"},
        [{"a": Decimal(1)}, {"$t": 1, "deep": [date(2026, 1, 1), {"$t": None}]}],
        '"$t"',
        {"客戶": "王", "n": None, "ok": True, "x": 1.5},
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    back = load_values(dump_values({"v": value}))["v"]
    assert back == value
    assert type(back) is type(value)


def test_what_no_variable_may_hold_is_refused() -> None:
    with pytest.raises(StepFailed, match="cannot hold a value of type object"):
        dump_values({"v": object()})


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (z("assignmentDefinition", candidateGroups="=5"), "candidate_groups of 'a': 5 is neither a text nor"),
        (
            z("priorityDefinition", priority="=10**20"),
            "priority of 'a': 100000000000000000000 is not between",
        ),
        (z("priorityDefinition", priority="high"), "priority of 'a': 'high' is no number"),
        (z("priorityDefinition", priority="=[1, [2], 3]"), r"priority of 'a': \[1, \[2\], 3\] is no number"),
        (z("taskDefinition", type="x", retries="=10**5000"), "retries of 'a': .* is not between"),
        (z("taskDefinition", type="x", retries="NaN"), "retries of 'a': 'NaN' is no number"),
    ],
)
def test_what_a_task_asks_of_an_expression_and_is_not_given_stops_the_step(inside: str, said: str) -> None:
    kind = "serviceTask" if "taskDefinition" in inside else "userTask"
    with pytest.raises(StepFailed, match=said):
        run(process(START + END + element(kind, "a", ext(inside)) + "s->a;a->e;"))


def test_a_state_of_another_format_or_bundle_is_refused() -> None:
    instance = run(process(START + END + users("a") + "s->a;a->e;"))
    state = instance.workflow.dump()
    with pytest.raises(Conflict, match="format 99"):
        instance.bundle.restore(state.replace(b'"format":1', b'"format":99'), instance.world)
    other = run(process(START + END + users("b") + "s->b;b->e;"))
    with pytest.raises(Conflict, match="lacks elements on which tokens stand: a"):
        other.bundle.restore(state, other.world)
