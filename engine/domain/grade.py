"""Grades of gravity: 1 is the gravest (一級), 3 the mildest (三級) (R15, R16).

How many days each has is not here: the number stands on the limit's timer in the diagram.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum
from typing import Any

from engine.errors import InvalidInput


class Grade(IntEnum):
    """A complaint's grade; as a number it is smaller the graver the complaint is."""

    ONE = 1
    TWO = 2
    THREE = 3


MILDEST = Grade.THREE
"""Also the grade whose limit holds while a complaint has none yet."""


def read_grade(value: Any) -> Grade:
    """Return the grade that `value` (1, 2, 3, also as text or Decimal) stands for. Raises InvalidInput."""
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
        return Grade(int(number) if number == number.to_integral_value() else 0)
    except (TypeError, ValueError, ArithmeticError) as error:
        message = f"{value!r} is no grade; it takes 1 (gravest), 2 or 3"
        raise InvalidInput(message, {"grade": [message]}) from error


def milder(grade: int, than: int) -> bool:
    """Tell whether `grade` is milder than the grade `than`: that change needs a superior's approval (R15)."""
    return grade > than


def gravest(grades: Iterable[int]) -> Grade:
    """Return the gravest of several: it decides where there are several issues (D7). Raises InvalidInput."""
    given = [Grade(grade) for grade in grades]
    if not given:
        raise InvalidInput("there is no gravest of no grades")
    return min(given)
