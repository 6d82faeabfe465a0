"""Taking turns at SQLite's one writer lock, between the threads and processes of one machine.

SQLite lets whoever asks at the right moment have the lock; who waits asks again after ever longer pauses. A
worker that fires ten thousand timers then leaves a user's request waiting for seconds. Here two files make a
turnstile: one is held by whoever writes, one by whoever is next. Who has just written cannot pass by the one
who is next.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import clock

PATIENCE_S = 15.0
"""After how long to go on without a turn: then SQLite's own lock decides, and its refusal tells the user."""

_FIRST_S, _LONGEST_S = 0.0002, 0.002
_AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB


class Turns:
    """The turnstile of one database file. Locks fall with the process that holds them, however it ends."""

    def __init__(self, database: Path) -> None:
        self._next = database.with_name(f"{database.name}-next")
        self._now = database.with_name(f"{database.name}-now")
        self._held = threading.local()
        self._threads = _Threads()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the caller's turn to write, and keep it for the block."""
        until = clock.monotonic() + PATIENCE_S
        files, threads = self._files(), self._threads_here()
        is_ours = False
        try:
            is_next = threads.following.acquire(timeout=PATIENCE_S)
            try:
                if _lock(files.following, until):
                    try:
                        is_ours = threads.writing.acquire(timeout=PATIENCE_S)
                        _lock(files.writing, until)
                    finally:
                        fcntl.flock(files.following, fcntl.LOCK_UN)
            finally:
                if is_next:
                    threads.following.release()
            yield
        finally:
            fcntl.flock(files.writing, fcntl.LOCK_UN)
            if is_ours:
                threads.writing.release()

    def _threads_here(self) -> _Threads:
        """Return the turnstile between the threads of this process: who waits there is woken at once."""
        if self._threads.process != os.getpid():  # forked, perhaps while a thread of the parent held it
            self._threads = _Threads()
        return self._threads

    def _files(self) -> _Files:
        """Return the files of this thread in this process: opening them costs more than locking them."""
        files: _Files | None = getattr(self._held, "files", None)
        if files is None or files.process != os.getpid():
            files = self._held.files = _Files(self._now, self._next)
        return files


class _Threads:
    """The same two locks between the threads of one process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.writing, self.following = threading.Lock(), threading.Lock()


class _Files:
    """Handles of one thread's own: locks belong to handles, and fall when they are closed."""

    def __init__(self, writing: Path, following: Path) -> None:
        self.process = os.getpid()
        self.writing, self.following = _opened(writing), _opened(following)

    def __del__(self) -> None:
        os.close(self.writing)
        os.close(self.following)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(handle: int, until: float) -> bool:
    pause = _FIRST_S
    while True:
        try:
            fcntl.flock(handle, _AT_ONCE)
        except BlockingIOError:
            if clock.monotonic() > until:
                return False
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_S)
        else:
            return True
