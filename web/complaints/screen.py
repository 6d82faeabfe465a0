"""The screen's addresses put together: reading, registering, changing."""

from __future__ import annotations

from web.complaints import changes, customers, dates, letters, registration
from web.complaints.routes import blueprint

__all__ = ["blueprint", "changes", "customers", "dates", "letters", "registration"]
