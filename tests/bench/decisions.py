"""Decision tables of 20 and of 1,000 rules: microseconds, beside SpiffWorkflow's own DMN engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from engine.decisions import load_model
from tests.bench.feel import beside, micros
from tests.bench.figures import Figure

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
SMALL, LARGE = 20, 1000


def drawn(rules: int) -> Any:
    """Return a table of so many rules, each for one product and one grade."""
    parts = [
        f'<definitions xmlns="{MODEL}" id="m" name="m" namespace="urn:bench">',
        '<decision id="d" name="d"><decisionTable id="t" hitPolicy="UNIQUE">',
    ]
    parts += [
        f'<input id="i{name}" label="{name}"><inputExpression id="e{name}" typeRef="{kind}">'
        f"<text>{name}</text></inputExpression></input>"
        for name, kind in (("product", "string"), ("grade", "number"))
    ]
    parts.append('<output id="o" name="days" typeRef="number"/>')
    for number in range(rules):
        cells = (f'"product {number // 4}"', str(number % 4))
        parts.append(f'<rule id="r{number}">')
        parts += [
            f'<inputEntry id="c{number}{place}"><text>{cell}</text></inputEntry>'
            for place, cell in enumerate(cells)
        ]
        parts.append(f'<outputEntry id="x{number}"><text>{number}</text></outputEntry></rule>')
    return etree.fromstring("".join(parts) + "</decisionTable></decision></definitions>")


def inputs(rules: int) -> dict[str, Any]:
    """Return what the rule in the middle matches."""
    return {"product": f"product {rules // 8}", "grade": rules // 2 % 4}


def ours(rules: int) -> tuple[float, float]:
    """Return microseconds to evaluate and to read a table."""
    root = drawn(rules)
    model, scope = load_model(root, source="bench.dmn"), inputs(rules)
    assert model.evaluate("d", scope).value == rules // 2
    read = micros(lambda: load_model(root, source="bench.dmn"), rounds=2, runs=5)
    return micros(lambda: model.evaluate("d", scope), rounds=1000), read


def spiff(rules: int) -> float:
    """Return microseconds of SpiffWorkflow's engine, with its stock script engine."""
    parser = DMNParser(None, drawn(rules), {"dmn": MODEL})
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    task = SimpleNamespace(data=inputs(rules), workflow=SimpleNamespace(script_engine=PythonScriptEngine()))
    assert engine.result(task) == {"days": rules // 2}
    return micros(lambda: engine.result(task), rounds=2, runs=5)


def decision_figures() -> list[Figure]:
    """Return all figures of tables."""
    (small, small_read), (large, large_read) = ours(SMALL), ours(LARGE)
    return [
        beside("20-rule table, beside SpiffWorkflow's DMN", small, spiff(SMALL), 1),
        beside("1,000-rule table, beside SpiffWorkflow's DMN", large, spiff(LARGE), 1),
        beside("1,000-rule table, beside the 20-rule one", large, small, 5),
        Figure("20-rule table, read", round(small_read, 1), "us"),
        Figure("1,000-rule table, read", round(large_read, 1), "us"),
    ]
