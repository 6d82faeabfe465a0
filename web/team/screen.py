"""The screen of a team, put together: the board, and absences."""

from __future__ import annotations

from web.team import absences
from web.team.routes import blueprint

__all__ = ["absences", "blueprint"]
