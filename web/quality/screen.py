"""The screen's addresses put together."""

from __future__ import annotations

from web.quality import accountability, coding, improvement, publicity, regulator, supervision
from web.quality.routes import blueprint

__all__ = ["accountability", "blueprint", "coding", "improvement", "publicity", "regulator", "supervision"]
