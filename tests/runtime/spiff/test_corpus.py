"""States that earlier releases wrote are read, and run on to the same end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.runtime.spiff.state import FORMAT
from tests.runtime.spiff.corpus import PATH, STATES, act, bundle, variables
from tests.runtime.spiff.world import World

FILES = sorted(STATES.glob("format-*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_written_state_runs_on_to_its_end(file: Path) -> None:
    compiled = bundle()
    for number, state in enumerate(json.loads(file.read_text())):
        workflow = compiled.restore(state.encode(), World())
        for kind, element_id, values in PATH[number:]:
            act(workflow, kind, element_id, values)
        assert workflow.is_completed
        assert workflow.variables == {
            **variables(),
            "grade": 1,
            "outs": [10, 20],
            "ok": True,
            "text": "yes",
        }


def test_the_present_format_is_in_the_corpus() -> None:
    assert STATES / f"format-{FORMAT}.json" in FILES
