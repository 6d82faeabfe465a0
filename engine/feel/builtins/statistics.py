"""Functions over all members of a list: min, max, sum, mean and so on (DMN 1.5, table 76)."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.types import kind_of
from engine.feel.values import arithmetic
from engine.feel.values.compare import order
from engine.feel.values.numbers import CONTEXT, Number, number_of, whole_if_exact

_SUMMABLE = ("number", "days and time duration", "years and months duration")


def over_list(name: str) -> Callable[[Callable[[Sequence[Any]], Any]], Callable[[Sequence[Any]], Any]]:
    """Register a function that takes a list, or the members as arguments."""

    def register(function: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
        builtin(name, "list: list")(function)
        builtin(name, "n1: any, n2: any, n*: any")(lambda *members: function(members))
        return function

    return register


def _extreme(members: Sequence[Any], sign: int) -> Any:
    if not members:
        return None
    best = members[0]
    for member in members:
        found = order(member, best)
        if found is None:
            return None
        if found * sign > 0:
            best = member
    return best


@over_list("min")
def least(members: Sequence[Any]) -> Any:
    """Return the least member; null for none, or for members without an order."""
    return _extreme(members, -1)


@over_list("max")
def greatest(members: Sequence[Any]) -> Any:
    """Return the greatest member; null for none, or for members without an order."""
    return _extreme(members, 1)


@over_list("sum")
def total(members: Sequence[Any]) -> Any:
    """Return the sum; null for no members, or for one that is neither number nor duration."""
    if not members or kind_of(members[0]) not in _SUMMABLE:
        return None
    found = members[0]
    for member in members[1:]:
        found = arithmetic.add(found, member)
    return found


@over_list("product")
def product(members: Sequence[Any]) -> Any:
    """Return the product of numbers."""
    numbers = _numbers(members)
    if not numbers:
        return None
    found: Any = numbers[0]
    for number in numbers[1:]:
        found = arithmetic.multiply(found, number)
    return found


@over_list("mean")
def mean(members: Sequence[Any]) -> Any:
    """Return the arithmetic mean."""
    found = total(members)
    return None if found is None else arithmetic.divide(found, len(members))


@over_list("median")
def median(members: Sequence[Any]) -> Any:
    """Return the middle number, or the mean of the two in the middle."""
    numbers = _numbers(members)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return arithmetic.divide(arithmetic.add(numbers[middle - 1], numbers[middle]), 2)


@over_list("stddev")
def standard_deviation(members: Sequence[Any]) -> Any:
    """Return the standard deviation of a sample; null for fewer than two numbers."""
    numbers = _numbers(members)
    if numbers is None or len(numbers) < 2:
        return None
    with decimal.localcontext(CONTEXT) as wide:
        wide.prec = 50
        values = [Decimal(number) for number in numbers]
        middle = sum(values, Decimal(0)) / len(values)
        squares = Decimal(0)
        for value in values:
            squares += (value - middle) ** 2
        root = (squares / (len(values) - 1)).sqrt()
    return whole_if_exact(CONTEXT.plus(root))


@over_list("mode")
def mode(members: Sequence[Any]) -> Any:
    """Return the numbers that stand there most often, ascending."""
    numbers = _numbers(members)
    if numbers is None:
        return None
    counts: dict[Number, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def _numbers(members: Sequence[Any]) -> list[Number] | None:
    found = [number_of(member) for member in members]
    return (
        None
        if any(number is None for number in found)
        else [number for number in found if number is not None]
    )
