"""How a built-in function says its names and parameters, and how it is called.

A signature is written as in the specification's tables:
`"string: string, start position: number, length?: number"`. A mark `?` behind a name makes it optional,
`*` lets it repeat or be left out, `|null` lets null through to the function; otherwise a null argument, like
one of another kind, makes the result null (DMN 1.5, 10.3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from engine.feel.types import ANY, FeelType, kind_of, simple_type
from engine.feel.values.functions import FeelFunction
from engine.feel.values.numbers import number_of

C = TypeVar("C", bound=Callable[..., Any])
BUILTINS: dict[str, FeelFunction] = {}

_GROUPS = {
    "temporal": frozenset(["date", "date and time"]),
    "duration": frozenset(["days and time duration", "years and months duration"]),
}
_PLAIN: dict[type, str] = {int: "number", str: "string", bool: "boolean", list: "list", dict: "context"}
_QUIET = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class Parameter:
    """One parameter of a signature."""

    __slots__ = ("kinds", "name", "null", "optional", "plain", "repeats", "takes_list")

    def __init__(self, text: str) -> None:
        name, _, kinds = text.partition(":")
        name, wanted = name.strip(), [kind.strip() for kind in kinds.split("|")]
        self.optional, self.repeats = name.endswith("?"), name.endswith("*")
        self.name = name.rstrip("?*")
        self.null = "null" in wanted or "any" in wanted
        self.takes_list = "list" in wanted
        kinds_found: set[str] = set()
        for kind in wanted:
            kinds_found |= _GROUPS.get(kind, frozenset([kind]))
        self.kinds = frozenset() if "any" in wanted else frozenset(kinds_found - {"null"})
        # Python types that are taken as they are, without another look.
        self.plain = frozenset(
            plain for plain, kind in _PLAIN.items() if kind in self.kinds or not self.kinds
        )

    def accept(self, value: Any) -> tuple[bool, Any]:
        """Return whether the parameter takes `value`, and as what."""
        if value is None:
            return self.null, None
        if not self.kinds:
            return True, value
        kind = kind_of(value)
        if kind in self.kinds:
            return (True, value) if kind != "number" else _number(value)
        if self.takes_list:
            return True, [value]
        if kind == "list" and len(value) == 1:
            return self.accept(value[0])
        return False, None


def _number(value: Any) -> tuple[bool, Any]:
    found = number_of(value)
    return found is not None, found


class Signature:
    """One way to call a built-in function."""

    __slots__ = ("function", "least", "most", "names", "parameters")

    def __init__(self, text: str, function: Callable[..., Any]) -> None:
        self.function = function
        self.parameters = [Parameter(part) for part in text.split(",")] if text else []
        self.names = [parameter.name for parameter in self.parameters]
        self.least = sum(not (parameter.optional or parameter.repeats) for parameter in self.parameters)
        repeats = any(parameter.repeats for parameter in self.parameters)
        self.most = 1_000_000 if repeats else len(self.parameters)

    def call(self, arguments: Sequence[Any]) -> Any:
        """Check the arguments and call; null when one does not fit."""
        given = []
        parameters = self.parameters
        last = len(parameters) - 1
        for place, value in enumerate(arguments):
            parameter = parameters[min(place, last)]
            kind = type(value)
            if kind in parameter.plain:
                given.append(value)
                continue
            fits, taken = parameter.accept(value)
            if not fits:
                return None
            given.append(taken)
        try:
            return self.function(*given)
        except _QUIET:
            return None

    def call_named(self, arguments: Mapping[str, Any]) -> Any:
        """Call by the names of the parameters; an optional one that is left out is null."""
        given: list[Any] = []
        for parameter in self.parameters:
            if parameter.name in arguments:
                fits, taken = parameter.accept(arguments[parameter.name])
            else:
                fits, taken = parameter.optional, _LEFT_OUT
            if not fits:
                return None
            given.append(taken)
        while given and given[-1] is _LEFT_OUT:
            given.pop()
        if _LEFT_OUT in given:
            given = [None if value is _LEFT_OUT else value for value in given]
        try:
            return self.function(*given)
        except _QUIET:
            return None


_LEFT_OUT = type("LeftOut", (), {})()


class Builtin(FeelFunction):
    """A built-in function with one or more signatures."""

    __slots__ = ("_by_count", "signatures")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.signatures: list[Signature] = []
        self._by_count: dict[int, tuple[Signature, ...]] = {}

    def add(self, signature: Signature) -> None:
        """Add another way to call it; the first one is the function's type."""
        self.signatures.append(signature)
        self._by_count = {
            count: tuple(one for one in self.signatures if one.least <= count <= one.most)
            for count in range(_COUNTED)
        }
        if len(self.signatures) == 1:
            self.parameters = tuple((one.name, _type_of(one)) for one in signature.parameters)

    def call(self, arguments: Sequence[Any]) -> Any:
        """Call the first signature that takes this many arguments and gives something."""
        for signature in self._by_count[min(len(arguments), _COUNTED - 1)]:
            found = signature.call(arguments)
            if found is not None:
                return found
        return None

    def call_named(self, arguments: Mapping[str, Any]) -> Any:
        """Call the signature that has all these names."""
        for signature in self.signatures:
            if set(arguments) <= set(signature.names):
                found = signature.call_named(arguments)
                if found is not None:
                    return found
        return None


_COUNTED = 16
"""No signature has as many parameters, so that one which takes this many takes any number."""


def _type_of(parameter: Parameter) -> FeelType:
    return (simple_type(next(iter(parameter.kinds))) or ANY) if len(parameter.kinds) == 1 else ANY


def builtin(name: str, signature: str = "") -> Callable[[C], C]:
    """Register a function under a FEEL name with one signature; repeat it for more."""

    def register(function: C) -> C:
        known = BUILTINS.get(name)
        if not isinstance(known, Builtin):
            known = BUILTINS[name] = Builtin(name)
        known.add(Signature(signature, function))
        return function

    return register
