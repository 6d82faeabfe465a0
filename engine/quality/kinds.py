"""THE table of the kinds of quality files: their process, their numbers, who sees all of them, how they end.

Process owners draw what happens to a file; what may not be drawn away stands here as a guard, which is asked
whenever an element gives the file a status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Conflict

NUMBER = re.compile(r"(?:IM|IN|CK|FD|AC)-\d{4}-\d{4,}", re.ASCII)
CANCELLED = "cancelled"
"""The status of every file whose instance an operator ended."""

Records = Mapping[str, Any]
Guard = Callable[[str, Records], None]


def no_guard(status: str, records: Records) -> None:
    """Let a file have any status of its kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `read_all` is the permission that shows every file of it; `defining` are the kinds of
    record whose plain fields become facts of the file; `final` are the statuses that close it.
    """

    name: str
    series: str
    process_id: str
    read_all: str
    first: str
    under_way: tuple[str, ...]
    final: tuple[str, ...]
    defining: frozenset[str] = field(default_factory=frozenset)
    guard: Guard = no_guard

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status, in the order in which a file passes them."""
        return (self.first, *self.under_way, *self.final, CANCELLED)

    def check(self, status: str, records: Records) -> None:
        """Raise Conflict where a file of this kind cannot have this status now."""
        if status not in self.statuses:
            raise Conflict(f"a file of the kind {self.name} is never {status!r}: {', '.join(self.statuses)}")
        self.guard(status, records)


def _effect_is_proven(status: str, records: Records) -> None:
    """A measure ends as effective only where the last comparison shows it (R58, R59)."""
    if status == "effective" and (records.get("comparison") or {}).get("verdict") != "effective":
        raise Conflict(
            "the figures do not show that the measure was effective; analyse the cause again (R59)"
        )


IMPROVEMENT: Final = Kind(
    "improvement",
    "IM",
    "improvement",
    "improvement.read_all",
    "proposed",
    ("under_way", "done", "evaluating", "reopened"),
    ("effective", "dropped"),
    frozenset({"measure"}),
    _effect_is_proven,
)

KINDS: Final[Mapping[str, Kind]] = {each.name: each for each in (IMPROVEMENT,)}


def kind_of(name: str) -> Kind:
    """Return a kind by its name. Raises LookupError for one that is not in the table."""
    return KINDS[name]
