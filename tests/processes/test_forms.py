"""The forms: languages, personal data, choices, and a layout that holds together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engine.documents.media_types import MEDIA_TYPES
from tests.processes.drawn import FORM_FILES, components, read_form

pytestmark = pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)

TEXTS = ("label", "description", "dateLabel", "timeLabel", "text")
ORDINARY = {"approve", "confirm", "complaint", "answered"}
"""The values that lead on: what a decision's first option has to be."""
COLUMNS = 16


def shown_texts(form: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for item in components(form):
        found |= {item[name] for name in TEXTS if item.get(name)}
        found |= {option["label"] for option in item.get("values", [])}
    return found


def test_its_id_is_the_name_of_its_file(path: Path) -> None:
    assert read_form(path)["id"] == path.stem


def test_every_text_is_translated_and_no_translation_is_left_over(path: Path) -> None:
    form = read_form(path)
    tables = form["properties"]["translations"]
    assert set(tables) == {"zh-Hans", "en"}
    for table in tables.values():
        assert set(table) == shown_texts(form)
        assert all(table.values())
    assert all(text.isascii() for text in tables["en"].values())


def test_it_offers_no_kind_of_file_that_is_not_taken(path: Path) -> None:
    taken = {extension for kind in MEDIA_TYPES for extension in kind.extensions}
    for item in components(read_form(path)):
        if item["type"] == "filepicker" and item.get("accept"):
            assert set(item["accept"].split(",")) <= taken, item["key"]


def test_free_text_is_personal(path: Path) -> None:
    for item in components(read_form(path)):
        if item["type"] == "textarea":
            assert item["properties"]["personal"] is True, item["key"]


def test_the_first_option_of_a_decision_leads_on(path: Path) -> None:
    for item in components(read_form(path)):
        if item.get("key", "").endswith(("_decision", "_outcome")):
            assert item["type"] == "select"
            assert item["values"][0]["value"] in ORDINARY, item["key"]


def test_a_decision_is_asked_afresh_each_time(path: Path) -> None:
    for item in components(read_form(path)):
        if item.get("key", "").endswith("_decision"):
            assert item["properties"]["afresh"] is True, item["key"]


RETURNED = {"return", "refuse", "is_complaint"}


def test_who_sends_back_or_refuses_says_why(path: Path) -> None:
    """Also where the same was sent back before: the earlier reason is none for this time."""
    found = list(components(read_form(path)))
    for item in found:
        values = {option["value"] for option in item.get("values", [])}
        if item.get("disabled") or not RETURNED & values or item["key"] == "more_time_decision":
            continue
        conditional = [
            each for each in found if item["key"] in each.get("properties", {}).get("required", "")
        ]
        shown_then = [each for each in found if item["key"] in each.get("conditional", {}).get("hide", "")]
        assert conditional or any(each["validate"].get("required") for each in shown_then), item["key"]
        assert all(each["properties"].get("afresh") for each in conditional), item["key"]


def test_people_and_departments_are_chosen_not_typed(path: Path) -> None:
    for item in components(read_form(path)):
        if item.get("key") in ("handler", "person", "member", "department", "joint_departments"):
            assert item["type"] in ("select", "taglist")
            assert item["valuesExpression"].startswith(("=people.", "=departments"))


def test_ids_and_keys_are_given_once(path: Path) -> None:
    found = list(components(read_form(path)))
    assert max(Counter(item["id"] for item in found).values()) == 1
    keys = Counter(item["key"] for item in read_form(path)["components"] if "key" in item)
    assert set(keys.values()) <= {1}


def test_rows_of_the_layout_have_room(path: Path) -> None:
    def check(children: list[dict[str, Any]]) -> None:
        rows: dict[str, list[int | None]] = {}
        for item in children:
            rows.setdefault(item["layout"]["row"], []).append(item["layout"]["columns"])
            check(item.get("components", []))
        for row, columns in rows.items():
            if len(columns) > 1:
                assert None not in columns, row
            assert sum(filter(None, columns)) <= COLUMNS, row

    check(read_form(path)["components"])


def test_what_is_asked_for_can_be_given(path: Path) -> None:
    kinds = {"textfield", "textarea", "select", "checkbox", "checklist", "number", "datetime"}
    for item in components(read_form(path)):
        if item.get("validate", {}).get("required"):
            assert item["type"] in kinds, item["key"]
            assert not item.get("disabled"), item["key"]
