"""The screen's addresses put together."""

from __future__ import annotations

from web.quality import improvement, publicity, regulator, supervision
from web.quality.routes import blueprint

__all__ = ["blueprint", "improvement", "publicity", "regulator", "supervision"]
