"""Rows of the task list as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.times import natural_limit, working_limit


def with_limits(rows: list[dict[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Add to each task its limit in words and what its assignee is called."""
    for row in rows:
        since = row["received_at"] or row["created_at"]
        stopped = row["ended_at"]
        count = natural_limit if row["due_kind"] == "statute" else working_limit
        row["limit"] = count(row["due_at"], since, stopped_at=stopped) if row["due_at"] else None
        row["assignee_name"] = names.get(row["assignee"], row["assignee"])
    return rows
