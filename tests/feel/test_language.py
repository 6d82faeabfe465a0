"""The language: what a text means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from string import ascii_lowercase

import pytest

from engine.errors import FeelError
from engine.feel import FeelSyntaxError, Range, YearsMonths, compile_expression, compile_unary_tests


def value(text, **scope):
    return compile_expression(text).evaluate(scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-2 ** 2", 4),
        ("10 - 2 - 3", 5),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        (".5 + 1.50", Decimal("2.00")),
        ("1 / 0", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ('"\\u00e9\\n\\"x\\""', 'é\n"x"'),
        ('"\\uD83D\\uDC0E" = "\\U01F40E"', True),
        ("1 + /* two */ 2 // three", 3),
        ('if 1 > 2 then "yes" else "no"', "no"),
        ("for x in 1..3 return x * x", [1, 4, 9]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ("for x in [1, 2], y in [x, 10] return x * y", [1, 10, 4, 20]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("[1, 2, 3][item >= 2]", [2, 3]),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][4]", None),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][a > 1].b", [4]),
        ("{a: 1, b: a + 1}.b", 2),
        ("{a: 1, a: 2}", None),
        ("{full name: 3}.full name", 3),
        ('{"a+b c": 3}.a+b c', 3),
        ("(function(a: number, b) a + b)(1, 2)", 3),
        ('(function(a: number) a)("x")', None),
        ("{f: function(x) x + 1, y: f(2)}.y", 3),
        ("5 between 1 and 5", True),
        ("5 in (1..5)", False),
        ("5 in [1..5]", True),
        ("5 in ]1..5[", False),
        ("5 in (1, < 3, 5)", True),
        ("5 in (< 3, > 7)", False),
        ("2 in [1, 2]", True),
        ("1 instance of number", True),
        ("[1] instance of list<string>", False),
        ("{a: 1} instance of context<a: number>", True),
        ("null instance of Any", False),
        ("[3..1]", None),
        ("not(true)", False),
        ("not(1)", None),
    ],
)
def test_an_expression_means_what_the_standard_says(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("null and false", False),
        ("true or null", True),
        ("null or true", True),
        ("false or null", None),
        ("null = null", True),
        ("1 = null", False),
        ('1 = "1"', None),
        ('1 < "2"', None),
        ("true = 1", None),
        ("[1, 2] = [1, 2]", True),
        ("{a: 1} = {a: 1.0}", True),
        ("2 between null and 1", False),
    ],
)
def test_logic_has_three_values(text, expected):
    assert value(text) is expected


def test_names_are_read_from_the_scope_and_missing_ones_are_null():
    assert value("case.grade = 2 and case.open", case={"grade": 2, "open": True}) is True
    assert value("missing.member") is None
    assert value("rows[2].x", rows=[{"x": 1}, {"x": 2}]) == 2
    assert value("rows[i]", rows=[1, 2, 3], i=2) == 2


def test_undeclared_names_of_several_words_are_joined_up_to_a_keyword():
    scope = {"Monthly Income 2": 5000, "limit": 10}
    assert compile_expression("Monthly Income 2 > limit and true").evaluate(scope) is True


def test_declared_names_win_by_length_even_over_operators_and_keywords():
    names = ["pay-in", "days in weekend", "date of birth"]
    scope = {"pay-in": 3, "days in weekend": ["a"], "date of birth": 7, "pay": 1, "in": 1}
    assert compile_expression("pay-in + 1", names=names).evaluate(scope) == 4
    assert compile_expression("for d in days in weekend return d", names=names).evaluate(scope) == ["a"]
    with pytest.raises(FeelSyntaxError):
        compile_expression("pay-in")


def test_functions_handed_in_may_have_names_of_several_words_and_named_arguments():
    functions = {"working days after": lambda start, days: start + timedelta(days=days)}
    run = compile_expression('working days after(date("2026-01-01"), n)', functions=functions)
    assert run.evaluate({"n": 2}) == date(2026, 1, 3)
    named = compile_expression('working days after(days: 1, start: @"2026-01-01")', functions=functions)
    assert named.evaluate({}) == date(2026, 1, 2)
    assert compile_expression('working days after("x", 2)', functions=functions).evaluate({}) is None


def test_a_variable_does_not_hide_the_built_in_function_of_its_name():
    assert value("count([1, 2]) + count", count=5) == 7


def test_values_of_python_are_taken_as_they_come():
    scope = {"f": 0.1, "d": Decimal("0.1"), "t": (1, 2), "at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert value("f = d and f + d = 0.2 and count(t) = 2", **scope) is True
    assert value('at + @"P1M"', **scope) == datetime(2026, 2, 1, tzinfo=UTC)
    assert value("x + 1", x=float("nan")) is None


def test_unbounded_ranges_are_values():
    assert value("(< 10).end") == 10
    assert value("5 in r", r=Range(None, 10, False, True)) is True
    assert value('@"P14M".months') == 2
    assert value('@"P14M"') == YearsMonths(14)


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("-", None, True),
        ("", 3, True),
        ("3", 3, True),
        ("1, 3", 3, True),
        ("< 3", 3, False),
        ("[1..3], > 10", 11, True),
        ("not(1, 2)", 3, True),
        ("not(3)", 3, False),
        ("not(null)", 3, True),
        ("null", None, True),
        ('? > 2 and contains("x", "x")', 3, True),
        ("limit", 3, True),
        ("> limit", 4, True),
        ("list", 3, True),
        ("limit = 3", None, True),
        ("false", False, True),
        ("true", False, False),
        ('"a"', 3, None),
    ],
)
def test_unary_tests_hold_for_an_input(text, given, expected):
    assert compile_unary_tests(text).matches(given, {"limit": 3, "list": [1, 3]}) is expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1 +", 3),
        ("if a then b", 11),
        ("[1, 2", 5),
        ('"open', 0),
        ("a b) c", 3),
        ("#", 0),
        ("{a 1}", 1),
        ("", 0),
    ],
)
def test_what_is_no_feel_is_refused_with_its_position(text, position):
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.position == position


DOUBLED = "{a: [1, 1]" + "".join(f", {y}: [{x}, {x}]" for x, y in pairwise(ascii_lowercase)) + "}.z"


@pytest.mark.parametrize(
    "text",
    [
        "for x in 1..100000000 return x",
        "for x in 1..1000, y in 1..1000 return 1",
        "(function(f) f(f))(function(f) f(f))",
        'string join(for i in 1..100000 return "xxxxxxxxxxxxxxxxxxxx")',
        "for x in 1..100000 return list contains(big, x)",
        'matches(evil, "(a|aa)+$")',
        DOUBLED,
        f"count(flatten({DOUBLED}))",
        f"string({DOUBLED}) = null",
        f"({DOUBLED}) = 1 or ({DOUBLED}) = ({DOUBLED})",
        "for i in 1..1000 return [partial[-1]]",
        'for i in 1..100000 return long + "x"',
        "for i in 1..100000 return string join([long, long, long])",
    ],
)
def test_what_would_take_for_ever_ends_with_an_error(text):
    with pytest.raises(FeelError):
        value(text, big=list(range(100_000)), evil="a" * 60 + "!", long="x" * 100_000)


@pytest.mark.parametrize("text", ["(" * 200 + "1" + ")" * 200, "+".join("1" * 5000), "[" * 100 + "]" * 100])
def test_a_text_that_is_too_deep_is_refused(text):
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


def test_numbers_keep_34_digits_and_stay_finite():
    assert value("9999999999999999999999999999999999 + 1") == Decimal("1E34")
    assert value("10 ** 6144 * 10") is None
    assert value("9 ** 9 ** 9 ** 9 ** 9") is None


def test_an_expression_tells_what_it_reads_and_which_functions_nobody_knows():
    found = compile_expression(
        "for x in rows return dedline(x, count(limit)) + x", functions={"deadline": len}
    )
    assert found.reads >= {"rows", "limit"}
    assert "x" not in found.reads
    assert found.unknown_functions == {"dedline"}


def test_texts_are_compiled_once_for_the_same_names_and_functions():
    functions = {"f g": lambda: 1}
    first = compile_expression("f g() + a-b", functions=functions, names=["a-b"])
    assert compile_expression("f g() + a-b", functions=functions, names=["a-b"]) is first
    assert compile_expression("f g() + a-b", functions=dict(functions), names=["a-b"]) is not first


def test_instance_is_a_name_where_no_type_is_asked_for() -> None:
    scope = {"instance": {"id": "x"}}
    assert compile_expression("instance.id").evaluate(scope) == "x"
    assert compile_expression("instance.id instance of string").evaluate(scope) is True
