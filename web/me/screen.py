"""The screen's addresses put together: one's settings, and the devices of one's own."""

from __future__ import annotations

from web.me import devices
from web.me.routes import blueprint

__all__ = ["blueprint", "devices"]
