"""States that earlier releases wrote are read, and run on to the same end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.runtime.spiff.state import FORMAT
from tests.runtime.spiff.corpus import PATH, STATES, act, bundle, variables, written
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


def test_what_is_written_now_is_what_the_corpus_says() -> None:
    """A state that is written otherwise needs a new number, a corpus of its own, and the older ones read.

    Instants are left out: they count from when the test began.
    """
    instants = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
    recorded = json.loads((STATES / f"format-{FORMAT}.json").read_text())
    assert [instants.sub("instant", each) for each in written()] == [
        instants.sub("instant", each) for each in recorded
    ]


def test_the_corpus_waits_in_every_way() -> None:
    """Calls, loops, event sub-processes, compensation, timers, messages and jobs are among the waits."""
    text = (STATES / "corpus.bpmn").read_text()
    for element in (
        "callActivity",
        "multiInstanceLoopCharacteristics",
        'triggeredByEvent="true"',
        'isForCompensation="true"',
        "timerEventDefinition",
        "messageEventDefinition",
        "eventBasedGateway",
    ):
        assert element in text, element
    assert {kind for kind, _, _ in PATH} == {"user", "timer", "message", "job"}
