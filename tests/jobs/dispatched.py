"""Installations under each dispatcher, and processes to keep them busy."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress, assemble
from engine.jobs.worker import started
from engine.people.actor import SYSTEM
from engine.runtime.commands import start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Instance
from tests.postgres import Cluster
from tests.runtime.spiff.drawing import END, START, definitions, duration, element, ext, process, z
from tests.world import DATABASES, MONDAY, settings

KINDS = tuple(
    kind
    for kind in ("local-sqlite", "local-postgresql", "cluster-postgresql")
    if kind.partition("-")[2] in DATABASES
)
PATIENCE_S = 60


@contextmanager
def installed(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Redress]:
    """Give a furnished installation whose settings name the dispatcher."""
    dispatcher, database = kind.split("-")
    if database == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_seed"), folder)
        with closing(assemble(settings(folder))) as made:
            clock.set_to(MONDAY)
            yield made
        return
    seed, template = request.getfixturevalue("postgres_seed")
    shutil.copytree(seed, folder)
    cluster: Cluster = request.getfixturevalue("postgres")
    with cluster.database(template=template.rpartition("/")[2]) as url:
        given = replace(settings(folder, url), dispatcher=dispatcher)
        with closing(assemble(given)) as made:
            clock.set_to(MONDAY)
            yield made


@contextmanager
def working(redress: Redress) -> Iterator[None]:
    """Let the dispatcher of the settings work in this process."""
    dispatcher = started(redress.runtime)
    try:
        yield
    finally:
        assert dispatcher.stop()


def until(said: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail after a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while not said():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.02)


def put(redress: Redress, family: str, *parts: str) -> None:
    """Deploy a process drawn in shorthand."""
    deploy(redress.runtime, SYSTEM, {f"{family}.bpmn": definitions(*parts)}, family=family)


def service(name: str, job_type: str, retries: int = 3, inside: str = "") -> str:
    """Draw a service task."""
    drawn = ext(z("taskDefinition", type=job_type, retries=str(retries)) + inside)
    return element("serviceTask", name, drawn)


def put_service(redress: Redress, job_type: str, family: str = "served", retries: int = 3) -> None:
    """Deploy a process of one service task."""
    body = START + service("t", job_type, retries) + END + "s->t;t->e;"
    put(redress, family, process(body, family))


def put_waiting(redress: Redress, family: str = "waiting", wait: str = "PT1H") -> None:
    """Deploy a process that waits for a timer and ends."""
    timer = element("intermediateCatchEvent", "t", duration(wait))
    put(redress, family, process(START + timer + END + "s->t;t->e;", family))


def begin(redress: Redress, family: str, **variables: Any) -> str:
    """Start an instance."""
    return start_instance(redress.runtime, SYSTEM, family, variables)


def count(redress: Redress, model: Any, *where: Any) -> int:
    """Count rows as committed."""
    with redress.sessions.read() as session:
        return int(session.scalar(select(func.count()).select_from(model).where(*where)) or 0)


def states(redress: Redress, family: str) -> dict[str, int]:
    """Count the instances of a process by their state."""
    with redress.sessions.read() as session:
        query = select(Instance.state, func.count()).where(Instance.process_id == family)
        return dict(session.execute(query.group_by(Instance.state)).all())


def job_states(redress: Redress) -> dict[str, int]:
    """Count the jobs by their state."""
    with redress.sessions.read() as session:
        query = select(Job.state, func.count()).group_by(Job.state)
        return dict(session.execute(query).all())


def incidents(redress: Redress) -> list[Incident]:
    """Return all incidents, oldest first."""
    with redress.sessions.read() as session:
        return list(session.scalars(select(Incident).order_by(Incident.id)))
