"""The screen's addresses put together: clauses, open terms, coverage, partners."""

from __future__ import annotations

from web.policy import partners
from web.policy.routes import blueprint

__all__ = ["blueprint", "partners"]
