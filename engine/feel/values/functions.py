"""Functions as values: those that a model writes, those that are built in, those handed in from outside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.feel.types import ANY, FeelType, coerce


class FeelFunction:
    """Something that can be called with values in the order of its parameters."""

    __slots__ = ("name", "parameters", "result")

    def __init__(
        self, name: str, parameters: Sequence[tuple[str, FeelType]] = (), result: FeelType = ANY
    ) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.result = result

    def call(self, arguments: Sequence[Any]) -> Any:
        """Return what the function gives for `arguments`; null for what it does not take."""
        raise TypeError(f"{type(self).__name__} cannot be called")

    def call_named(self, arguments: Mapping[str, Any]) -> Any:
        """Return what the function gives for arguments by name; null for a name that it does not know."""
        names = [name for name, _ in self.parameters]
        if set(arguments) != set(names):
            return None
        return self.call([arguments[name] for name in names])


class Closure(FeelFunction):
    """A function that a model writes: typed parameters, a body in Python."""

    __slots__ = ("body",)

    def __init__(
        self,
        parameters: Sequence[tuple[str, FeelType]],
        body: Callable[[Sequence[Any]], Any],
        result: FeelType = ANY,
        name: str = "",
    ) -> None:
        super().__init__(name, parameters, result)
        self.body = body

    def call(self, arguments: Sequence[Any]) -> Any:
        """Coerce the arguments, run the body, coerce the result (DMN 1.5, 10.3.2.9.4)."""
        if len(arguments) != len(self.parameters):
            return None
        given = []
        for value, (_, kind) in zip(arguments, self.parameters, strict=True):
            fits, coerced = coerce(value, kind)
            if not fits:
                return None
            given.append(coerced)
        return coerce(self.body(given), self.result)[1]


class Foreign(FeelFunction):
    """A Python function handed in. Its errors of type and value are FEEL's null; any other goes through."""

    __slots__ = ("function",)

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        super().__init__(name, [(parameter, ANY) for parameter in _parameters(function)])
        self.function = function

    def call(self, arguments: Sequence[Any]) -> Any:
        """Call it with `arguments`."""
        try:
            return self.function(*arguments)
        except (TypeError, ValueError, ArithmeticError, OverflowError):
            return None


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [parameter.name.replace("_", " ") for parameter in parameters]


def as_function(value: Any, name: str = "") -> FeelFunction | None:
    """Return `value` as a function that FEEL can call, or None."""
    if isinstance(value, FeelFunction):
        return value
    return Foreign(name, value) if callable(value) else None
