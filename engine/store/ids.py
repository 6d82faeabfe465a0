"""Identifiers: UUIDv7 as text, so that keys made later sort later and rows land at the end of an index."""

from __future__ import annotations

from datetime import datetime

from uuid_utils import uuid7


def new_id() -> str:
    """Return a new identifier: 32 hexadecimal digits, ascending with time."""
    return uuid7().hex


def least_id(made: datetime) -> str:
    """Return what no identifier made at that instant (real time, aware) or later sorts before."""
    return f"{int(made.timestamp() * 1000):012x}".ljust(32, "0")
