"""What can be said of a decision model before it runs."""

from __future__ import annotations

from engine.decisions.lint.check import check_model

__all__ = ["check_model"]
