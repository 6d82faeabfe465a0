"""Whatever the values are, FEEL answers with a value: its own errors are null."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import FeelError
from engine.feel import FeelSyntaxError, Range, YearsMonths, compile_expression
from engine.feel.builtins import BUILTINS
from engine.feel.types import kind_of

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=8),
    st.sampled_from(["[", "a*", "2026-01-01", "P1D", "Asia/Shanghai", "$1", "%s"]),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.timedeltas(),
    st.builds(YearsMonths, st.integers(-(10**12), 10**12)),
    st.builds(Range, st.integers(-5, 5), st.integers(-5, 5), st.booleans(), st.booleans()),
    st.just(lambda *_: True),
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "key"]), inner, max_size=2)
    ),
    max_leaves=6,
)
OPERATIONS = (
    "a + b",
    "a - b",
    "a * b",
    "a / b",
    "a ** b",
    "-a",
    "a = b",
    "a < b",
    "a in b",
    "a in [b..c]",
    "a between b and c",
    "a[b]",
    "a[item > b]",
    "a.year",
    "a.days",
    "a and b or c",
    "if a then b else c",
    "for x in a return x + b",
    "some x in a satisfies x = b",
    "{p: a, q: p}.q",
    "a instance of list<number>",
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(OPERATIONS), values, values, values)
def test_operators_answer_for_all_values(text, a, b, c):
    try:
        found = compile_expression(text).evaluate({"a": a, "b": b, "c": c})
    except FeelError:
        return
    assert kind_of(found) != "unknown"


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(BUILTINS)), st.lists(values, max_size=4))
def test_built_in_functions_answer_for_all_values(name, arguments):
    text = f"{name}({', '.join('abcd'[: len(arguments)])})"
    try:
        found = compile_expression(text).evaluate(dict(zip("abcd", arguments, strict=False)))
    except FeelError:
        return
    assert kind_of(found) != "unknown"


TOKENS = [
    "1",
    "2.5",
    '"a"',
    "true",
    "null",
    "a",
    "b",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "..",
    "+",
    "-",
    "*",
    "/",
    "**",
    "=",
    "!=",
    "<",
    "<=",
    "and",
    "or",
    "not",
    "(",
    "in",
    "between",
    "if",
    "then",
    "else",
    "for",
    "return",
    "some",
    "every",
    "satisfies",
    "instance",
    "of",
    "function",
    "(",
    "item",
    "?",
    '@"P1D"',
    "date",
    "(",
    "count",
    "(",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14))
def test_any_text_is_an_expression_or_a_syntax_error(tokens):
    text = " ".join(tokens)
    try:
        found = compile_expression(text).evaluate({"a": [1, 2], "b": {"a": 1}})
    except FeelSyntaxError as error:
        found = text[error.position :]
    assert kind_of(found) != "unknown"


SAMPLES = (
    1,
    Decimal("-2.50"),
    'text "quoted"',
    True,
    date(2026, 1, 31),
    time(10, 30, tzinfo=UTC),
    datetime(2026, 1, 31, 10, 30, tzinfo=UTC),
    timedelta(days=-1, seconds=5),
    YearsMonths(-14),
)


def test_what_string_writes_is_read_again():
    for sample in SAMPLES:
        text = compile_expression("string([x])").evaluate({"x": sample})
        inner = text[1:-1]
        literal = f'@"{inner}"' if kind_of(sample) not in ("number", "string", "boolean") else inner
        assert compile_expression(literal).evaluate({}) == sample
