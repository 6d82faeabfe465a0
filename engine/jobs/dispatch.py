"""The contract of a dispatcher: who carries out what is ready and due, on one machine or on many.

The tables of jobs and timers are ours under every dispatcher, and so are retries, incidents and chores. A
dispatcher only brings what is ready to a worker soon; what it loses is found in our tables.
"""

from __future__ import annotations

from typing import Protocol

from engine.jobs.local import LocalDispatcher
from engine.runtime.runtime import Runtime


class Dispatcher(Protocol):
    """Carries out jobs, fires timers and does chores until it is stopped."""

    def start(self) -> None:
        """Begin to work, in threads of its own."""

    def wake(self) -> None:
        """A step was committed in this process: something may be ready."""

    def stuck(self) -> list[str]:
        """Return the names of what hangs, so that the worker is better started anew."""

    def stop(self) -> bool:
        """Begin nothing more and wait for what is at work; return whether all of it ended in time."""


def dispatcher_for(rt: Runtime) -> Dispatcher:
    """Return the dispatcher of the settings, not yet at work."""
    if rt.config.dispatcher == "local":
        return LocalDispatcher(rt)
    from engine.jobs.cluster import ClusterDispatcher

    return ClusterDispatcher(rt)


def prepare(rt: Runtime) -> None:
    """Have every step of this process tell the dispatcher of the settings which jobs are ready."""
    if rt.config.dispatcher == "cluster":
        from engine.jobs.cluster import enqueue

        rt.enqueue = enqueue
