"""Run any folder of the DMN compatibility kit: `python -m tests.conformance.dmn_tck DIR`.

Prints one line for each test case that fails and, last, how many passed and failed; every test case counts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine import clock
from engine.decisions import DecisionModel, load_model
from engine.feel.types import kind_of
from engine.feel.values.compare import equal
from engine.feel.values.numbers import number_of, parse_number
from engine.feel.values.temporal_text import (
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
    text_of_temporal,
)

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1E-8")
"""Numbers are given to some eight digits in the kit's expectations."""


CLOCK = {"now": clock.now, "today": lambda: clock.now().date()}
"""The functions that the engine hands to every model, here without its calendar."""


@dataclass(frozen=True)
class Outcome:
    """What came of one test case; `problems` is empty when it passed."""

    file: Path
    case: str
    problems: tuple[str, ...]


class Models:
    """The models of one folder, loaded when they are first needed, imports first."""

    def __init__(self, folder: Path) -> None:
        self._roots = {path.name: _parse(path) for path in sorted(folder.glob("*.dmn"))}
        self._loaded: dict[str, DecisionModel] = {}

    def get(self, name: str) -> DecisionModel:
        """Return the model in the file of that name."""
        if name not in self._loaded:
            root = self._roots[name]
            wanted = {node.get("namespace") for node in _children(root, "import")}
            imports = {
                other.get("namespace"): self.get(file)
                for file, other in self._roots.items()
                if other.get("namespace") in wanted and file != name
            }
            self._loaded[name] = load_model(root, source=name, functions=CLOCK, imports=imports, lenient=True)
        return self._loaded[name]


def _parse(path: Path) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(path.read_bytes(), parser)


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _children(node: Any, name: str) -> Iterator[Any]:
    return (child for child in node if _local(child) == name)


def _child(node: Any, name: str) -> Any:
    return next(_children(node, name), None)


def _content(node: Any) -> str:
    return "" if node is None else "".join(node.itertext()).strip()


_READ = {
    "string": str,
    "boolean": lambda text: text.strip() in ("true", "1"),
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_datetime,
    "duration": parse_duration,
    "dayTimeDuration": parse_duration,
    "yearMonthDuration": parse_duration,
}


def read_value(node: Any) -> Any:
    """Return the value that a node describes: a value, a list of items or a context of components."""
    if node.get(f"{XSI}nil") == "true":
        return None
    components = list(_children(node, "component"))
    if components:
        return {one.get("name"): read_value(one) for one in components}
    as_list = _child(node, "list")
    if as_list is not None:
        if as_list.get(f"{XSI}nil") == "true":
            return None
        return [read_value(item) for item in _children(as_list, "item")]
    value = _child(node, "value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    kind = value.get(f"{XSI}type", "string").rpartition(":")[2]
    text = "".join(value.itertext())
    if kind in _READ:
        return _READ[kind](text if kind == "string" else text.strip())
    return parse_number(text.strip())


def agrees(actual: Any, expected: Any) -> bool:
    """Return whether a value is the expected one."""
    kind = kind_of(expected)
    if kind == "number" and kind_of(actual) == "number":
        first, second = number_of(actual), number_of(expected)
        return first is not None and second is not None and abs(Decimal(first) - Decimal(second)) <= TOLERANCE
    if kind == "list":
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(agrees(a, b) for a, b in zip(actual, expected, strict=True))
        )
    if kind == "context":
        return (
            isinstance(actual, Mapping)
            and actual.keys() == expected.keys()
            and all(agrees(actual[key], value) for key, value in expected.items())
        )
    if kind in ("time", "date and time") and kind_of(actual) == kind:
        return equal(actual, expected) is True and text_of_temporal(actual) == text_of_temporal(expected)
    return equal(actual, expected) is True


def run_folder(folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of every test case under `folder`."""
    for path in sorted(folder.rglob("*.xml")):
        root = _parse(path)
        if _local(root) == "testCases":
            yield from _run_file(path, root)


def _run_file(path: Path, root: Any) -> Iterator[Outcome]:
    models = Models(path.parent)
    name = _content(_child(root, "modelName"))
    for case in _children(root, "testCase"):
        try:
            problems = tuple(_run_case(models.get(name), case))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is this case's failure, not the run's end
            problems = (f"{type(error).__name__}: {error}",)
        yield Outcome(path, case.get("id", ""), problems)


def _run_case(model: DecisionModel, case: Any) -> Iterator[str]:
    inputs = {node.get("name"): read_value(node) for node in _children(case, "inputNode")}
    for result in _children(case, "resultNode"):
        name = result.get("name")
        expected_node = _child(result, "expected")
        expected = None if expected_node is None else read_value(expected_node)
        invoked = case.get("invocableName")
        if invoked and case.get("type", "decision") != "decision":
            actual = model.invoke(invoked, inputs).value
            if isinstance(actual, dict) and name in actual and name != invoked:
                actual = actual[name]  # A service with several output decisions: one result node for each.
        else:
            actual = model.evaluate(name, inputs).value
        if not agrees(actual, expected):
            yield f"{name}: expected {expected!r}, got {actual!r}"


def main(arguments: list[str]) -> int:
    """Run the folder that is named; return 0 when everything passed."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.conformance.dmn_tck DIR\n")
        return 2
    passed = failed = 0
    for outcome in run_folder(Path(arguments[0])):
        if outcome.problems:
            failed += 1
            print(f"{outcome.file.stem} {outcome.case}: {'; '.join(outcome.problems)}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
