"""What a complaint is made of: its number, the closed lists of its fields, and how its status may move."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from engine.errors import Conflict, InvalidInput

NUMBER_PATTERN = re.compile(r"[A-Z0-9-]{6,24}", re.ASCII)
NUMBER_PREFIX = "RC"
CHANNEL_PATTERN = re.compile(r"[a-z][a-z0-9_-]{1,19}", re.ASCII)


class Status(StrEnum):
    """Where a complaint stands; each value is also the milestone that leads there."""

    REGISTERED = "registered"
    HANDLING = "handling"
    DECIDED = "decided"
    NOTIFIED = "notified"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    NOT_A_COMPLAINT = "not_a_complaint"

    @property
    def stops_clocks(self) -> bool:
        """Whether the limits no longer run: the result was sent (Art. 21, D2) or the case has ended."""
        return self not in (Status.REGISTERED, Status.HANDLING, Status.DECIDED)

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return not MOVES[self]


class Category(StrEnum):
    """The four classes of the policy (R13, R14)."""

    BUSINESS = "business"
    SERVICE = "service"
    PRODUCT = "product"
    OTHER = "other"


class Channel(StrEnum):
    """The channels that come with Redress (R4); owners may add to them in `process.toml`."""

    HOTLINE = "hotline"
    EMAIL = "email"
    CHAT = "chat"
    LETTER = "letter"
    COUNTER = "counter"
    PORTAL = "portal"
    REGULATOR = "regulator"
    PARTNER = "partner"
    SMS = "sms"
    MEDIA = "media"
    COURT = "court"
    OTHER = "other"


class PreferredContact(StrEnum):
    """How the customer wants to be answered (R30)."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


_S = Status
MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        _S.REGISTERED: frozenset({_S.HANDLING, _S.DECIDED, _S.NOTIFIED, _S.WITHDRAWN, _S.NOT_A_COMPLAINT}),
        _S.HANDLING: frozenset({_S.DECIDED, _S.NOTIFIED, _S.WITHDRAWN, _S.NOT_A_COMPLAINT}),
        # A plan that the management sends back is handled again (R24, R26).
        _S.DECIDED: frozenset({_S.HANDLING, _S.NOTIFIED, _S.WITHDRAWN}),
        _S.NOTIFIED: frozenset({_S.ARCHIVED}),
        _S.ARCHIVED: frozenset(),
        _S.WITHDRAWN: frozenset(),
        _S.NOT_A_COMPLAINT: frozenset(),
    }
)
"""From each status to those that may follow it."""
UNFINISHED: tuple[str, ...] = tuple(str(status) for status in Status if not status.is_final)
"""The statuses of cases of which something is still to follow."""


def may_move(current: Status, to: Status) -> bool:
    """Tell whether `to` may follow `current`. The same again, as in a loop, changes nothing."""
    return to in MOVES[current] or (to is current and not current.is_final)


def check_move(complaint_no: str, current: str, to: str) -> Status:
    """Return the status that a milestone leads to. Raises Conflict where it may not follow `current`."""
    before, after = Status(current), Status(to)
    if not may_move(before, after):
        allowed = ", ".join(sorted(MOVES[before])) or "nothing: the case has ended"
        raise Conflict(
            f"complaint {complaint_no} is {before} and cannot become {after}; what may follow is {allowed}"
        )
    return after


def complaint_number(day: date, count: int) -> str:
    """Return the number of the `count`-th complaint (from 1) registered on local date `day`.

    Such as RC-20261124-000123. Raises InvalidInput where it would grow past 24 characters.
    """
    number = number_head(f"{day:%Y%m%d}") + serial_text(count)
    if count < 1:
        raise InvalidInput(f"complaints of a day are counted from 1, not from {count}")
    return check_number(number)


def number_head(day: str) -> str:
    """Return what all numbers of a day (YYYYMMDD) begin with."""
    return f"{NUMBER_PREFIX}-{day}-"


def serial_text(count: int) -> str:
    """Return what the number of the `count`-th complaint of a day ends with."""
    return f"{count:06d}"


def check_number(text: str) -> str:
    """Return `text` when it has the form of a complaint number (capitals, digits, hyphens; 6 to 24)."""
    if not NUMBER_PATTERN.fullmatch(text):
        raise InvalidInput(
            "a complaint number has 6 to 24 capital letters, digits and hyphens, as RC-20261124-000123"
        )
    return text
