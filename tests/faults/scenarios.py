"""The faults themselves: each takes an installation, harms it under load, and returns what does not hold.

How much of each is set from outside: `REDRESS_FAULT_ROUNDS` multiplies the harm (`make faults` sets it),
`REDRESS_TEST_SEED` (see tests/chance.py) gives it another order.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

from sqlalchemy import func, select, update

from engine import clock
from engine.people.actor import SYSTEM
from engine.runtime.commands import start_instance
from engine.store.tables.runtime import Incident, Instance
from tests.chance import SEED
from tests.faults.drawn import SOUR
from tests.faults.drawn import WORK as WORK_PROCESS
from tests.faults.installation import SERVE, WORK, Installation
from tests.faults.invariants import problems
from tests.faults.load import PEOPLE, Caller, Ledger, Load
from tests.faults.proxy import Proxy
from tests.postgres import Cluster

ROUNDS = int(os.environ.get("REDRESS_FAULT_ROUNDS") or 1)
LONG = ROUNDS > 1
VICTIMS = ((SERVE,), (WORK,), (SERVE, WORK))
BETWEEN = 8
"""How many acknowledgements lie between two faults, at least."""


REFUSALS = 8
CALLERS = 4
POISONED, MOST_TURNS = 3, 40


@contextmanager
def under_load(installation: Installation, *, clients: int = 4) -> Iterator[Load]:
    """Start the installation and a load on it; whatever happens, the load ends."""
    installation.start()
    patience = {"patience_s": 4.0} if installation.mutant else {}
    load = Load(installation.port, installation.tokens, clients=clients, seed=SEED, **patience)
    load.start()
    try:
        yield load
    finally:
        load.abandon()


def settle(installation: Installation, load: Load, *, name: str, poisoned: Collection[str] = ()) -> list[str]:
    """Let everything come to its end, stop, and check."""
    load.drain()
    installation.stop()
    report(f"{name}: {installation.kills} kills, {installation.starts} starts, {load.told()}")
    told = [f"{type(failure).__name__}: {failure}" for failure in load.failures]
    with installation.opened() as redress:
        return told + problems(redress, load.ledger, settled=True, poisoned=poisoned)


def crash_loop(
    installation: Installation, kills: int, *, victims: tuple[tuple[str, ...], ...] = VICTIMS
) -> list[str]:
    """Kill the web, the worker and both, in turn, and start them again."""
    chance = random.Random(SEED)
    with under_load(installation) as load:
        for number in range(kills):
            load.wait_for(BETWEEN + chance.randrange(BETWEEN))
            victim = victims[number % len(victims)]
            installation.kill(*victim)
            installation.start(*victim)
        load.wait_for(BETWEEN)
        return settle(installation, load, name="crash loop")


def failing_database(installation: Installation, cluster: Cluster, rounds: int) -> list[str]:
    """Swallow answers to COMMIT, cut connections and crash the server, in turn, between us and PostgreSQL."""
    assert installation.url is not None
    proxy = Proxy(cluster.port, seed=SEED)
    installation.processes_url = installation.url.replace(f":{cluster.port}/", f":{proxy.port}/")
    crashes = 0
    try:
        with under_load(installation) as load:
            for _ in range(rounds):
                proxy.fail_every = 6
                load.wait_for(BETWEEN * 2)
                proxy.fail_every = 0
                proxy.cut_all()
                load.wait_for(BETWEEN)
                cluster.crash()
                cluster.start()
                crashes += 1
            load.wait_for(BETWEEN)
            harm = (
                f"{proxy.swallowed} swallowed, {proxy.cut} cut, {crashes} crashes of {proxy.commits} commits"
            )
            return settle(installation, load, name=f"failing database ({harm})")
    finally:
        installation.stop()
        proxy.close()


def full_disk(
    installation: Installation, *, fill: Callable[[], None], free: Callable[[], None], name: str = "full disk"
) -> list[str]:
    """Fill the disk while the load goes on, then give room again, without a restart."""
    with under_load(installation) as load:
        load.wait_for(BETWEEN)
        before = load.ledger.answers.total()
        fill()
        load.until(lambda: load.ledger.answers.total() >= before + REFUSALS)
        free()
        refused = load.ledger.answers.total() - before
        load.wait_for(BETWEEN)
        assert installation.alive(), "a process ended because the disk was full"
        return settle(installation, load, name=f"{name} ({refused} requests refused)")


def one_winner(installation: Installation, rounds: int) -> list[str]:
    """Let many callers claim and complete one task at the same moment; say where not exactly one wins."""
    installation.start(SERVE)
    ledger, wrong = Ledger(), []
    with ThreadPoolExecutor(len(PEOPLE) * CALLERS) as pool:
        names = [name for name in PEOPLE for _ in range(CALLERS)]
        callers = [Caller(installation.port, installation.tokens[name], ledger, Event()) for name in names]
        for number in range(rounds):
            task = _open_task(callers[0], f"race-{number}")
            claims = list(
                pool.map(lambda caller, at=task: caller.sure("POST", f"/tasks/{at}/claim")[0], callers)
            )
            ends = list(pool.map(lambda each, at=task: _complete(*each, at), enumerate(callers)))
            holders = {name for name, status in zip(names, claims, strict=True) if status == 200}
            if len(holders) != 1 or claims.count(409) != CALLERS:
                wrong.append(f"claims were answered {claims}")
            if ends.count(200) != 1 or ends.count(409) != len(ends) - 1:
                wrong.append(f"completions were answered {ends}")
        for caller in callers:
            caller.close()
    installation.stop()
    report(f"{rounds} tasks claimed and completed by {len(names)} callers at the same moment")
    with installation.opened() as redress:
        return wrong + problems(redress)


def _open_task(caller: Caller, name: str) -> str:
    made = caller.sure("POST", "/instances", {"process_id": WORK_PROCESS, "business_key": name}, key=name)[1]
    task: str = caller.sure("GET", f"/instances/{made['instance_id']}")[1]["open_tasks"][0]["id"]
    return task


def _complete(number: int, caller: Caller, task: str) -> int:
    status = caller.sure("POST", f"/tasks/{task}/complete", {"variables": {"value": number}})[0]
    return 409 if status == 403 else status  # who did not claim it may not, as long as it is open


def poison_and_clock(installation: Installation) -> list[str]:
    """Turn the clock forth, back and forth beside instances that can never go on; the healthy ones do."""
    poisoned = _poison(installation)
    with under_load(installation) as load:
        load.wait_for(BETWEEN)
        for turn in (timedelta(days=3), -timedelta(hours=1), timedelta(hours=2)):
            _turn(installation, turn)
            load.wait_for(1 if turn < timedelta(0) else BETWEEN)
        for _ in range(MOST_TURNS):
            if _incidents(installation) >= len(poisoned):
                break
            _turn(installation, timedelta(days=1))
            load.wait_for(2)
        return settle(installation, load, name=f"clock and {len(poisoned)} poisoned", poisoned=poisoned)


def _turn(installation: Installation, by: timedelta) -> None:
    with installation.opened():
        clock.advance(by)


def _poison(installation: Installation) -> list[str]:
    """Start instances that fail whenever their timer fires, and one whose state cannot be read."""
    with installation.opened() as redress:
        made = [start_instance(redress.runtime, SYSTEM, SOUR) for _ in range(POISONED)]
        with redress.sessions.step() as session:
            session.execute(update(Instance).where(Instance.id == made[0]).values(workflow=b"{}"))
    return made


def _incidents(installation: Installation) -> int:
    with installation.opened() as redress, redress.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Incident)) or 0


def report(line: str) -> None:
    """Tell what was done; `pytest -s` and `make faults` show it."""
    sys.stderr.write(f"\n  seed {SEED}, {line}\n")
