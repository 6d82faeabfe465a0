"""Which complaint numbers have a text in them: counted out, not looked for; they run from 1 on each day."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from engine.domain.complaint import number_head, serial_text
from engine.read import narrow
from engine.store.tables.cases import ComplaintCounter

_COUNTER = ComplaintCounter.__table__.c
_CHARACTERS = frozenset(number_head("0123456789"))


def numbers_with(session: Session, part: str) -> frozenset[str] | None:
    """Return the complaint numbers that have `part` in them; None where they are more than NARROW."""
    part = part.upper()
    if not _CHARACTERS.issuperset(part):
        return frozenset()
    before, hyphen, rest = part.rpartition("-")
    begins, ends = number_head("|").split("|")
    head_of_day = literal(begins) + _COUNTER.day + ends  # what is before the last hyphen is in the day's head
    has_head = head_of_day.contains(before + hyphen, autoescape=True)
    days = session.execute(select(_COUNTER.day, _COUNTER.last).where(has_head)).all()
    serials = _serials(max((day.last for day in days), default=0), rest, begins=bool(hyphen))
    found: list[str] = []
    for day, last in days:
        head = number_head(day)
        fitting: Iterable[int] = ()
        if part in head:
            fitting = range(1, last + 1)
        elif not hyphen or (rest and head.endswith(before + hyphen)):
            fitting = (serial for serial in serials if serial <= last)
        found += (head + serial_text(serial) for serial in fitting)
        if len(found) > narrow.NARROW:
            return None
    return frozenset(found)


def _serials(last: int, digits: str, *, begins: bool) -> list[int]:
    """Return those of 1 to `last` whose text has these digits in it, or begins with them."""
    if not digits.isdecimal():
        return []
    texts = ((serial, serial_text(serial)) for serial in range(1, last + 1))
    return [serial for serial, text in texts if (text.startswith(digits) if begins else digits in text)]
