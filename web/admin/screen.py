"""The screen's addresses put together: the lists, people, departments."""

from __future__ import annotations

from web.admin import departments, people
from web.admin.routes import blueprint

__all__ = ["blueprint", "departments", "people"]
