"""The explanation of a decision can be written into history, whatever the decision works on."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.decisions import trace
from tests.decisions.drawing import decision, literal, load, needs, table


def explained(model, scope, name="D"):
    """Return the explanation, which must be JSON as it stands."""
    found = model.evaluate(name, scope).explanation
    assert json.loads(json.dumps(found)) == found
    return found


def test_values_are_told_as_feel_writes_them():
    model = load(decision("D", table(["x"], ["y"], [("-", "x")])))
    for value, told in (
        (Decimal("1.50"), "1.50"),
        (Decimal(3), 3),
        (10**20, 10**20),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 9, tzinfo=UTC), "2026-01-31T09:00:00Z"),
        (timedelta(days=2), "P2D"),
        ([1, {"a": None}], [1, {"a": None}]),
        (len, "function"),
        (object(), "unknown"),
    ):
        (entry,) = explained(model, {"x": value})
        assert entry["inputs"][0]["value"] == told
        assert entry["matched"][0]["outputs"] == {"y": told}


def test_no_address_of_a_function_is_told():
    (entry,) = explained(load(decision("D", literal("function(a) a + 1"))), {})
    assert entry["value"] == "function"


def test_large_values_are_cut():
    rows = [("-", "x")] * 400
    model = load(decision("D", table(["x"], ["y"], rows, "COLLECT")))
    deep: object = 1
    for _ in range(60):
        deep = [deep]
    for value in ("a" * 900_000, list(range(1000)), {str(n): n for n in range(1000)}, deep):
        (entry,) = explained(model, {"x": value})
        assert len(entry["matched"]) == trace.MOST_MEMBERS + 1
        assert entry["matched"][-1] == "… 350"
        assert len(json.dumps(entry)) < 200_000


def test_what_is_told_of_one_evaluation_is_bounded_in_all():
    knowledge = (
        '<businessKnowledgeModel id="k1" name="graded"><variable name="graded"/><encapsulatedLogic>'
        '<formalParameter name="n"/>'
        + table(["n"], ["y"], [("-", "n")])
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    text = "count(for n in 1..3000 return graded(n))"
    model = load(knowledge + decision("D", literal(text), requires=needs("requiredKnowledge", "k1")))
    found = explained(model, {})
    assert len(found) == trace.MOST_ENTRIES + 1
    assert found[-1] == {"kind": "omitted", "count": 2801}
    assert len(json.dumps(found)) < 300_000
