"""What an evaluation did, kept beside its value: which rules matched, with which inputs and outputs."""

from __future__ import annotations

from typing import Any

TRACE = "\0trace"
"""Under this name, which no expression can write, a scope holds the explanation of its evaluation."""


def note(scope: Any, entry: dict[str, Any]) -> None:
    """Add an entry to the explanation of the evaluation that `scope` belongs to, if it keeps one."""
    try:
        entries = scope[TRACE]
    except KeyError:
        return
    if isinstance(entries, list):
        entries.append(entry)
