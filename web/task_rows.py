"""Rows of the task list as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import clock
from engine.read.four_eyes import Bar
from web import words
from web.gettext import gettext
from web.language import label_of
from web.times import Limit, natural_limit, working_limit

_Count = Callable[..., Limit]


def with_limits(rows: list[dict[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Add to each task its limit in words, what its assignee and its lender are called, and whether the day
    until which it is lent has passed (`is_out`).
    """
    for row in rows:
        since = row["received_at"] or row["created_at"]
        stopped = row["ended_at"]
        count: _Count = natural_limit if row["due_kind"] == "statute" else working_limit
        row["limit"] = count(row["due_at"], since, stopped_at=stopped) if row["due_at"] else None
        row["other"] = _other_clock(row) if stopped is None else None
        row["owner_name"] = names.get(row["owner"], row["owner"])
        row["is_out"] = row["lent_until"] is not None and row["lent_until"] <= clock.now()
        row["assignee_name"] = names.get(row["assignee"], row["assignee"])
    return rows


def why_not(bar: Bar) -> str:
    """Return what keeps somebody else from a task, in words."""
    if bar.why == "step":
        return gettext("four eyes: did “%(step)s”", step=label_of({"name": bar.step, "labels": bar.labels}))
    return words.word(words.KEPT_FROM, bar.why)


def _other_clock(row: Mapping[str, Any]) -> tuple[str, Limit] | None:
    """Return the clock that is not shown as the limit, where it is near or past, too: both are warned of."""
    is_statute = row["due_kind"] == "statute"
    due_at = row["extended_until"] or row["policy_due_at"] if is_statute else row["statutory_due_at"]
    if due_at is None:
        return None
    count: _Count = working_limit if is_statute else natural_limit
    kind, limit = "policy" if is_statute else "statute", count(due_at, row["received_at"])
    return (kind, limit) if limit.state != "fine" else None
