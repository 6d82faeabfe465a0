"""How much one evaluation may do. FEEL cannot loop for ever, but it can be made to try."""

from __future__ import annotations

from typing import Any

from engine.errors import FeelError

MAX_TEXT = 50_000
"""Characters of an expression's text."""
MAX_NESTING = 60
"""Levels of brackets, functions and operators inside one another in a text."""
MAX_STEPS = 500_000
"""Loop turns and function calls of one evaluation."""
MAX_LIST = 200_000
"""Members of a list that an expression builds."""
MAX_STRING = 1_000_000
"""Characters of a string that an expression builds."""
MAX_PATTERN_SECONDS = 1.0
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
                f"the expression took more than {MAX_STEPS} steps; loop over fewer items or let it end sooner"
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
        raise FeelError(f"a list of {len(items)} members is too long; at most {MAX_LIST} are allowed")
    return items


def checked_text(text: str) -> str:
    """Return `text`. Raises FeelError when it is longer than MAX_STRING."""
    if len(text) > MAX_STRING:
        raise FeelError(f"a string of {len(text)} characters is too long; at most {MAX_STRING} are allowed")
    return text
