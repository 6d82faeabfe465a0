"""The screen's addresses put together: reading, registering, changing."""

from __future__ import annotations

from web.complaints import changes, dates, registration
from web.complaints.routes import blueprint

__all__ = ["blueprint", "changes", "dates", "registration"]
