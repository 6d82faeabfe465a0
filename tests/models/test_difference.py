"""What a version changes is told by element, rule and field; a picture drawn otherwise changes no meaning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.models.difference import FileDifference, compare
from engine.models.difference.fields import read_form

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    path.name: path.read_bytes()
    for folder in ("processes/complaint", "forms/complaint")
    for path in sorted((ROOT / folder).iterdir())
    if path.suffix in (".bpmn", ".dmn", ".form", ".toml")
}


def changed(path: str, *replacements: tuple[str, str]) -> FileDifference:
    """Return the difference that replacing texts in one file of the family makes."""
    text = FILES[path].decode()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    (found,) = compare(FILES, {**FILES, path: text.encode()})
    assert (found.path, found.what) == (path, "changed")
    return found


def test_the_same_files_differ_in_nothing() -> None:
    assert compare(FILES, dict(FILES)) == []


def test_a_step_tells_what_it_says_otherwise() -> None:
    found = changed(
        "extension.bpmn",
        ('name="告知延期"', 'name="告知客戶"'),
        ('candidateGroups="supervisors"', 'candidateGroups="management"'),
        ('=extension_decision = "approve"', '=extension_decision = "yes"'),
    )
    told = {
        change.element.element_id: [(fact.key, fact.before, fact.after) for fact in change.facts]
        for change in found.told
    }
    assert told == {
        "approve-extension": [("candidateGroups", "supervisors", "management")],
        "announce-delay": [("name", "告知延期", "告知客戶")],
        "f-approved": [
            ("conditionExpression", '=extension_decision = "approve"', '=extension_decision = "yes"')
        ],
    }


def test_a_step_drawn_elsewhere_changes_nothing_else() -> None:
    found = changed("extension.bpmn", ('<dc:Bounds x="', '<dc:Bounds x="1'))
    assert (found.told, found.moved) == ((), 1)


def test_an_element_that_gets_another_id_goes_and_comes_and_a_flow_is_named_by_its_ends() -> None:
    text = FILES["extension.bpmn"].decode().replace('"limit-kept"', '"kept"')
    (found,) = compare(FILES, {**FILES, "extension.bpmn": text.encode()})
    what = {(change.element.element_id, change.what) for change in found.told}
    assert what == {("kept", "added"), ("limit-kept", "removed"), ("f-refused", "changed")}
    (flow,) = (each for each in compare({}, FILES) if each.path == "extension.bpmn")
    names = {each.element.element_id: each.element for each in flow.changes}
    assert names["f-requested"].name == "申請延期 → 核准延期"
    assert names["f-requested"].labels["en"] == "Extension requested → Approve the extension"


def test_a_rule_is_told_by_its_number_and_cells_and_its_place_counts() -> None:
    found = changed("approval-limits.dmn", ('"supervisor"', '"management"'))
    (table,) = found.tables
    (row,) = table.rows
    assert (table.columns[0], row.what, row.number) == ("預計成本", "changed", 2)
    assert ('"supervisor"', '"management"') in row.cells
    text = FILES["approval-limits.dmn"].decode()
    head, first, second = text.split("<rule ")
    swapped = f"{head}<rule {second.split('</rule>')[0]}</rule>\n<rule {first.split('</rule>')[0]}</rule>"
    swapped += second.split("</rule>")[1]
    (found,) = compare(FILES, {**FILES, "approval-limits.dmn": swapped.encode()})
    assert [row.what for row in found.tables[0].rows] == ["moved"]
    without = f"{head}<rule {second}"
    (found,) = compare(FILES, {**FILES, "approval-limits.dmn": without.encode()})
    assert [(row.what, row.number) for row in found.tables[0].rows] == [("removed", 1)]


def test_a_form_tells_its_fields_and_their_order() -> None:
    found = changed("archive.form", ('"label": "保存類別"', '"label": "類別"'))
    (change,) = found.told
    assert (change.element.kind, [fact.after for fact in change.facts]) == ("select", ["類別"])
    form = json.loads(FILES["archive.form"])
    form["components"].reverse()
    (found,) = compare(FILES, {**FILES, "archive.form": json.dumps(form).encode()})
    assert [(each.element.kind, each.facts[0].key) for each in found.told] == [("form", "order")]
    added = form["components"].pop(0)
    (found,) = compare({"archive.form": json.dumps(form).encode()}, {"archive.form": FILES["archive.form"]})
    assert {each.element.element_id for each in found.told if each.what == "added"} == {added["id"]}


def test_settings_are_told_by_line_and_files_as_new_or_gone() -> None:
    without = {path: data for path, data in FILES.items() if path != "mail-survey.form"}
    (gone,) = compare(FILES, without)
    (new,) = compare(without, FILES)
    assert (gone.what, new.what) == ("removed", "added")
    more = FILES["process.toml"] + b"\n# said anew\n"
    (found,) = compare(FILES, {**FILES, "process.toml": more})
    assert [fact.after for fact in found.told[0].facts] == ["# said anew"]


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".form")])
def test_every_field_of_a_form_is_known_by_a_name_of_its_own(path: str) -> None:
    def count(holder: dict[str, object]) -> int:
        parts = holder.get("components") or []
        assert isinstance(parts, list)
        return sum(1 + count(part) for part in parts)

    assert len(read_form(FILES[path])) == 1 + count(json.loads(FILES[path]))
