"""The screen's addresses put together: counts, and figures with their cases."""

from __future__ import annotations

from web.reports import analyses, coding, figures, frozen, leaks, records
from web.reports.routes import blueprint

__all__ = ["analyses", "blueprint", "coding", "figures", "frozen", "leaks", "records"]
