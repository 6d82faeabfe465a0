"""Taking turns at SQLite's one writer lock, between the threads and processes of one machine.

SQLite lets whoever asks at the right moment have the lock; who waits asks again after ever longer pauses. A
worker that fires ten thousand timers then leaves a user's request waiting for seconds. Here two files make a
turnstile: one is held by whoever writes, one by whoever is next. Who has just written cannot pass by the one
who is next.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import clock

PATIENCE_S = 15.0
"""After how long to go on without a turn: then SQLite's own lock decides, and its refusal tells the user."""

_FIRST_S, _LONGEST_S = 0.0002, 0.002


class Turns:
    """The turnstile of one database file. Locks fall with the process that holds them, however it ends."""

    def __init__(self, database: Path) -> None:
        self._next = database.with_name(f"{database.name}-next")
        self._now = database.with_name(f"{database.name}-now")

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the caller's turn to write, and keep it for the block."""
        until = clock.monotonic() + PATIENCE_S
        with _opened(self._now) as writing:
            with _opened(self._next) as following:
                if _lock(following, until):
                    _lock(writing, until)
            yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Give a handle of the caller's own: locks belong to handles, and fall when they are closed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, until: float) -> bool:
    pause = _FIRST_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() > until:
                return False
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_S)
        else:
            return True
