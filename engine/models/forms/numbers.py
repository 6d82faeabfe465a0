"""Numbers as form-js reads them, without the loss of binary fractions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NUMERAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*", re.ASCII)
_LARGEST_EXPONENT = 308  # as of a double, which is what the browser holds


def to_decimal(value: Any) -> Decimal | None:
    """Return a number or numeral as Decimal; None where it is none, or beyond the range of a double."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > 1024:
        return None
    text = value if isinstance(value, str) else str(value)
    if len(text) > 400 or not _NUMERAL.fullmatch(text):
        return None
    number = Decimal(text.strip())
    return number if abs(number.adjusted()) <= _LARGEST_EXPONENT else None


def plain_number(number: Decimal) -> int | Decimal:
    """Return whole numbers as int, others as Decimal without trailing zeros."""
    if number == number.to_integral_value():
        return int(number)
    return number.normalize()


def count_decimals(number: Decimal) -> int:
    """Return the number of digits after the point, trailing zeros aside."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def show(number: Decimal) -> str:
    """Return the number as a text without exponent."""
    plain = plain_number(number)
    return str(plain) if isinstance(plain, int) else f"{plain:f}"
