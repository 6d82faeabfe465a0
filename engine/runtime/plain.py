"""Values of variables as JSON: numbers stay numbers where JSON can hold them exactly, instants end in Z."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.feel.values.durations import text_of_duration

LONGEST: Final = 20
"""More digits than any whole number has that JSON's readers take."""
_LARGE: Final = 2**63


def plain(value: Any) -> Any:
    """Return `value` as JSON holds it."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGE else str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return instant(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return text_of_duration(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)


def instant(value: datetime) -> str:
    """Return an aware instant in UTC: 2026-11-24T01:02:03Z, with a fraction where it has one."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return plain(int(value)) if value.adjusted() < LONGEST else str(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
