"""One thing with many tasks: each in a step of its own, so that one that cannot keeps back no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.errors import RedressError

MOST = 500


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one task; `detail` says why it was refused, and what to do."""

    id: str
    done: bool
    detail: str | None = None


def in_bulk(task_ids: Iterable[str], act: Callable[[str], None]) -> list[Result]:
    """Carry out `act`, a verb of the runtime, on each task and tell what came of it, in the order given."""
    return [_one(task_id, act) for task_id in dict.fromkeys(task_ids)]


def _one(task_id: str, act: Callable[[str], None]) -> Result:
    try:
        act(task_id)
    except RedressError as error:
        return Result(task_id, done=False, detail=error.message)
    return Result(task_id, done=True)
