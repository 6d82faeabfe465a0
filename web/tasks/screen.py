"""The screen's addresses put together: lists and forms, and what is done with tasks."""

from __future__ import annotations

from web.tasks import actions, lists, shortcuts
from web.tasks.routes import blueprint

__all__ = ["actions", "blueprint", "lists", "shortcuts"]
