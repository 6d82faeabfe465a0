"""Random processes, random orders, random restores: the engine does what an independent interpreter says.

`REDRESS_TEST_PROCESSES` makes it longer, `REDRESS_TEST_SEED` (see tests/chance.py) tries other processes.
"""

from __future__ import annotations

import os
import random
import zlib

import pytest

from engine.runtime.spiff import CompiledBundle, Workflow, compile_processes
from tests.chance import SEED
from tests.runtime.spiff.drawing import roots
from tests.runtime.spiff.random_process import Drawing
from tests.runtime.spiff.random_reference import Reference
from tests.runtime.spiff.world import World

PROCESSES = int(os.environ.get("REDRESS_TEST_PROCESSES") or 120)
BATCHES = 4
LONGEST = 120


def value_of(name: str, visit: int) -> int:
    return zlib.crc32(f"{name}/{visit}".encode()) % 97


def opened(workflow: Workflow) -> list[str]:
    return sorted(wait.element.element_id for wait in workflow.waits())


def act(workflow: Workflow, name: str, value: int) -> None:
    wait = next(each for each in workflow.waits() if each.element.element_id == name)
    if wait.kind == "timer":
        workflow.fire_timer(wait.token)
    elif wait.kind == "message":
        workflow.deliver_message(wait.token)
    else:
        workflow.complete_user_task(wait.token, {name: value})
    workflow.advance()


def follow(
    bundle: CompiledBundle, reference: Reference, chance: random.Random, *, restores: bool
) -> list[str]:
    """Drive both through the same choices and return what was done; differences fail the test."""
    world, path = World(), []
    workflow = bundle.start("p", world)
    workflow.advance()
    for step in range(LONGEST):
        assert opened(workflow) == reference.open, f"after {path}"
        if not reference.open:
            break
        if restores and chance.random() < 0.5:
            state = workflow.dump()
            workflow = bundle.restore(state, world)
            assert workflow.dump() == state
        weights = [1 if name.startswith("be") else 6 for name in reference.open]
        name = chance.choices(reference.open, weights)[0]
        path.append(name)
        reference.act(name, value_of(name, step))
        act(workflow, name, value_of(name, step))
    assert workflow.is_completed == reference.done, f"after {path}"
    check_changes(workflow)
    return path


def check_changes(workflow: Workflow) -> None:
    """What was told to be open, less what was told to be closed, is what waits."""
    changes = workflow.take_changes()
    closed = {each.token for each in changes.closed}
    waiting = {wait.token for wait in workflow.waits()}
    assert {wait.token for wait in changes.opened} - closed <= waiting
    assert not closed & waiting


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("restores", [False, True], ids=["in memory", "with restores"])
def test_random_processes_run_as_they_are_drawn(batch: int, restores: bool) -> None:
    for number in range(batch, PROCESSES, BATCHES):
        seed = SEED + number
        drawing = Drawing(random.Random(seed), depth=5 if number % 3 else 4)
        bundle = compile_processes(roots(drawing.xml))
        for order in range(2):
            chance = random.Random(seed * 10 + order)
            try:
                follow(bundle, Reference(drawing.block), chance, restores=restores)
            except Exception as error:
                error.add_note(f"process {number} of seed {SEED}, order {order}: {drawing.xml}")
                raise
