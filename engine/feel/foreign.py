"""Functions that a model says are written in Java.

DMN lets a model name a Java method or a PMML model (DMN 1.5, 10.3.2.13.3). No foreign code runs here, and
nothing is looked up by name but in the tables below: the mathematics and conversions of `java.lang`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.feel.limits import checked_text
from engine.feel.types import ANY, FeelType
from engine.feel.values.functions import Closure
from engine.feel.values.numbers import Number, number_of, whole_if_exact

_SIGNATURE = re.compile(r"\s*(\w+)\s*\(([^()]*)\)\s*")
_WHOLE = {"byte": 7, "short": 15, "int": 31, "long": 63}
_REAL = ("double", "float")
_PLACEHOLDER = re.compile(r"%(?:[-+0]*\d{0,3}(?:\.\d{1,2})?[sdfx]|%)")

_MATH: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "atan2": math.atan2,
    "cbrt": lambda x: math.copysign(abs(x) ** (1 / 3), x),
    "ceil": math.ceil,
    "cos": math.cos,
    "cosh": math.cosh,
    "exp": math.exp,
    "floor": math.floor,
    "hypot": math.hypot,
    "log": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "pow": math.pow,
    "rint": round,
    "round": lambda x: math.floor(x + 0.5),
    "signum": lambda x: (x > 0) - (x < 0),
    "sin": math.sin,
    "sinh": math.sinh,
    "sqrt": math.sqrt,
    "tan": math.tan,
    "tanh": math.tanh,
    "toDegrees": math.degrees,
    "toRadians": math.radians,
}
_NUMBERS = {"Byte": int, "Short": int, "Integer": int, "Long": int, "Float": float, "Double": float}
_PARSERS = ("valueOf", "parseByte", "parseShort", "parseInt", "parseLong", "parseFloat", "parseDouble")


def _format(template: str, values: Any) -> str:
    given = list(values) if isinstance(values, list | tuple) else [values]
    if "%" in _PLACEHOLDER.sub("", template):
        raise ValueError(template)
    return checked_text(template % tuple(given))


_TEXTS: dict[str, Callable[..., Any]] = {"valueOf": str, "format": _format}


def foreign_function(where: Any, parameters: Sequence[tuple[str, FeelType]]) -> Closure | None:
    """Return the function that `{java: {class: ..., method signature: ...}}` names; None if unknown."""
    java = where.get("java") if isinstance(where, Mapping) else None
    if not isinstance(java, Mapping):
        return None
    found = _SIGNATURE.fullmatch(str(java.get("method signature", "")))
    if found is None:
        return None
    kinds = [kind.strip() for kind in found.group(2).split(",") if kind.strip()]
    method = _method(str(java.get("class", "")), found.group(1), kinds)
    if method is None:
        return None

    def invoke(arguments: Sequence[Any]) -> Any:
        try:
            given = [_argument(value, kind) for value, kind in zip(arguments, kinds, strict=True)]
            return _result(method(*given))
        except (TypeError, ValueError, ArithmeticError):
            return None

    return Closure([(name, ANY) for name, _ in parameters], invoke)


def _method(owner: str, name: str, kinds: Sequence[str]) -> Callable[..., Any] | None:
    package, _, short = owner.rpartition(".")
    if package != "java.lang":
        return None
    if short == "Math":
        return _MATH.get(name) if all(kind in _WHOLE or kind in _REAL for kind in kinds) else None
    if short in _NUMBERS:
        return _NUMBERS[short] if name in _PARSERS else None
    if short == "String":
        return _TEXTS.get(name)
    return None


def _argument(value: Any, kind: str) -> Any:
    """Return a FEEL value as Java would take it. Raises ValueError or TypeError when it would not."""
    if kind in _WHOLE or kind in _REAL:
        number = number_of(value)
        if number is None:
            raise TypeError(kind)
        if kind in _REAL:
            return float(number)
        if abs(number) >= 2 ** _WHOLE[kind]:
            raise ValueError(kind)
        return int(number)
    if kind == "char":
        if not isinstance(value, str) or len(value) != 1:
            raise TypeError(kind)
        return value
    if kind in ("java.lang.String", "String"):
        if not isinstance(value, str):
            raise TypeError(kind)
        return value
    if kind in ("[Ljava.lang.Object;", "java.lang.Object...", "java.lang.Object", "boolean"):
        return value
    raise TypeError(kind)


def _result(value: Any) -> Number | str | bool | None:
    if isinstance(value, str | bool):
        return value
    return whole_if_exact(number_of(value))
