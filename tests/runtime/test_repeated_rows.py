"""Rows that are about different things."""

from __future__ import annotations

import pytest

from engine.errors import FormRefused
from engine.models.forms import Form
from engine.runtime.repeated_rows import refuse_repeated


def test_rows_with_several_options_at_once_are_told_apart_too() -> None:
    field = {
        "type": "checklist",
        "id": "kinds",
        "key": "kinds",
        "label": "種類",
        "values": [{"label": each, "value": each} for each in "ab"],
        "properties": {"unique": True},
    }
    rows = {"type": "dynamiclist", "id": "rows", "path": "rows", "components": [field]}
    form = Form.parse({"type": "default", "id": "f", "components": [rows]}, "f.form")
    several = [{"kinds": ["a", "b"]}, {"kinds": ["a"]}, {"kinds": []}, {"kinds": []}]
    refuse_repeated(form, {"rows": several})
    with pytest.raises(FormRefused) as refused:
        refuse_repeated(form, {"rows": [*several, {"kinds": ["a", "b"]}]})
    assert list(refused.value.errors) == ["rows.4.kinds"]
