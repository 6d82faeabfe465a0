"""The faults themselves: each takes an installation, harms it under load, and returns what does not hold.

How much of each is set from outside: `REDRESS_FAULT_ROUNDS` multiplies the harm (`make faults` sets it),
`REDRESS_FAULT_SEED` repeats its order.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.installation import SERVE, WORK, Installation
from tests.faults.invariants import problems
from tests.faults.load import Load
from tests.faults.proxy import Proxy
from tests.postgres import Cluster

ROUNDS = int(os.environ.get("REDRESS_FAULT_ROUNDS") or 1)
LONG = ROUNDS > 1
SEED = int(os.environ.get("REDRESS_FAULT_SEED") or random.SystemRandom().randrange(10**6))
VICTIMS = ((SERVE,), (WORK,), (SERVE, WORK))
BETWEEN = 8
"""How many acknowledgements lie between two faults, at least."""


REFUSALS = 8


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


def settle(installation: Installation, load: Load, *, name: str) -> list[str]:
    """Let everything come to its end, stop, and check."""
    load.drain()
    installation.stop()
    report(f"{name}: {installation.kills} kills, {installation.starts} starts, {load.told()}")
    told = [f"{type(failure).__name__}: {failure}" for failure in load.failures]
    with installation.opened() as redress:
        return told + problems(redress, load.ledger, settled=True)


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


def full_disk(installation: Installation) -> list[str]:
    """Let no file of ours grow any more while the load goes on, then give room again, without a restart."""
    with under_load(installation) as load:
        load.wait_for(BETWEEN)
        before = load.ledger.answers.total()
        installation.limit_files(installation.largest_file())
        load.until(lambda: load.ledger.answers.total() >= before + REFUSALS)
        installation.limit_files(None)
        refused = load.ledger.answers.total() - before
        load.wait_for(BETWEEN)
        assert installation.alive(), "a process ended because the disk was full"
        return settle(installation, load, name=f"full disk ({refused} requests refused)")


def report(line: str) -> None:
    """Tell what was done; `pytest -s` and `make faults` show it."""
    sys.stderr.write(f"\n  seed {SEED}, {line}\n")
