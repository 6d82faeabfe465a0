"""Everything in model files that can be refused, or warned about, before anything runs."""

from engine.models.lint.check import lint

__all__ = ["lint"]
