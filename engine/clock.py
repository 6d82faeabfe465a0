"""The one source of time: aware UTC instants.

Nothing else in Redress reads the wall clock. In demo and test the clock can be set and advanced:
it then runs on from the instant that was set. A setting made by one process is written to a file
(`use_file`), so that the web, the job worker and the command line agree on what time it is.
"""

from __future__ import annotations

import json
import os
import threading
import time as _time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.errors import ConfigurationError

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""The clock can be set to instants between the two: further away nobody could count a limit any more."""

_lock = threading.Lock()
_offset = timedelta(0)
_file: Path | None = None
_file_seen: tuple[int, int] | None = None
_settable = False


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    _follow_file()
    return datetime.now(UTC) + _offset


def real_now() -> datetime:
    """Return the wall clock's instant, aware, in UTC, whatever the clock was set to.

    For what the world outside dates (files, codes, other machines), and what no setting of the clock may end.
    """
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds from an arbitrary start, for measuring how long something took."""
    return _time.monotonic()


def seconds_since_change(path: Path) -> float:
    """Return for how many real seconds a file has been as it is, whatever the clock was set to."""
    return _time.time() - path.stat().st_mtime


def use_file(path: Path | None, *, settable: bool) -> None:
    """Share the clock's setting through `path`; `settable` is false in production (nothing is read then)."""
    global _file, _file_seen, _settable, _offset
    with _lock:
        _file, _file_seen, _settable, _offset = path, None, settable, timedelta(0)
    _follow_file()


def set_to(instant: datetime) -> None:
    """Let the clock go on from `instant` (aware). Raises ConfigurationError where it may not be set so."""
    if instant.tzinfo is None:
        raise ConfigurationError(
            "the clock takes an instant with an offset, such as 2026-03-02T09:00:00+08:00"
        )
    _set_offset(instant - datetime.now(UTC))


def advance(by: timedelta) -> None:
    """Move the clock by `by`, which may be negative. Raises ConfigurationError where it may not be set so."""
    now()
    try:
        moved = _offset + by
    except OverflowError:
        moved = by
    _set_offset(moved)


def reset() -> None:
    """Return to the wall clock."""
    _set_offset(timedelta(0))


def offset() -> timedelta:
    """Return how far the clock is ahead of the wall clock."""
    _follow_file()
    return _offset


def _set_offset(value: timedelta) -> None:
    global _offset, _file_seen
    if not _settable:
        raise ConfigurationError("the clock can be set only with REDRESS_ENV=demo or test")
    now = datetime.now(UTC)
    if not EARLIEST - now <= value < LATEST - now:
        raise ConfigurationError(f"the clock takes instants from {EARLIEST.year} to {LATEST.year - 1}")
    with _lock:
        _offset = value
        if _file is not None:
            _file.parent.mkdir(parents=True, exist_ok=True)
            draft = _file.with_suffix(f".{os.getpid()}.new")
            draft.write_text(json.dumps({"offset_s": value.total_seconds()}))
            draft.replace(_file)
            _file_seen = _stamp(_file)


def _follow_file() -> None:
    global _offset, _file_seen
    if _file is None or not _settable:
        return
    stamp = _stamp(_file)
    if stamp == _file_seen or stamp is None:
        return
    with _lock:
        try:
            _offset = timedelta(seconds=float(json.loads(_file.read_text())["offset_s"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{_file} is damaged; remove it, and set the clock again") from error
        _file_seen = stamp


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - asked at every look at the clock: half the time of Path.stat
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino
