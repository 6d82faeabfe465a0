"""Values of variables come back from the state as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.errors import Conflict, StepFailed
from engine.feel import YearsMonths
from engine.runtime.spiff.values import dump_values, load_values
from tests.runtime.spiff.drawing import END, START, process, users
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


def test_a_state_of_another_format_or_bundle_is_refused() -> None:
    instance = run(process(START + END + users("a") + "s->a;a->e;"))
    state = instance.workflow.dump()
    with pytest.raises(Conflict, match="format 99"):
        instance.bundle.restore(state.replace(b'"format":1', b'"format":99'), instance.world)
    other = run(process(START + END + users("b") + "s->b;b->e;"))
    with pytest.raises(Conflict, match="lacks elements on which tokens stand: a"):
        other.bundle.restore(state, other.world)
