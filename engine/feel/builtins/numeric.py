"""Numeric functions (DMN 1.5, table 74)."""

from __future__ import annotations

import decimal
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.values.durations import YearsMonths
from engine.feel.values.numbers import CONTEXT, Number, number_of, whole_if_exact

SMALLEST_SCALE, LARGEST_SCALE = -6111, 6176


def to_scale(n: Number, scale: Number, rounding: str) -> Number | None:
    """Return `n` with `scale` digits behind the point; None for a scale beyond what numbers have."""
    places = int(scale)
    if not SMALLEST_SCALE <= places <= LARGEST_SCALE:
        return None
    value = Decimal(n)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places and places > 0 and value.adjusted() + places > 33:
        return n
    wide = decimal.Context(prec=7000, rounding=rounding, Emin=-99999, Emax=99999)
    found = CONTEXT.plus(wide.quantize(value, Decimal(1).scaleb(-places, wide)))
    return whole_if_exact(found) if places <= 0 else found


@builtin("decimal", "n: number, scale: number")
def decimal_(n: Number, scale: Number) -> Any:
    """Round half to even."""
    return to_scale(n, scale, decimal.ROUND_HALF_EVEN)


def _rounding(name: str, mode: str, *, needs_scale: bool) -> None:
    def function(n: Number, scale: Number = 0) -> Any:
        return to_scale(n, scale, mode)

    builtin(name, "n: number, scale: number" if needs_scale else "n: number, scale?: number")(function)


_rounding("floor", decimal.ROUND_FLOOR, needs_scale=False)
_rounding("ceiling", decimal.ROUND_CEILING, needs_scale=False)
_rounding("round up", decimal.ROUND_UP, needs_scale=True)
_rounding("round down", decimal.ROUND_DOWN, needs_scale=True)
_rounding("round half up", decimal.ROUND_HALF_UP, needs_scale=True)
_rounding("round half down", decimal.ROUND_HALF_DOWN, needs_scale=True)


@builtin("abs", "n: number|duration")
def absolute(n: Any) -> Any:
    """Return the value without its sign."""
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.months))
    return abs(n) if isinstance(n, int | timedelta) else CONTEXT.abs(n)


_EXACT = decimal.Context(prec=13_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
"""Digits enough for the whole quotient of any two numbers, so that no remainder is lost to rounding."""


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Number, divisor: Number) -> Any:
    """Return dividend - divisor * floor(dividend / divisor), with the divisor's sign."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    remainder = _EXACT.remainder(Decimal(dividend), Decimal(divisor))
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = _EXACT.add(remainder, Decimal(divisor))
    return whole_if_exact(CONTEXT.plus(remainder))


@builtin("sqrt", "number: number")
def square_root(number: Number) -> Any:
    """Return the square root; null below zero."""
    return None if number < 0 else whole_if_exact(CONTEXT.sqrt(Decimal(number)))


@builtin("log", "number: number")
def logarithm(number: Number) -> Any:
    """Return the natural logarithm; null unless above zero."""
    return whole_if_exact(CONTEXT.ln(Decimal(number))) if number > 0 else None


@builtin("exp", "number: number")
def exponential(number: Number) -> Any:
    """Return e ** number."""
    return whole_if_exact(CONTEXT.exp(Decimal(number)))


@builtin("odd", "number: number")
def odd(number: Number) -> bool:
    """Return whether a number is odd."""
    return bool(number % 2)


@builtin("even", "number: number")
def even(number: Number) -> bool:
    """Return whether a number is even."""
    return not number % 2


@builtin("random number")
def random_number() -> Number:
    """Return a number from 0 to below 1 (Camunda)."""
    return number_of(random.SystemRandom().random()) or 0
