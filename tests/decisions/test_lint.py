"""What is said of a decision table before it runs."""

from __future__ import annotations

import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions.lint import check_model
from tests.decisions.drawing import decision, definitions, literal, load, needs, table


def found(rows, *, inputs=("x",), policy="UNIQUE", types=(), allowed="", default=False, output=""):
    logic = table(
        list(inputs), ["y"], [(*row, "1") if len(row) == len(inputs) else row for row in rows], policy
    )
    for name, kind in zip(inputs, types, strict=False):
        if kind:
            logic = logic.replace(
                f"<inputExpression><text>{name}<", f'<inputExpression typeRef="{kind}"><text>{name}<'
            )
    if allowed:
        logic = logic.replace(
            "</inputExpression>", f"</inputExpression><inputValues><text>{allowed}</text></inputValues>", 1
        )
    if default:
        logic = logic.replace(
            '<output name="y">', '<output name="y"><defaultOutputEntry><text>0</text></defaultOutputEntry>'
        )
    if output:
        logic = logic.replace('<output name="y">', f'<output name="y" typeRef="{output}">')
    return check_model(definitions(decision("D", logic)), source="d.dmn")


def codes(findings):
    return [(one.code, one.element_id) for one in findings]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([("< 10",), (">= 10",)], "number"),
        ([("< 10",), ("[10..20)",), ("20",), ("> 20",)], "number"),
        ([("not(1, 2)",), ("1",), ("2",)], "number"),
        ([("true",), ("false",)], "boolean"),
        ([('"a", "b"',), ('not("a", "b")',)], "string"),
        ([('< date("2026-01-31")',), ('>= date("2026-01-31")',)], "date"),
        ([('<= date("2026-01-31")',), ('>= date("2026-02-01")',)], "date"),
        ([('< duration("P3D")',), ('>= duration("P3D")',)], "days and time duration"),
        ([('< duration("P1Y")',), ('>= duration("P1Y")',)], "years and months duration"),
        ([("-1",), ("< -1",), ("> -1",)], "number"),
        ([("-",)], ""),
    ],
)
def test_nothing_is_said_of_a_table_that_is_disjoint_and_complete(rows, kind):
    assert found(rows, types=[kind]) == []


@pytest.mark.parametrize(
    ("rows", "kind", "place", "words"),
    [
        ([("<= 10",), (">= 10",)], "number", "r2", "x = 10"),
        ([("[1..5]",), ("(4..9]",)], "number", "r2", "x between 4 and 5"),
        ([('"a", "b"',), ('"b", "c"',)], "string", "r2", 'x = "b"'),
        ([("not(1)",), ("not(2)",)], "number", "r2", "any other number"),
        ([("null, 1",), ("null, 2",)], "", "r2", "null"),
    ],
)
def test_rules_of_a_unique_table_that_share_an_input_are_told_with_it(rows, kind, place, words):
    (first, *_) = [one for one in found(rows, types=[kind]) if one.code != "dmn.missing-rule"]
    assert (first.code, first.element_id, first.severity) == ("dmn.overlap", place, "warning")
    assert first.file == "d.dmn"
    assert first.line
    assert words in first.message


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        ([("< 10",), ("> 10",)], "number", "x = 10"),
        ([("[0..10]",)], "number", "x < 0"),
        ([("true",)], "boolean", "x: false"),
        ([('"a"',)], "string", "any other string"),
        (
            [('<= date("2026-01-30")',), ('>= date("2026-02-01")',)],
            "date",
            "between 2026-01-30 and 2026-02-01",
        ),
    ],
)
def test_an_input_without_a_rule_is_told(rows, kind, words):
    (finding,) = found(rows, types=[kind])
    assert (finding.code, finding.element_id, finding.severity) == ("dmn.missing-rule", "t1", "warning")
    assert words in finding.message


def test_allowed_values_and_default_outputs_make_a_table_complete():
    assert found([('"a"',), ('"b"',)], types=["string"], allowed='"a","b"') == []
    assert found([('"a"',)], types=["string"], default=True) == []
    assert codes(found([('"a"',)], types=["string"], allowed='"a","b"')) == [("dmn.missing-rule", "t1")]
    types = (
        '<itemDefinition name="tGrade"><typeRef>number</typeRef>'
        "<allowedValues><text>1,2,3</text></allowedValues></itemDefinition>"
    )
    logic = table(["x"], ["y"], [("1", "1"), ("[2..3]", "2")]).replace(
        "<inputExpression>", '<inputExpression typeRef="tGrade">'
    )
    assert check_model(definitions(types + decision("D", logic)), source="d.dmn") == []
    short = logic.replace("[2..3]", "2")
    assert codes(check_model(definitions(types + decision("D", short)), source="d.dmn")) == [
        ("dmn.missing-rule", "t1")
    ]


def test_a_gap_among_several_inputs_is_told_with_all_of_them():
    rows = [("< 5", "true"), (">= 5", "-")]
    (finding,) = found(rows, inputs=["x", "z"], types=["number", "boolean"])
    assert "x < 5; z: false" in finding.message


