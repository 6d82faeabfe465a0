"""Our own functions are the same in diagrams and decisions, and follow the calendar in force."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine import clock
from engine.domain.calendar_table import shipped_calendar
from engine.feel import compile_expression
from engine.runtime.bundles import load_files
from engine.runtime.functions import functions_for
from tests.world import MONDAY

ZONE = ZoneInfo("Asia/Shanghai")
DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="due" name="due"><variable name="due"/><literalExpression>
    <text>{limit: deadline(received, 3), works: is working day(date("2026-10-10")), on: today()}</text>
  </literalExpression></decision>
</definitions>"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deadline(received, 3)", datetime(2026, 3, 5, 16, tzinfo=UTC)),
        ('working days after(date("2026-09-24"), 7)', date(2026, 10, 12)),
        ('working days between(date("2026-09-30"), date("2026-10-10"))', 3),
        ('is working day(date("2026-10-10"))', True),
        ('is working day(date("2026-10-01"))', False),
        ("deadline(received, -1)", None),
        ("deadline(null, 3)", None),
        ('deadline("soon", 3)', None),
        ("deadline(received, 1.5)", None),
        ('is working day("2026-10-01")', None),
    ],
)
def test_working_days_in_expressions(text: str, expected: object) -> None:
    functions = functions_for(shipped_calendar(), ZONE)
    assert compile_expression(text, functions=functions).evaluate({"received": MONDAY}) == expected


def test_a_decision_calls_them_with_the_calendar_and_the_clock_in_force() -> None:
    clock.set_to(MONDAY)
    loaded = load_files("b", "f", {"due.dmn": DMN.encode()}, ZONE)
    functions = functions_for(shipped_calendar(), ZONE)
    value = loaded.decide("due", {"received": MONDAY}, functions).value
    assert value == {"limit": datetime(2026, 3, 5, 16, tzinfo=UTC), "works": True, "on": date(2026, 3, 2)}
    assert loaded.decide("due", {"received": MONDAY}, {}).value == {"limit": None, "works": None, "on": None}


def test_numbers_of_days_may_be_decimals_that_are_whole() -> None:
    functions = functions_for(shipped_calendar(), ZONE)
    assert functions["deadline"](MONDAY, Decimal("3.0")) == functions["deadline"](MONDAY, 3)
