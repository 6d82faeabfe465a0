"""Calls at the same moment: what two people, or two workers, do to one another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from engine.errors import RedressError


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Begin the calls together, each in a thread; return what each gave in their order, refusals among it."""
    together = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return call()
        except RedressError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
