"""The clauses of the policy in our own words, and what the program alone promises of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

_RANGE = re.compile(r"\bR([1-9]\d?)(?:\s*[\u2013-]\s*R([1-9]\d?))?")


@dataclass(frozen=True, slots=True)
class Guard:
    """A promise that no diagram can make: the function that keeps it, and the test that holds it to it."""

    function: str
    test: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its id (R1 to R70) and its short text by language."""

    id: str
    text: Mapping[str, str] = field(compare=False)
    guards: tuple[Guard, ...] = ()


@cache
def clauses() -> tuple[Clause, ...]:
    """Return all clauses in their order."""
    text = (resources.files("engine.domain.policy") / "clauses.toml").read_text("utf-8")
    return tuple(
        Clause(
            entry["id"],
            MappingProxyType(entry["text"]),
            tuple(Guard(guard["function"], guard["test"]) for guard in entry.get("guard", ())),
        )
        for entry in tomllib.loads(text)["clause"]
    )


def named_in(text: str) -> Iterator[str]:
    """Give the clauses that a text names, ranges (R17 to R20, written with a dash) spelt out."""
    for first, last in _RANGE.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"R{number}"
