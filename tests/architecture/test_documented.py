"""What can be set and called is told in the README."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT, python_files

TARGETS = ["run", "setup", "test", "check", "bench", "faults", "lock", "screenshots", "package", "help"]


def test_every_setting_is_in_the_readme_and_every_setting_there_exists() -> None:
    setting = re.compile(r"\bREDRESS_[A-Z_]*[A-Z]\b")
    used = {
        name
        for file in python_files("engine", "web")
        for name in setting.findall((ROOT / file).read_text(encoding="utf-8"))
    }
    told = set(setting.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert used == told


@pytest.mark.parametrize("target", TARGETS)
def test_make_help_tells_every_target(target: str) -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\w", told, re.MULTILINE), told
