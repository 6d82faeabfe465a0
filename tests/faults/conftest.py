"""Installations to be put under fault: furnished once, copied for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from engine.assembly import assemble
from engine.people.accounts import create_token
from engine.people.actor import SYSTEM
from engine.runtime.deploy import deploy
from tests.chance import SEED
from tests.faults import drawn
from tests.faults.filling import SMALL, Filling, small_disk_at
from tests.faults.forked import USERS, Forked
from tests.faults.installation import Installation
from tests.faults.load import PEOPLE
from tests.faults.scenarios import LONG, report
from tests.postgres import Cluster, new_place
from tests.world import furnish, settings

collect_ignore = [] if LONG else ["test_long.py"]
Installing = Callable[..., Installation]
Storming = Callable[..., Forked]


def prepare(folder: Path, url: str | None = None) -> None:
    """Add the harness's processes and tokens to a furnished installation."""
    with closing(assemble(settings(folder, url))) as redress:
        deploy(redress.runtime, SYSTEM, drawn.files(), family=drawn.FAMILY)
        with redress.sessions.step() as session:
            tokens = {name: create_token(session, name) for name in PEOPLE}
    (folder / "tokens.json").write_text(json.dumps(tokens))


@pytest.fixture(scope="session")
def sqlite_prepared(sqlite_seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared installation on SQLite, to be copied."""
    folder = tmp_path_factory.mktemp("faults-sqlite") / "var"
    shutil.copytree(sqlite_seed, folder)
    prepare(folder)
    return folder


@pytest.fixture(scope="session")
def durable_cluster() -> Iterator[Cluster]:
    """A PostgreSQL that waits for the disk, and that these tests crash and start again."""
    cluster = Cluster.create(new_place(), durable=True)
    try:
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def postgres_prepared(
    durable_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """A prepared installation on PostgreSQL: its folder and the name of the template database."""
    folder = tmp_path_factory.mktemp("faults-postgresql") / "var"
    with durable_cluster.database() as url:
        furnish(folder, url)
        prepare(folder, url)
        yield folder, url.rpartition("/")[2]


@pytest.fixture
def installing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installing]:
    """Make installations of the test's own, on `sqlite` or `postgresql`; whatever runs of them is stopped."""
    with ExitStack() as stack:
        numbers = count(1)

        def install(kind: str, *, mutant: str | None = None) -> Installation:
            folder = tmp_path / f"var-{kind}-{next(numbers)}"
            if kind == "sqlite":
                shutil.copytree(request.getfixturevalue("sqlite_prepared"), folder)
                made = Installation(folder, mutant=mutant)
            else:
                seed, template = request.getfixturevalue("postgres_prepared")
                cluster: Cluster = request.getfixturevalue("durable_cluster")
                shutil.copytree(seed, folder)
                url = stack.enter_context(cluster.database(template=template))
                made = Installation(folder, url, mutant=mutant)
            stack.callback(made.stop)
            return made

        yield install


@pytest.fixture
def full_postgres(tmp_path: Path) -> Iterator[Filling]:
    """An installation whose database lies on a disk of its own, which can be filled and emptied."""
    place, note = new_place(), tmp_path / "small-disk"
    cluster = Cluster.create(place, launcher=small_disk_at(place / SMALL, note))
    try:
        reason = note.read_text()
        if not reason:
            cluster.administer(f"create tablespace {SMALL} location '{place / SMALL}'")
        with cluster.database(tablespace="pg_default" if reason else SMALL) as url:
            folder = tmp_path / "var-full"
            furnish(folder, url)
            prepare(folder, url)
            made = Installation(folder, url)
            try:
                yield Filling(made, url, reason)
            finally:
                made.stop()
    finally:
        cluster.remove()


@pytest.fixture
def storming(installing: Installing) -> Iterator[Storming]:
    """Make storms over installations of the test's own."""
    with ExitStack() as stack:

        def storm(kind: str, *, mutant: str | None = None, users: tuple[str, ...] = USERS) -> Forked:
            place = installing(kind)
            made = Forked(place.folder, place.url, mutant, SEED, users)
            stack.callback(report_storm, made)
            stack.callback(made.stop)
            return made

        yield storm


def report_storm(made: Forked) -> None:
    ledger = made.ledger
    report(
        f"storm: {made.kills} kills, {len(ledger.started)} starts, {len(ledger.completed)} completions, "
        f"{len(ledger.ended_jobs)} jobs acknowledged ({dict(ledger.answers)})"
    )
