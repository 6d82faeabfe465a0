"""The register of parameters: what policy and law leave open, each with a default and who it serves (R1).

Values are whole numbers; what they count is the unit. Which value holds on a day follows from dated
decisions: the newest one that is in force on that day, else the default. So a case can be judged by the
values of the day on which it was received, whatever was decided since.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Parameter:
    """One term: its default, bounds (both included), what it counts, and the clauses that it serves."""

    name: str
    default: int
    least: int
    most: int
    unit: str
    clauses: tuple[str, ...]
    assumption: bool
    """Whether neither the policy nor the law names the value."""
    text: Mapping[str, str] = field(compare=False)

    def check(self, value: Any) -> int:
        """Return `value` as a whole number within the bounds. Raises InvalidInput by field."""
        try:
            number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value).strip())
            whole = int(number) if number == number.to_integral_value() else None
        except (InvalidOperation, ValueError, OverflowError):
            whole = None
        if whole is None or not self.least <= whole <= self.most:
            message = f"takes a whole number from {self.least} to {self.most}"
            raise InvalidInput(f"{self.name} {message}", {"value": [message]})
        return whole


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that a parameter has another value from a local date on."""

    name: str
    value: int
    effective_from: date


@dataclass(frozen=True)
class Parameters:
    """All parameters with the decisions taken so far; two with the same version are the same."""

    version: str
    decided: tuple[Decided, ...] = field(repr=False, compare=False)
    """In the order in which they were taken: of two for the same day the later one holds."""

    def value(self, name: str, day: date) -> int:
        """Return the value of a parameter in force on a local date. Raises NotFound for an unknown name."""
        default = parameter(name).default
        held = [
            (decision.effective_from, place, decision.value)
            for place, decision in enumerate(self.decided)
            if decision.name == name and decision.effective_from <= day
        ]
        return max(held)[2] if held else default

    def is_decided(self, name: str, day: date) -> bool:
        """Whether a decision, not the default, gives the value on `day`."""
        return any(each.name == name and each.effective_from <= day for each in self.decided)

    def __hash__(self) -> int:
        return hash(self.version)


DEFAULTS = Parameters("defaults", ())
"""Nothing decided: every parameter has its default."""


def parameters_of(decisions: Iterable[Decided], version: str) -> Parameters:
    """Return the parameters with `decisions`, in the order in which they were taken."""
    return Parameters(version, tuple(decisions))


@cache
def register() -> Mapping[str, Parameter]:
    """Return every parameter by name, in the order of the file."""
    text = (resources.files("engine.domain.policy") / "parameters.toml").read_text("utf-8")
    return MappingProxyType({entry["name"]: _read(entry) for entry in tomllib.loads(text)["parameter"]})


def parameter(name: str) -> Parameter:
    """Return a parameter. Raises NotFound with the names nearest to it."""
    try:
        return register()[name]
    except KeyError:
        from difflib import get_close_matches

        near = get_close_matches(name, register(), 3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise NotFound(f"there is no parameter {name!r}{hint}") from None


def _read(entry: Mapping[str, Any]) -> Parameter:
    least, most = entry["range"]
    return Parameter(
        name=entry["name"],
        default=entry["default"],
        least=least,
        most=most,
        unit=entry["unit"],
        clauses=tuple(entry["clauses"]),
        assumption=entry["assumption"],
        text=MappingProxyType(entry["text"]),
    )
