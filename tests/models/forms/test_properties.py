"""Whatever is sent is refused by field, or kept so that it can be sent again; personal values stay apart."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import FormRefused, Message
from engine.models.forms import CheckedForm, Form
from engine.models.forms.context import plain_json
from tests.models.forms.build import component, form

SECRET = "Q7"  # marks every text that is sent for a personal field

rules = st.fixed_dictionaries(
    {},
    optional={
        "required": st.booleans(),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 6),
        "min": st.integers(-3, 3),
        "max": st.sampled_from([0, 5, "7.5"]),
        "pattern": st.sampled_from([r"^\w*$", r"\d", "^.{2}$"]),
    },
)
KINDS = ("textfield", "textarea", "number", "checkbox", "datetime", "select", "checklist", "filepicker")


@st.composite
def components(draw: st.DrawFn, depth: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(KINDS if depth == 2 else (*KINDS, "group", "dynamiclist")))
        if kind in ("group", "dynamiclist"):
            inner = draw(components(depth + 1))
            found.append({"type": kind, "path": f"p{depth}{number}", "components": inner})
            continue
        more: dict[str, Any] = {"validate": draw(rules)}
        if kind in ("select", "checklist"):
            more["values"] = ["a", 1, True]
        if kind == "datetime":
            more["subtype"] = draw(st.sampled_from(["date", "time", "datetime"]))
        if draw(st.booleans()) and kind != "filepicker":
            more["properties"] = {"personal": True}
        if draw(st.integers(0, 5)) == 0:
            more[draw(st.sampled_from(["readonly", "disabled"]))] = True
        item = component(kind, f"k{depth}{number}", **more)
        del item["id"]
        found.append(item)
    return found


texts = st.sampled_from(["", "a", " b ", "12", "x y", "😀", "2026-03-01", "09:30", "2026-03-01T09:30"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), texts)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner), max_leaves=4
)


@st.composite
def values_for(draw: st.DrawFn, items: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        name = item.get("path") or item["key"]
        if draw(st.integers(0, 9)) == 0:
            found[name] = draw(anything)
        elif item["type"] == "group":
            found[name] = draw(values_for(item["components"]))
        elif item["type"] == "dynamiclist":
            found[name] = [draw(values_for(item["components"])) for _ in range(draw(st.integers(0, 2)))]
        elif draw(st.booleans()):
            found[name] = draw(fitting(item["type"], item.get("properties") is not None))
    return found


def fitting(kind: str, personal: bool) -> st.SearchStrategy[Any]:
    if kind in ("textfield", "textarea"):
        return st.just(SECRET) if personal or kind == "textarea" else texts
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "number": st.integers(-9, 9) | st.decimals(-9, 9, places=2).map(float),
        "checkbox": st.booleans(),
        "datetime": texts,
        "select": st.sampled_from(["a", 1, True]),
        "checklist": st.lists(st.sampled_from(["a", 1, True]), max_size=3, unique_by=repr),
        "filepicker": st.sampled_from(["d1", ["d1"], []]),
    }
    return by_kind[kind]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    items = draw(components())
    return items, draw(values_for(items))


def verdict(asked: Form, values: dict[str, Any]) -> tuple[CheckedForm | None, dict[str, list[str]]]:
    try:
        return asked.check(values), {}
    except FormRefused as refused:
        return None, refused.errors


@given(cases())
@settings(max_examples=300, deadline=None)
def test_values_are_refused_by_field_or_kept_for_good(case):
    items, values = case
    asked = form(*items)
    checked, errors = verdict(asked, values)
    assert all(isinstance(text, Message) for texts in errors.values() for text in texts)
    assert bool(errors) is (checked is None)
    if checked is None:
        return
    assert SECRET not in json.dumps(plain_json(checked.plain))
    restored = plain_json(checked.with_references(checked.personal))
    again = asked.check(restored)
    assert again.personal == checked.personal
    assert again.plain == checked.plain


@given(cases())
@settings(max_examples=100, deadline=None)
def test_checking_changes_nothing_that_was_handed_in(case):
    items, values = case
    before = json.dumps(values)
    asked = form(*items)
    drawn = json.dumps(items)
    verdict(asked, values)
    assert json.dumps(values) == before
    assert json.dumps(items) == drawn


@given(cases())
@settings(max_examples=100, deadline=None)
def test_what_is_shown_is_json_and_names_every_field(case):
    items, values = case
    schema, shown = form(*items).render(values=values)
    json.dumps([schema, shown])
    assert {item.get("path") or item["key"] for item in items} == set(shown)
