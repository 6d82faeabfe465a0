"""Every scenario of every family comes true on the real engine, on both databases."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.assembly import Redress
from tests.processes.file_scenario import FileScenario
from tests.processes.process_scenario import ProcessScenario
from tests.processes.scenario import Scenario
from tests.world import ROOT

SCENARIOS = sorted((ROOT / "processes").glob("*/scenarios/*.toml"))


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 10


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_scenario_comes_true(redress: Redress, path: Path) -> None:
    scenario = tomllib.loads(path.read_text())
    kinds = {"open": FileScenario, "process": ProcessScenario}
    kind = next((kinds[key] for key in kinds if key in scenario["start"]), Scenario)
    kind(redress, path).run()
