"""The whole screen: importing this module ties every view to its blueprint."""

from __future__ import annotations

from web.operations import instance, verbs
from web.operations.routes import blueprint

__all__ = ["blueprint", "instance", "verbs"]
