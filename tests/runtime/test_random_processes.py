"""Random processes through the real store, restarted after every step: what is committed is what was drawn.

Each process is deployed, started and driven by the engine's own verbs; after each of them the memory is
dropped, now and then the compiled bundles too. Rows, state and history are compared with an interpreter that
shares nothing with the engine. `REDRESS_TEST_PROCESSES` makes it longer, `REDRESS_TEST_SEED` (see
tests/chance.py) tries other processes.
"""

from __future__ import annotations

import os
import random
import re
import zlib
from datetime import timedelta

from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.people.actor import SYSTEM
from engine.runtime.bundles import BundleCache
from engine.runtime.commands import cancel_instance, complete, correlate, fire_timer, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.workflow_cache import WorkflowCache
from engine.store.tables.audit import History
from engine.store.tables.runtime import Instance, Subscription, Task, Timer
from tests.chance import SEED
from tests.runtime.spiff.drawing import definitions
from tests.runtime.spiff.random_process import Drawing
from tests.runtime.spiff.random_reference import Reference
from tests.world import actor

PROCESSES = {"sqlite": 140, "postgresql": 60}
"""How many run on each database: 200 together. `REDRESS_TEST_PROCESSES` runs that many on each."""
LONGEST = 80

_FORM = b'{"type": "default", "id": "number", "components": [{"type": "number", "key": "value"}]}'
_GROUP = '<z:assignmentDefinition candidateGroups="agents"/>'
_TASK = re.compile(r'<b:userTask id="(\w+)"((?: isForCompensation="true")?)/>')
_SEVERAL = re.compile(r'(<b:userTask id="\w+">)(?=<b:multiInstance)')
_DONE = ("task.completed", "timer.fired", "message.caught")


def for_people(xml: str) -> str:
    """Give each task a group that may take it, and a form whose number becomes the task's variable."""
    mapping = r'<z:ioMapping><z:output source="=value" target="\1"/></z:ioMapping>'
    said = f'{_GROUP}<z:formDefinition formId="number"/>{mapping}'
    xml = _TASK.sub(
        rf'<b:userTask id="\1"\2><b:extensionElements>{said}</b:extensionElements></b:userTask>', xml
    )
    return _SEVERAL.sub(rf"\1<b:extensionElements>{_GROUP}</b:extensionElements>", xml)


class Driven:
    """An instance of a random process in the store."""

    def __init__(self, redress: Redress, drawing: Drawing, chance: random.Random) -> None:
        self.redress, self.rt, self.chance = redress, redress.runtime, chance
        files = {"p.bpmn": definitions(for_people(drawing.xml)), "number.form": _FORM}
        deploy(self.rt, SYSTEM, files, family="random", replace=True)
        self.who = actor(redress, "agent")
        self.id = start_instance(self.rt, self.who, "p")

    def restart(self) -> None:
        """Forget what is in memory, as another process would have to read it."""
        self.rt.workflows = WorkflowCache()
        if self.chance.random() < 0.2:
            self.rt.bundles = BundleCache(self.rt.config.timezone)

    def open(self) -> list[str]:
        """The elements that wait, by their rows, sorted."""
        with self.redress.sessions.read() as session:
            tasks = session.scalars(
                select(Task.element_id).where(Task.instance_id == self.id, Task.state == "open")
            ).all()
            others = [
                name
                for table in (Timer, Subscription)
                for name in session.scalars(select(table.element_id).where(table.instance_id == self.id))
            ]
        return sorted([*tasks, *others])

    def act(self, name: str, value: int) -> None:
        """Complete the task, fire the timer or send the message of this name."""
        with self.redress.sessions.read() as session:
            tasks, timers = (
                session.execute(
                    select(table.id, table.token)
                    .where(table.instance_id == self.id, table.element_id == name)
                    .where(Task.state == "open" if table is Task else True)
                    .order_by(table.token)
                ).first()
                for table in (Task, Timer)
            )
            form = tasks and session.get_one(Task, tasks.id).form_id
        if tasks:
            complete(self.rt, self.who, tasks.id, {"value": value} if form else {})
        elif timers:
            clock.advance(timedelta(days=1, seconds=1))
            assert fire_timer(self.rt, timers.id)
        else:
            assert correlate(self.rt, SYSTEM, name, "K").correlated == [self.id]

    def ended(self) -> bool:
        with self.redress.sessions.read() as session:
            return session.get_one(Instance, self.id).state == "completed"

    def give_up(self) -> None:
        """Cancel what was not driven to its end: it would catch messages that are meant for the next one."""
        if not self.ended():
            cancel_instance(self.rt, SYSTEM, self.id, "followed for long enough")

    def told(self) -> list[str]:
        """What history says was done, in order."""
        with self.redress.sessions.read() as session:
            query = select(History.element_id).where(History.stream == self.id, History.kind.in_(_DONE))
            return [str(name) for name in session.scalars(query.order_by(History.seq))]


def follow(driven: Driven, reference: Reference, chance: random.Random) -> None:
    """Drive both through the same choices; any difference fails."""
    path: list[str] = []
    for step in range(LONGEST):
        driven.restart()
        assert driven.open() == reference.open, f"after {path}"
        if not reference.open:
            break
        names = reference.open
        name = chance.choices(names, [1 if each.startswith("be") else 6 for each in names])[0]
        path.append(name)
        value = zlib.crc32(f"{name}/{step}".encode()) % 97
        reference.act(name, value)
        driven.act(name, value)
    assert driven.ended() == reference.done, f"after {path}"
    assert driven.told() == path


def test_random_processes_are_what_they_were_drawn_to_be_in_the_store(redress: Redress) -> None:
    with redress.sessions.read() as session:
        usual = PROCESSES[session.get_bind().dialect.name]
    for number in range(int(os.environ.get("REDRESS_TEST_PROCESSES") or usual)):
        drawing = Drawing(random.Random(SEED + number), depth=5 if number % 3 else 4)
        chance = random.Random((SEED + number) * 10)
        try:
            driven = Driven(redress, drawing, chance)
            follow(driven, Reference(drawing.block), chance)
            driven.give_up()
        except Exception as error:
            error.add_note(f"process {number} of seed {SEED}: {drawing.xml}")
            raise
