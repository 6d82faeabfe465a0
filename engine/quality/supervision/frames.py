"""The frame of a sample, kept in parts of so many cases: a million take some megabytes, and are written and
read without ever being held at once (R42).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.store.base import table_of
from engine.store.tables.quality import QualityFramePart

PART = table_of(QualityFramePart)
CASES_A_PART = 20_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case of a frame: its weight, and why it weighs more than others."""

    no: str
    weight: float
    risks: tuple[str, ...]


class FrameParts:
    """Packs the cases of a frame as they come; `rows` are what is kept of them."""

    def __init__(self, file_no: str) -> None:
        self._file_no = file_no
        self._lines: list[bytes] = []
        self.cases = 0
        self._rows: list[dict[str, Any]] = []

    def add(self, case: Weighed) -> None:
        """Take the next case, in the order of their numbers."""
        self._lines.append(orjson.dumps([case.no, case.weight, case.risks]))
        self.cases += 1
        if len(self._lines) == CASES_A_PART:
            self._pack()

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of all parts."""
        if self._lines:
            self._pack()
        return self._rows

    def _pack(self) -> None:
        row = {"file_no": self._file_no, "part": len(self._rows) + 1, "cases": len(self._lines)}
        self._rows.append({**row, "content": gzip.compress(b"\n".join(self._lines), mtime=0)})
        self._lines = []


def kept_frame(session: Session, file_no: str) -> Iterator[Weighed]:
    """Give the cases of a kept frame in their order, a part at a time.

    Raises Conflict (it cannot be read).
    """
    numbers = session.scalars(select(PART.c.part).where(PART.c.file_no == file_no).order_by(PART.c.part))
    for part in numbers.all():
        content = select(PART.c.content).where(PART.c.file_no == file_no, PART.c.part == part)
        yield from _unpacked(session.scalars(content).one(), file_no)


def _unpacked(content: bytes, file_no: str) -> Iterable[Weighed]:
    try:
        for line in gzip.decompress(content).split(b"\n"):
            no, weight, risks = orjson.loads(line)
            yield Weighed(str(no), float(weight), tuple(risks))
    except (OSError, EOFError, zlib.error, ValueError, TypeError) as error:
        raise Conflict(f"the kept frame of {file_no} cannot be read: it was changed afterwards") from error
