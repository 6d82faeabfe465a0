"""How much one evaluation may do. FEEL cannot loop for ever, but it can be made to try."""

from __future__ import annotations

from typing import Any

from engine.errors import FeelError, Message

MAX_TEXT = 50_000
"""Characters of an expression's text."""
MAX_NESTING = 60
"""Levels of brackets, functions and operators inside one another in a text."""
MAX_STEPS = 500_000
"""Loop turns and function calls of one evaluation."""
MAX_LIST = 200_000
"""Members of a list that an expression builds."""
MAX_MEMBERS = 500_000
"""Members of a value in all, counting one that stands in two places twice."""
MAX_DEPTH = 100
"""Levels of lists and contexts inside one another in a value."""
FREE = 64
"""Members or characters that a value may have for the price of one step."""
MAX_STRING = 1_000_000
"""Characters of a string that an expression builds."""
MAX_PATTERN_SECONDS = 0.5
"""Time that one regular expression may take on one text."""

BUDGET = "\0budget"
"""Under this name, which no expression can write, a scope holds the budget of its evaluation."""


class Budget:
    """Counts the steps of one evaluation."""

    __slots__ = ("left",)

    def __init__(self, left: int = MAX_STEPS) -> None:
        self.left = left

    def spend(self, steps: int = 1) -> None:
        """Count `steps`. Raises FeelError when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise FeelError(
                Message(
                    "the expression took more than {most} steps; loop over fewer items or let it end sooner",
                    most=MAX_STEPS,
                )
            )


def budget_of(scope: Any) -> Budget:
    """Return the budget of the evaluation that `scope` belongs to."""
    try:
        found = scope[BUDGET]
    except KeyError:
        return Budget()
    return found if isinstance(found, Budget) else Budget()


def checked_list(items: list[Any]) -> list[Any]:
    """Return `items`. Raises FeelError when there are more than MAX_LIST."""
    if len(items) > MAX_LIST:
        raise FeelError(
            Message(
                "a list of {count} members is too long; at most {most} are allowed",
                count=len(items),
                most=MAX_LIST,
            )
        )
    return items


def checked_text(text: str) -> str:
    """Return `text`. Raises FeelError when it is longer than MAX_STRING."""
    if len(text) > MAX_STRING:
        raise FeelError(
            Message(
                "a string of {count} characters is too long; at most {most} are allowed",
                count=len(text),
                most=MAX_STRING,
            )
        )
    return text


def charge(scope: Any, value: Any) -> None:
    """Count steps for a long string or list that the evaluation of `scope` makes or goes through."""
    kind = type(value)
    if (kind is list or kind is str) and len(value) > FREE:
        budget_of(scope).spend(len(value) // FREE)


def check_size(value: Any) -> None:
    """Raise FeelError when a value holds more than MAX_MEMBERS in all, or is deeper than MAX_DEPTH.

    A list that holds another one twice, which holds a third one twice and so on, takes few steps to make and
    for ever to read.
    """
    left = MAX_MEMBERS
    level, depth = [value], 0
    while level:
        inner: list[Any] = []
        for one in level:
            left -= len(one)
            if left < 0:
                raise FeelError(
                    Message("a value has more than {most} members in all; make it smaller", most=MAX_MEMBERS)
                )
            members = one.values() if type(one) is dict else one
            inner.extend(member for member in members if type(member) is list or type(member) is dict)
        level, depth = inner, depth + 1
        if depth > MAX_DEPTH:
            raise FeelError(
                Message(
                    "a value has more than {most} levels inside one another; make it flatter", most=MAX_DEPTH
                )
            )


def checked_value(value: Any) -> Any:
    """Return `value`. Raises FeelError when it is too large or too deep."""
    if type(value) is list or type(value) is dict:
        check_size(value)
    return value
