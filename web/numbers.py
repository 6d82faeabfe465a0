"""Whole numbers that somebody typed."""

from __future__ import annotations

from typing import Final

LARGEST: Final = 2**31 - 1
"""What a column of whole numbers holds on both databases."""


def whole(text: str) -> int | None:
    """Return the number that `text` spells in digits 0 to 9; None for anything else, and past `LARGEST`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST)):
        return None
    number = int(text)
    return number if number <= LARGEST else None
