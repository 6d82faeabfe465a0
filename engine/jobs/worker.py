"""A worker: a process that lets a dispatcher work until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.jobs.dispatch import Dispatcher, dispatcher_for
from engine.runtime.runtime import Runtime

BEAT_S = 1.0


def run_worker(rt: Runtime, *, beat: Callable[[], None] = lambda: None) -> None:
    """Work until the process is told to stop; `beat` is called each second while nothing hangs.

    What is at work then is ended, what is not begun stays for the next worker. Raises ConfigurationError.
    """
    dispatcher = started(rt)
    ended = threading.Event()
    try:
        while not ended.wait(BEAT_S):
            if not dispatcher.stuck():
                beat()
    finally:
        dispatcher.stop()


def started(rt: Runtime) -> Dispatcher:
    """Return the dispatcher of the settings, at work in threads of its own. Raises ConfigurationError."""
    dispatcher = dispatcher_for(rt)
    rt.wake = dispatcher.wake
    dispatcher.start()
    return dispatcher
