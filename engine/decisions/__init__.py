"""DMN decisions on FEEL: models read from XML, evaluated with an explanation."""

from __future__ import annotations

from engine.decisions.load import load_model
from engine.decisions.model import DecisionModel, DecisionResult

__all__ = ["DecisionModel", "DecisionResult", "load_model"]
