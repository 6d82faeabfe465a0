"""What open tasks have in common that lists narrow them by, as one text: there are few of them, however many
tasks there are, so that every combination of filters is some ranges of one index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.domain.complaint import Status

OF_COMPLAINT = ("grade", "category", "channel", "status")
"""The columns of a complaint that its tasks' kind holds."""
NO_TRAITS = "|||"
"""The traits of a task that belongs to no complaint."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of open task, read from its `text`; `runs` says whether the clocks of its case do (D2)."""

    text: str
    process_id: str
    element_id: str
    grade: int | None
    category: str | None
    channel: str | None
    runs: bool


def traits_of(complaint: Mapping[str, Any]) -> str:
    """Return the part of a kind that a complaint gives to its tasks, from the columns OF_COMPLAINT."""
    grade, category, channel, status = (complaint[name] for name in OF_COMPLAINT)
    runs = "" if Status(status).stops_clocks else "runs"
    return f"{grade or ''}|{category or ''}|{channel or ''}|{runs}"


def kind_of(process_id: str, element_id: str, traits: str) -> str:
    """Return the kind of a task, as it stands in its row. Ids of elements and codes have no bar."""
    return f"{process_id}|{element_id}|{traits}"


def read_kind(text: str) -> Kind:
    """Read what `kind_of` wrote."""
    process_id, element_id, grade, category, channel, runs = text.split("|")
    return Kind(
        text,
        process_id,
        element_id,
        int(grade) if grade else None,
        category or None,
        channel or None,
        bool(runs),
    )
