"""The built-in functions, by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import YearsMonths, compile_expression

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('substring("foobar", 0)', None),
        ('string length("\\U01F40E")', 1),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('matches("foobar", "^fo*b")', True),
        ('matches("FOO", "foo", "i")', True),
        ('matches("x", "[")', None),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("abracadabra", ".*?", "$1")', None),
        ('split("John Doe", "\\\\s")', ["John", "Doe"]),
        ('extract("a1b22", "[0-9]+")', ["1", "22"]),
        ('string join(["a", null, "c"], "-")', "a-c"),
        ('string join(["a", 1])', None),
        ('string format("%s of %s: 100%%", ["one", 2])', "one of 2: 100%"),
        ('string({a: [1, "x"], b c: null})', '{a: [1, "x"], b c: null}'),
        ("string(null)", None),
        ('number("1.000,50", ".", ",")', Decimal("1000.50")),
        ('number("1e3x")', None),
        ("decimal(2.5, 0)", 2),
        ("round half up(2.5, 0)", 3),
        ("round down(-1.129, 2)", Decimal("-1.12")),
        ("floor(-1.5)", -2),
        ("ceiling(1.56, 1)", Decimal("1.6")),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, -4.5)", Decimal("-3.4")),
        ("modulo(10**40, 3)", 1),
        ("modulo(-(10**6000), 7.5)", 5),
        ("modulo(1e-6000, 1e6000)", Decimal("1e-6000")),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("log(0)", None),
        ("min(3, 1, 2)", 1),
        ('max([@"2026-01-01", @"2025-01-01"])', date(2026, 1, 1)),
        ('max(1, "a")', None),
        ("sum([])", None),
        ("mean([1, 2])", Decimal("1.5")),
        ("median([8, 2, 5, 7])", 6),
        ("mode([6, 1, 9, 6, 1])", [1, 6]),
        ("stddev([47])", None),
        ("all([true, null])", None),
        ("any(false, true)", True),
        ("sublist([1, 2, 3], -2)", [2, 3]),
        ("insert before([1, 2], 2, 9)", [1, 9, 2]),
        ("list replace([2, 4], function(item, new) item > new, 3)", [2, 3]),
        ("remove([1, 2], 3)", None),
        ('distinct values([1, "1", 1.0, null, [1], [1]])', [1, "1", None, [1]]),
        ("duplicate values([1, 2, 1])", [1]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ('get value({a: {b: 1}}, ["a", "b"])', 1),
        ('context put({x: 1}, ["y", "z"], 2)', {"x": 1, "y": {"z": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ("get or else(missing, 3)", 3),
        ("is defined(missing)", False),
        ("assert(1, 1 > 2)", None),
        ('is(@"10:00:00", @"10:00:00Z")', False),
        ("overlaps after([3..8], [1..5])", True),
        ("meets([1..5], [5..10])", True),
        ("includes([1..10], (1..10))", True),
        ('range("(1..3]").start included', False),
        ('range("[1+1..3]")', None),
        ('to base64("FEEL")', "RkVFTA=="),
        ('from json("{\\"a\\": [1, 2.5, null]}")', {"a": [1, Decimal("2.5"), None]}),
        ('to json({a: [1, 2.5], d: @"2026-01-01"})', '{"a":[1,2.5],"d":"2026-01-01"}'),
        ('range("(..3]").end', 3),
        ("concatenate([1])", [1]),
        ("0 ** 0", 1),
        ("for x in 5 return x", None),
        ("substring()", None),
        ('substring(text: "x", start position: 1)', None),
    ],
)
def test_a_function_gives_what_the_standard_says(text, expected):
    assert compile_expression(text).evaluate({}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-02-29")', None),
        ('@"2020-01-31" + @"P1M"', date(2020, 2, 29)),
        ('@"2020-03-31" - @"P1M"', date(2020, 2, 29)),
        ('@"2020-01-01" + @"PT36H"', date(2020, 1, 2)),
        ('@"2020-01-02" - @"2020-01-01"', timedelta(days=1)),
        ('@"23:00:00" + @"PT2H"', time(1)),
        ('string(@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H")', "2026-03-29T03:30:00@Europe/Paris"),
        ('@"2026-01-01T10:00:00Z" - @"2026-01-01T10:00:00+08:00"', timedelta(hours=8)),
        ('@"2026-01-01T10:00:00Z" - @"2026-01-01T10:00:00"', None),
        ('@"2026-01-01T10:00:00Z" = @"2026-01-01T18:00:00@Asia/Shanghai"', True),
        ('date and time("2017-08-10T10:20:00@Europe/Paris")', datetime(2017, 8, 10, 10, 20, tzinfo=PARIS)),
        ('date and time("2017-08-10T10:20:00@No/Where")', None),
        ('date and time(@"2020-01-01", @"10:00:00Z")', datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ('time(11, 59, 45, @"-PT2H").time offset', timedelta(hours=-2)),
        ('string(date and time("-99999-12-31T11:22:33.123456789"))', "-99999-12-31T11:22:33.123456789"),
        ('string(@"99999-12-31" + @"P1D")', "100000-01-01"),
        ('@"P1Y" * 1.5', YearsMonths(18)),
        ('@"PT10H" / @"PT4H"', Decimal("2.5")),
        ('string(@"PT36H")', "P1DT12H"),
        ('string(-@"P14M")', "-P1Y2M"),
        ('duration("P1M1D")', None),
        ('years and months duration(@"2020-01-31", @"2020-03-30")', YearsMonths(1)),
        ('day of week(@"2026-01-01")', "Thursday"),
        ('week of year(@"2005-01-01")', 53),
        ('day of year(@"2020-12-31")', 366),
        ('last day of month(@"2024-02-03")', date(2024, 2, 29)),
        ('@"2026-01-01".weekday', 4),
        ('for d in @"2026-01-01"..@"2026-01-03" return d.day', [1, 2, 3]),
        ("from unix timestamp(1500).second", Decimal("1.5")),
        ('unix timestamp(@"1970-01-01T00:00:01Z")', 1000),
    ],
)
def test_dates_times_and_durations_follow_the_calendar(text, expected):
    assert compile_expression(text).evaluate({}) == expected
