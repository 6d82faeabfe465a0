"""Somebody who goes on completing tasks while a worker has much to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.runtime.commands import start_instance
from tests.bench.figures import Figure
from tests.bench.models import TASKS, VARIABLES
from tests.bench.ours import Ours

EACH_S = 0.05
"""How long somebody waits before the next task."""
INSTANCES = 300


def prepared_steps(ours: Ours) -> Iterator[float]:
    """Start instances; then give the seconds of one completion after the other, each done when asked for."""
    keys = [start_instance(ours.redress.runtime, ours.actor, "bench", VARIABLES) for _ in range(INSTANCES)]
    return (ours.complete_some(key, 1)[0] for _ in range(TASKS) for key in keys)


@contextmanager
def working_on(steps: Iterator[float]) -> Iterator[list[float]]:
    """Let somebody work through the block; the list has the seconds of each step."""
    ended, taken = threading.Event(), list[float]()

    def work() -> None:
        for step in steps:
            taken.append(step)
            if ended.wait(EACH_S):
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()


def step_figures(steps: list[float], when: str) -> list[Figure]:
    """Return the median and the 95th of 100."""
    ordered = sorted(steps)
    at = {share: int(share / 100 * (len(ordered) - 1)) for share in (50, 95)}
    return [
        Figure(f"a person's step, p{share}, {when}", round(ordered[place] * 1000, 1), "ms")
        for share, place in at.items()
    ]
