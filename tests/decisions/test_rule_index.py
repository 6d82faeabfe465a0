"""A table whose rules are looked up yields what it would yield if all its rules were tested."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import rule_index
from engine.feel import FeelError
from tests.decisions.drawing import decision, load, table

CELLS = st.sampled_from(
    [
        "-",
        "1",
        "-1",
        "1.0",
        "2, 3",
        "= 2",
        "!= 2",
        "> 1",
        "[1..2]",
        "not(1)",
        "not(null)",
        '"a"',
        '"a", "b"',
        '"1"',
        'not("a", "b")',
        "true",
        "false",
        "null",
        "null, 1",
        "limit",
        "? = 1",
        "[1, 2]",
        '@"2026-01-31"',
        'date("2026-01-31")',
        "abs(?) = 1",
        'in office("a")',
        'if in office("b") then 1 else 2',
    ]
)
VALUES = st.sampled_from(
    [
        None,
        0,
        1,
        2,
        3,
        -1,
        1.0,
        1.5,
        Decimal("2.00"),
        "a",
        "b",
        "1",
        "",
        True,
        False,
        date(2026, 1, 31),
        [],
        [1],
        [1, 2],
        ["a"],
        {"a": 1},
    ]
)
POLICIES = st.sampled_from(
    ["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER", "PRIORITY", "OUTPUT ORDER", "COLLECT SUM"]
)
TYPES = st.sampled_from(["", "number", "string", "boolean", "date", "Any"])
KNOWLEDGE = (
    '<businessKnowledgeModel id="k1" name="in office"><variable name="in office"/><encapsulatedLogic>'
    '<formalParameter name="x"/>'
    + table(["x"], ["y"], [('"a"', "true"), ("-", "false")], "FIRST")
    + "</encapsulatedLogic></businessKnowledgeModel>"
)
REQUIRES = '<knowledgeRequirement><requiredKnowledge href="#k1"/></knowledgeRequirement>'


def drawn(rows, policy, types):
    aggregated = policy == "COLLECT SUM"
    logic = table(
        ["p", "q", "r"],
        ["found"],
        [(*row, str(number % 3)) for number, row in enumerate(rows)],
        "COLLECT" if aggregated else policy,
        'aggregation="SUM"' if aggregated else "",
        ("2,1,0",),
    )
    for name, kind in zip("pqr", types, strict=True):
        if kind:
            logic = logic.replace(
                f"<inputExpression><text>{name}<", f'<inputExpression typeRef="{kind}"><text>{name}<'
            )
    return KNOWLEDGE + decision("D", logic, requires=REQUIRES)


def outcome(model, scope):
    try:
        found = model.evaluate("D", scope)
    except FeelError as error:
        return str(error)
    return found.value, found.explanation


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12),
    POLICIES,
    st.tuples(TYPES, TYPES, TYPES),
    st.lists(
        st.fixed_dictionaries({"p": VALUES, "q": VALUES, "r": VALUES, "limit": VALUES}),
        min_size=8,
        max_size=8,
    ),
    st.integers(1, 5),
)
def test_looking_rules_up_gives_the_same_results_and_explanations_as_a_scan(
    rows, policy, types, scopes, block
):
    body = drawn(rows, policy, types)
    kept = rule_index.INDEXED_FROM, rule_index.BLOCK
    try:
        rule_index.INDEXED_FROM, rule_index.BLOCK = 1, block
        indexed = load(body)
        rule_index.INDEXED_FROM = len(rows) + 1
        scanned = load(body)
    finally:
        rule_index.INDEXED_FROM, rule_index.BLOCK = kept
    for scope in scopes:
        assert outcome(indexed, scope) == outcome(scanned, scope)


def test_of_a_thousand_rules_only_those_are_tested_that_can_match():
    rows = [(f'"product {n // 10}"', str(n % 10), f'"{n}"') for n in range(1000)]
    index = rule_index.RuleIndex
    asked = []

    class Watched(index):
        def candidates(self, values):
            asked.append(list(super().candidates(values)))
            return asked[-1]

    from engine.decisions import tables

    tables.RuleIndex = Watched
    try:
        model = load(decision("D", table(["product", "grade"], ["days"], rows)))
    finally:
        tables.RuleIndex = index
    result = model.evaluate("D", {"product": "product 57", "grade": 3})
    assert result.value == "573"
    assert result.explanation[0]["matched"][0]["rule"] == 574
    assert asked == [[573]]
    assert model.evaluate("D", {"product": "product 57", "grade": 11}).value is None
    assert asked[1] == []
