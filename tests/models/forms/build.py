"""Small forms, as a modeler would draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.models.forms import Form


def component(kind: str, key: str, **more: Any) -> dict[str, Any]:
    """Return a component as form-js writes it."""
    return {"type": kind, "key": key, "id": f"Field_{key.replace('.', '_')}", "label": key, **more}


def form(*components: Mapping[str, Any], **more: Any) -> Form:
    """Parse a form of these components."""
    return Form.parse(
        {"type": "default", "id": "example", "components": list(components), **more}, "example.form"
    )


class People:
    """An option source that knows two handlers."""

    def options(self, expression: str) -> Sequence[Mapping[str, Any]] | None:
        """Return the handlers, and nothing for any other name."""
        if expression != "people.handlers":
            return None
        return [{"label": "王小明", "value": "handler"}, {"label": "李大華", "value": "handler2"}]