def test_rules_that_are_never_reached_are_told():
    rows = [("< 5",), (">= 3",), ("[1..9]",), ("-",)]
    assert codes(found(rows, policy="FIRST", types=["number"])) == [("dmn.unreachable", "r3")]
    assert codes(found([("< 5",), ("< 9",)], types=["number"], default=True)) == [("dmn.unreachable", "r1")]
    assert codes(found([("[5..1]",), ("-",)], types=["number"])) == [("dmn.unreachable", "r1")]


def test_a_rule_for_null_is_reached_behind_all_numbers():
    assert found([("< 5",), (">= 5",), ("-",)], policy="FIRST", types=["number"]) == []


def test_values_of_types_that_never_match_are_refused():
    (finding, *_) = found([('"five"',), ("-",)], types=["number"])
    assert (finding.code, finding.severity, finding.element_id) == ("dmn.type", "error", "r1")
    (finding, *_) = found([('1, "a"',)], types=["string"], default=True)
    assert (finding.code, finding.severity) == ("dmn.type", "warning")
    (finding,) = found([("-", '"late"')], output="number")
    assert (finding.code, finding.severity, finding.element_id) == ("dmn.type", "error", "r1")


def test_what_cannot_be_decided_is_said_not_to_be():
    findings = found([("limit",), ("abs(?) > 3",), ("5",)], types=["number"])
    assert codes(findings) == [("dmn.missing-rule", "t1"), ("dmn.undecided", "t1")] or codes(findings) == [
        ("dmn.undecided", "t1")
    ]
    assert "rule 1, 2" in findings[-1].message


def test_functions_that_nobody_has_are_refused_in_input_entries_too():
    (finding,) = found([("dedline(?) > 3",)])
    assert (finding.code, finding.severity) == ("feel.function", "error")


def test_names_that_the_model_does_not_declare_are_told():
    body = '<inputData id="i1" name="amount"><variable name="amount"/></inputData>' + decision(
        "D", literal("amuont + case.grade"), requires=needs("requiredInput", "i1")
    )
    (finding,) = check_model(definitions(body), source="d.dmn", facts=("case",))
    assert (finding.code, finding.element_id, finding.severity) == ("dmn.name", "d_D", "warning")
    assert "did you mean 'amount'?" in finding.message
    assert check_model(definitions(decision("D", literal("anything"))), source="d.dmn") == []


def test_large_tables_are_checked_in_bounded_time():
    def lines(cell):
        return [(cell(n), f"{n % 7}", f'"{n}"', "1") for n in range(1500)]

    began = time.process_time()
    for cell in (
        lambda n: f'"p{n}"',
        lambda n: f"> {n}",
        lambda n: f"not({n})",
        lambda n: f"[{n}..{n + 700}]",
    ):
        for policy in ("UNIQUE", "FIRST"):
            found(lines(cell), inputs=["a", "b", "c"], policy=policy)
    wide = [["-"] * 12 for _ in range(300)]
    for number, row in enumerate(wide):
        row[number % 12] = f"> {number}"
        row[(number * 7 + 1) % 12] = f"<= {number * 3}"
    found([tuple(row) for row in wide], inputs=[f"c{n}" for n in range(12)])
    many = ", ".join(map(str, range(9000)))
    found([(many,), (f"not({many})",)], types=["number"], allowed=many)
    assert time.process_time() - began < 60


CELLS = {
    "number": ["-", "1", "2, 3", "< 2", ">= 2", "[1..3]", "(1..3)", "not(2)", "not(> 1)", "!= 1", "null"],
    "string": ["-", '"a"', '"a", "b"', 'not("b")', '> "a"', "null"],
    "boolean": ["-", "true", "false", "not(true)", "null"],
}
SAMPLES = {
    "number": [0, 1, 1.5, 2, 2.5, 3, 4],
    "string": ["", "a", "aa", "b", "c"],
    "boolean": [True, False],
}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_findings_agree_with_what_evaluations_do(data):
    kinds = [data.draw(st.sampled_from(sorted(CELLS))) for _ in range(2)]
    row = st.tuples(*(st.sampled_from(CELLS[kind]) for kind in kinds))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    policy = data.draw(st.sampled_from(["UNIQUE", "FIRST"]))
    findings = found(rows, inputs=["p", "q"], types=kinds, policy=policy)
    logic = table(["p", "q"], ["y"], [(*one, "1") for one in rows], "COLLECT")
    model = load(decision("D", logic))
    hits = {}
    for values in product(*([None, *SAMPLES[kind]] for kind in kinds)):
        entry = model.evaluate("D", dict(zip("pq", values, strict=True))).explanation[0]
        hits[values] = [one["rule"] for one in entry["matched"]]
    told = {one.code for one in findings}
    complete = all(matched for values, matched in hits.items() if None not in values)
    if policy == "UNIQUE":
        overlaps = any(len(matched) > 1 for matched in hits.values())
        assert overlaps == bool(
            told & {"dmn.overlap"} or any("never counts" in one.message for one in findings)
        )
        assert complete == ("dmn.missing-rule" not in told)
    else:
        reached = {matched[0] for matched in hits.values() if matched}
        assert {one.element_id for one in findings} == {
            f"r{n + 1}" for n in range(len(rows)) if n + 1 not in reached
        }
