"""Decision tables: hit policies, tests, types and the explanation."""

from __future__ import annotations

import pytest

from tests.decisions.drawing import decision, load, table

RULES = [
    ("> 0", '"low"', "1"),
    ("> 10", '"high"', "2"),
    ("> 10", '"low"', "3"),
]
RANKED = ('"high","low"', "3,2,1")


@pytest.mark.parametrize(
    ("policy", "extra", "amount", "expected"),
    [
        ("UNIQUE", "", 5, {"level": "low", "days": 1}),
        ("UNIQUE", "", 20, None),
        ("FIRST", "", 20, {"level": "low", "days": 1}),
        ("ANY", "", 20, None),
        ("PRIORITY", "", 20, {"level": "high", "days": 2}),
        (
            "RULE ORDER",
            "",
            20,
            [{"level": "low", "days": 1}, {"level": "high", "days": 2}, {"level": "low", "days": 3}],
        ),
        (
            "OUTPUT ORDER",
            "",
            20,
            [{"level": "high", "days": 2}, {"level": "low", "days": 3}, {"level": "low", "days": 1}],
        ),
        ("COLLECT", "", 5, [{"level": "low", "days": 1}]),
        ("UNIQUE", "", -1, None),
    ],
)
def test_a_hit_policy_chooses_among_the_matching_rules(policy, extra, amount, expected):
    model = load(decision("Level", table(["amount"], ["level", "days"], RULES, policy, extra, RANKED)))
    assert model.evaluate("Level", {"amount": amount}).value == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)])
def test_collect_aggregates_the_outputs_of_all_matching_rules(aggregation, expected):
    rows = [("> 0", "1"), ("> 10", "2"), ("> 10", "3")]
    model = load(
        decision("Sum", table(["amount"], ["days"], rows, "COLLECT", f'aggregation="{aggregation}"'))
    )
    assert model.evaluate("d_Sum", {"amount": 20}).value == expected


def test_any_accepts_rules_that_say_the_same():
    rows = [("> 0", '"a"'), ("> 10", '"a"')]
    model = load(decision("Same", table(["amount"], ["x"], rows, "ANY")))
    assert model.evaluate("Same", {"amount": 20}).value == "a"


def test_the_explanation_tells_inputs_and_matching_rules():
    rows = [("1", '"3 days"', "general"), ("not(1)", '"15 days"', "serious")]
    model = load(decision("Limit", table(["case.grade"], ["limit"], rows)))
    result = model.evaluate("Limit", {"case": {"grade": 2}})
    assert result.value == "15 days"
    assert result.explanation == [
        {
            "kind": "decisionTable",
            "id": "t1",
            "name": "Limit",
            "hit_policy": "UNIQUE",
            "inputs": [{"label": "case.grade", "expression": "case.grade", "value": 2}],
            "matched": [{"rule": 2, "id": "r2", "outputs": {"limit": "15 days"}, "annotations": ["serious"]}],
            "value": "15 days",
        }
    ]


def test_a_default_output_stands_in_when_no_rule_matches():
    logic = table(["x"], ["y"], [("1", '"one"')]).replace(
        '<output name="y">', '<output name="y"><defaultOutputEntry><text>"other"</text></defaultOutputEntry>'
    )
    model = load(decision("D", logic))
    assert model.evaluate("D", {"x": 2}).value == "other"


def test_an_input_outside_its_allowed_values_matches_no_rule():
    logic = table(["x"], ["y"], [("-", '"any"')]).replace(
        "</inputExpression></input>",
        '</inputExpression><inputValues><text>"a","b"</text></inputValues></input>',
    )
    model = load(decision("D", logic))
    assert model.evaluate("D", {"x": "a"}).value == "any"
    assert model.evaluate("D", {"x": "c"}).value is None


def test_an_input_entry_may_ask_about_the_input_by_its_mark():
    rows = [('contains(?, "refund")', '"money"'), ("-", '"other"')]
    model = load(decision("D", table(["text"], ["y"], rows, "FIRST")))
    assert model.evaluate("D", {"text": "a refund"}).value == "money"
    assert model.evaluate("D", {"text": "slow"}).value == "other"
