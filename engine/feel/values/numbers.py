"""Numbers: 34 decimal digits (DMN 1.5, 10.3.2.3.1). Whole numbers stay Python ints, which are faster."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any, TypeAlias

Number: TypeAlias = int | Decimal

DIGITS = 34
LARGEST_INT: int = 10**DIGITS
"""Whole numbers from here on are rounded to 34 digits."""

CONTEXT = decimal.Context(
    prec=DIGITS,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def number_of(value: Any) -> Number | None:
    """Return `value` as a FEEL number, or None when it is none (a boolean is not; nor is NaN)."""
    kind = type(value)
    if kind is int:
        return value  # type: ignore[no-any-return]
    if kind is Decimal:
        return value if value.is_finite() else None
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        found = Decimal(repr(value))
        return found if found.is_finite() else None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal):
        return Decimal(value) if value.is_finite() else None
    return None


def rounded(value: int) -> Number:
    """Return a whole number within 34 digits: itself, or the nearest Decimal."""
    if -LARGEST_INT < value < LARGEST_INT:
        return value
    try:
        return CONTEXT.plus(Decimal(value))
    except (decimal.DecimalException, ValueError):
        return 0


def add(left: Number, right: Number) -> Number | None:
    """Return the sum, or None on overflow."""
    if type(left) is int and type(right) is int:
        return rounded(left + right)
    return _guarded(CONTEXT.add, left, right)


def subtract(left: Number, right: Number) -> Number | None:
    """Return the difference, or None on overflow."""
    if type(left) is int and type(right) is int:
        return rounded(left - right)
    return _guarded(CONTEXT.subtract, left, right)


def multiply(left: Number, right: Number) -> Number | None:
    """Return the product, or None on overflow."""
    if type(left) is int and type(right) is int:
        return rounded(left * right)
    return _guarded(CONTEXT.multiply, left, right)


def divide(left: Number, right: Number) -> Number | None:
    """Return the quotient, or None when `right` is zero."""
    if right == 0:
        return None
    if type(left) is int and type(right) is int and left % right == 0:
        return left // right
    return _guarded(CONTEXT.divide, left, right)


def power(base: Number, exponent: Number) -> Number | None:
    """Return base ** exponent, or None where it is not a real number or too large."""
    if base == 0 and exponent == 0:
        return 1
    found = _guarded(CONTEXT.power, base, exponent)
    return whole_if_exact(found) if type(base) is int and type(exponent) is int else found


def negate(value: Number) -> Number:
    """Return -value."""
    return -value if type(value) is int else CONTEXT.minus(value)


def whole_if_exact(value: Number | None) -> Number | None:
    """Return an int where `value` is a whole number of at most 34 digits, else `value`."""
    if isinstance(value, Decimal) and abs(value) < LARGEST_INT and value == value.to_integral_value():
        return int(value)
    return value


def parse_number(text: str) -> Number | None:
    """Return the number that plain digits spell, or None."""
    try:
        found = CONTEXT.create_decimal(text)
    except decimal.DecimalException:
        return None
    if not found.is_finite():
        return None
    return int(found) if text.lstrip("+-").isdigit() and len(text) <= DIGITS else found


def text_of_number(value: Number) -> str:
    """Return plain digits, without an exponent."""
    if isinstance(value, Decimal):
        return format(value, "f") if value else format(abs(value), "f")
    return str(value)


def _guarded(operation: Any, left: Number, right: Number) -> Number | None:
    try:
        found: Decimal = operation(left, right)
    except decimal.DecimalException:
        return None
    return found if found.is_finite() else None
