"""The DMN compatibility kit passes: our own cases, and a copy of the kit that lies beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.dmn_tck import agrees, main, run_folder

OWN = Path(__file__).parent / "dmn"
KIT = Path(__file__).parents[2].parent / "shared" / "conformance" / "dmn-tck"
FOLDERS = [OWN, *(sorted(KIT.glob("compliance-level-*")) if KIT.is_dir() else [])]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_case_of_the_folder_passes(folder):
    outcomes = list(run_folder(folder))
    assert outcomes
    assert [f"{one.file.stem} {one.case}: {one.problems}" for one in outcomes if one.problems] == []


def test_the_runner_counts_every_case_and_names_each_failure(tmp_path, capsys):
    for file in OWN.iterdir():
        text = file.read_text().replace('"xsd:decimal">7<', '"xsd:decimal">8<')
        (tmp_path / file.name).write_text(text)
    assert main([str(tmp_path)]) == 1
    *failures, last = capsys.readouterr().out.splitlines()
    assert last == "2 passed, 1 failed"
    assert len(failures) == 1
    assert "a number" in failures[0]


@pytest.mark.parametrize(
    ("actual", "expected"), [(1, "1"), (None, 0), ([1], [1, 2]), ({"a": 1}, {}), (True, 1)]
)
def test_the_runner_does_not_take_other_values_for_the_expected_one(actual, expected):
    assert not agrees(actual, expected)
