"""The screen's addresses put together."""

from __future__ import annotations

from web.quality import accountability, coding, contests, improvement, publicity, regulator, supervision
from web.quality.routes import blueprint

__all__ = [
    "accountability",
    "blueprint",
    "coding",
    "contests",
    "improvement",
    "publicity",
    "regulator",
    "supervision",
]
