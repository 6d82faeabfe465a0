"""FEEL in a form: what is hidden, what is computed, what bounds a value.

Names are resolved as in form-js: the values of the form and its context by name, `this` for the row in which
the field stands (the whole form outside rows), `parent` for what lies around the row, `i` for the numbers of
the rows from 1; with underscores around them (`_this_`) also where a field has such a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.errors import FeelError
from engine.feel import Expression, UnaryTests, compile_expression, compile_unary_tests


def is_expression(value: object) -> bool:
    """Return whether `value` is FEEL, that is, a text that begins with `=`."""
    return isinstance(value, str) and value.startswith("=")


@dataclass(frozen=True, slots=True)
class Value:
    """A FEEL expression that yields a value."""

    text: str
    compiled: Expression

    @classmethod
    def compile(cls, text: str) -> Self:
        """Compile `=...`. Raises FeelSyntaxError."""
        return cls(text, compile_expression(text[1:].strip()))

    @property
    def unknown_functions(self) -> frozenset[str]:
        """What it calls although FEEL has no such function."""
        return self.compiled.unknown_functions

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return the value; None where FEEL cannot say, as the browser does."""
        try:
            return self.compiled.evaluate(scope)
        except FeelError:
            return None


@dataclass(frozen=True, slots=True)
class Condition:
    """A FEEL condition: unary tests on no value, as form-js has them.

    So a condition that comes out as null holds, as null equals the value that is not there: `=amount > 5`
    hides its field as long as there is no amount.
    """

    text: str
    tests: UnaryTests

    @classmethod
    def compile(cls, text: str) -> Self:
        """Compile `=...`. Raises FeelSyntaxError."""
        return cls(text, compile_unary_tests(text[1:].strip()))

    @property
    def unknown_functions(self) -> frozenset[str]:
        """What it calls although FEEL has no such function."""
        return self.tests.unknown_functions

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """Return whether the condition is true; errors are not."""
        try:
            return self.tests.matches(None, scope) is True
        except FeelError:
            return False


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the data an expression stands."""

    this: Any
    parent: Any
    rows: tuple[int, ...]

    def row(self, item: Any, number: int) -> Place:
        """Return the place inside a row: `item` is its data, `number` counts from 1."""
        around = {"this": self.this, "parent": self.parent, "i": list(self.rows)}
        return Place(item, _around(around, self.this), (*self.rows, number))

    def scope(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the names that an expression here may read."""
        return _around({"this": self.this, "parent": self.parent, "i": list(self.rows)}, data)


def outermost(data: Mapping[str, Any]) -> Place:
    """Return the place of the form itself."""
    return Place(data, None, ())


def _around(special: Mapping[str, Any], data: Any) -> dict[str, Any]:
    named = data if isinstance(data, Mapping) else {}
    return {**special, **named, **{f"_{name}_": value for name, value in special.items()}}
