"""Numbers and dates computed as Python's decimal and datetime compute them, on generated expressions."""

from __future__ import annotations

import decimal
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import YearsMonths, compile_expression

CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(Decimal),
    st.decimals(-(10**6), 10**6, places=4),
    st.sampled_from([Decimal(0), Decimal(1), Decimal("9" * 34), Decimal("1e-30")]),
)
OPERATIONS = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}
POWERS = st.integers(0, 6)


def literal(value: Decimal) -> str:
    return f"({value:f})"


@st.composite
def trees(draw, depth=4):
    """A text with the value that Python's decimal gives it; None where it divides by zero."""
    if depth == 0 or draw(st.booleans()):
        value = draw(NUMBERS)
        return literal(value), CONTEXT.plus(value)
    if draw(st.integers(0, 6)) == 0:
        text, value = draw(trees(depth=depth - 1))
        power = draw(POWERS)
        if value is None or abs(value) > 10**40:
            return f"-({text})", None if value is None else CONTEXT.minus(value)
        wanted = Decimal(1) if power == 0 else CONTEXT.power(value, power)
        return f"({text} ** {power})", wanted
    symbol = draw(st.sampled_from(sorted(OPERATIONS)))
    (left, a), (right, b) = draw(trees(depth=depth - 1)), draw(trees(depth=depth - 1))
    if a is None or b is None or (symbol == "/" and b == 0):
        return f"({left} {symbol} {right})", None
    return f"({left} {symbol} {right})", OPERATIONS[symbol](a, b)


@settings(max_examples=500, deadline=None)
@given(trees())
def test_numbers_are_computed_as_decimals_of_34_digits(tree):
    text, expected = tree
    found = compile_expression(text).evaluate({})
    assert found == expected, text


@settings(max_examples=300, deadline=None)
@given(NUMBERS, NUMBERS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
def test_numbers_compare_as_decimals(left, right, symbol):
    python = {"=": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
    expected = getattr(left, python[symbol])(right)
    assert compile_expression(f"{literal(left)} {symbol} {literal(right)}").evaluate({}) is expected
    assert compile_expression(f"a {symbol} b").evaluate({"a": left, "b": right}) is expected


DAYS = st.dates(date(1000, 1, 1), date(8999, 12, 31))
INSTANTS = st.datetimes(datetime(1000, 1, 1), datetime(8999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(days=-300_000), timedelta(days=300_000))
WHOLE_DAYS = st.integers(-300_000, 300_000)


@settings(max_examples=300, deadline=None)
@given(DAYS, WHOLE_DAYS, DAYS)
def test_dates_move_by_days_as_pythons(day, count, other):
    sign = "-" if count < 0 else ""
    text = f'date("{day}") + duration("{sign}P{abs(count)}D")'
    assert compile_expression(text).evaluate({}) == day + timedelta(days=count)
    between = compile_expression(f'date("{day}") - date("{other}")').evaluate({})
    assert between == day - other
    names = {"d": day}
    assert compile_expression("d.weekday").evaluate(names) == day.isoweekday()
    assert compile_expression("day of year(d)").evaluate(names) == day.timetuple().tm_yday
    assert compile_expression("week of year(d)").evaluate(names) == day.isocalendar().week


@settings(max_examples=300, deadline=None)
@given(INSTANTS, LENGTHS, INSTANTS, LENGTHS)
def test_instants_and_durations_are_computed_as_pythons(instant, length, other, more):
    names = {"t": instant, "d": length, "u": other, "e": more}
    for text, expected in (
        ("t + d", instant + length),
        ("t - d", instant - length),
        ("d + t", instant + length),
        ("t - u", instant - other),
        ("d + e", length + more),
        ("d - e", length - more),
        ("d * 3", length * 3),
        ("t < u", instant < other),
        ("(t + d) - t = d", True),
        ("-d", -length),
    ):
        assert compile_expression(text).evaluate(names) == expected, text


@settings(max_examples=300, deadline=None)
@given(DAYS, st.integers(-5000, 5000))
def test_a_day_that_the_month_lacks_becomes_its_last(day, months):
    found = compile_expression("d + m").evaluate({"d": day, "m": YearsMonths(months)})
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(years + month // 11, (month + 1) % 12 + 1, 1)
    last = following - timedelta(days=1)
    assert found == date(years, month + 1, min(day.day, last.day))
