"""The screen of the channels, put together: every module of it adds its addresses."""

from __future__ import annotations

from web.intake import records
from web.intake.routes import blueprint

__all__ = ["blueprint", "records"]
