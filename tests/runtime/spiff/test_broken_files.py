"""Files damaged at random are compiled and run, or refused with findings; nothing else is ever raised.

`REDRESS_TEST_FILES` makes it longer, `REDRESS_TEST_SEED` (see tests/chance.py) tries other files.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime

from lxml import etree

from engine import clock
from engine.errors import ModelRefused, StepFailed
from engine.models.xml import parse_model
from engine.runtime.spiff import CompiledBundle, Wait, Workflow, compile_processes
from tests.chance import SEED
from tests.models.damage import damage
from tests.runtime.spiff.corpus import model, variables
from tests.runtime.spiff.drawing import definitions
from tests.runtime.spiff.random_process import Drawing
from tests.runtime.spiff.world import World

FILES = int(os.environ.get("REDRESS_TEST_FILES") or 300)
ACTS = 6


def run(bundle: CompiledBundle, chance: random.Random) -> None:
    """Run what was compiled, restored before each act; a step may fail, but in no other way."""
    for process_id in filter(bundle.executable, bundle.process_ids):
        world = World()
        try:
            workflow = bundle.start(process_id, world, variables())
            workflow.advance()
            for _ in range(ACTS):
                state, waits = workflow.dump(), workflow.waits()
                workflow = bundle.restore(state, world)
                assert (workflow.dump(), workflow.waits()) == (state, waits)
                if not waits:
                    break
                act(workflow, chance.choice(waits), chance)
        except StepFailed:
            continue


def act(workflow: Workflow, wait: Wait, chance: random.Random) -> None:
    """Do what is waited for; a job fails now and then."""
    if wait.kind == "user":
        workflow.complete_user_task(wait.token, {"grade": 1, "passed": True, "r": 2})
    elif wait.kind == "job" and chance.random() < 0.3:
        workflow.throw_error(wait.token, chance.choice(("E", "X1")))
    elif wait.kind == "job":
        workflow.complete_job(wait.token, {})
    elif wait.kind == "timer":
        workflow.fire_timer(wait.token)
    elif wait.kind == "message":
        workflow.deliver_message(wait.token, {})
    else:
        workflow.broadcast_signal(wait.signal_name, {})
    workflow.advance()


def test_a_damaged_file_is_compiled_or_refused_and_nothing_else() -> None:
    clock.set_to(datetime(2026, 3, 2, tzinfo=UTC))
    refused = 0
    for number in range(FILES):
        chance = random.Random(SEED + number)
        content = model() if number % 2 else definitions(Drawing(chance, depth=3).xml)
        root = parse_model(content, "p.bpmn")
        done = [damage(root, chance) for _ in range(chance.randrange(1, 4))]
        drawn = etree.tostring(root)
        try:
            run(compile_processes({"p.bpmn": parse_model(drawn, "p.bpmn")}), chance)
        except ModelRefused as error:
            found = error.findings
        except Exception as error:
            error.add_note(f"file {number} of seed {SEED}: {done}\n{drawn.decode()}")
            raise
        else:
            continue
        refused += 1
        assert found
        assert all(finding.file == "p.bpmn" and finding.message for finding in found)
    assert 0 < refused < FILES
