"""A whole Redress for tests, on both databases: initialised, furnished with the demo's people and our models.

`redress` is what most tests ask for. Making the database once and copying it keeps them quick: SQLite is
copied as a file, PostgreSQL as a template database.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import clock, config
from engine.assembly import Redress, assemble
from engine.cases.registration import Registered, register_complaint
from engine.cli.models import deploy_paths
from engine.cli.serving import initialise
from engine.jobs.passes import run_until_quiet
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.people.demo import add_demo_people
from engine.runtime.bundles import BundleCache
from tests.postgres import Cluster

ROOT = Path(__file__).parent.parent
DATABASES = tuple(os.environ.get("REDRESS_TEST_DATABASES", "sqlite,postgresql").split(","))
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai on a Monday with no holiday near."""
ZONE = ZoneInfo("Asia/Shanghai")
_BUNDLES = BundleCache(ZONE)


def settings(folder: Path, url: str | None = None) -> config.Config:
    """Return settings of a test installation in `folder`."""
    environ = {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(folder)}
    return config.load(environ | ({"REDRESS_DATABASE_URL": url} if url else {}))


def furnish(folder: Path, url: str | None = None) -> None:
    """Initialise an installation with the demo's people and the models of this project."""
    with closing(initialise(settings(folder, url))) as made:
        clock.set_to(MONDAY)
        with made.sessions.step() as session:
            add_demo_people(session)
        deploy_paths(made.runtime, [ROOT / "processes", ROOT / "forms"], None, "test")


@pytest.fixture(scope="session")
def sqlite_seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished installation on SQLite, to be copied."""
    folder = tmp_path_factory.mktemp("seed-sqlite")
    furnish(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_seed(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A furnished installation on PostgreSQL: its folder and the address of the template database."""
    folder = tmp_path_factory.mktemp("seed-postgresql")
    with postgres.database() as url:
        furnish(folder, url)
        yield folder, url


@pytest.fixture(params=DATABASES)
def redress(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redress]:
    """A furnished installation of the test's own, its clock at MONDAY and settable."""
    folder = tmp_path / "var"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_seed"), folder)
        yield from _opened(settings(folder))
        return
    seed, template = request.getfixturevalue("postgres_seed")
    shutil.copytree(seed, folder)
    cluster: Cluster = request.getfixturevalue("postgres")
    with cluster.database(template=template.rpartition("/")[2]) as url:
        yield from _opened(settings(folder, url))


def _opened(given: config.Config) -> Iterator[Redress]:
    with closing(assemble(given)) as made:
        knowing(made)
        clock.set_to(MONDAY)
        yield made


def knowing(redress: Redress) -> Redress:
    """Let an engine know the bundles that tests before have compiled: they never change, and compiling ours
    takes longer than most tests.
    """
    assert redress.config.timezone.key == ZONE.key
    redress.runtime.bundles = _BUNDLES
    return redress


def actor(redress: Redress, name: str) -> Actor:
    """Return a demo user."""
    with redress.sessions.read() as session:
        return load_actor(session, name)


def intake(**changes: Any) -> dict[str, Any]:
    """Return a valid intake; changes override it."""
    values: dict[str, Any] = {
        "channel": "hotline",
        "received_at": clock.now().isoformat(),
        "content": "還款當日重複扣款，要求退回。CANARY-CONTENT",
        "customer": {
            "name": "王小明CANARY",
            "phone": "13912345678",
            "email": "canary@example.com",
            "id_number": "11010519491231002X",
        },
        "product": "消費貸款",
        "category": "business",
        "grade": 3,
        "preferred_contact": "phone",
    }
    return values | changes


def register(redress: Redress, by: str = "agent", **changes: Any) -> Registered:
    """Register a complaint as a demo user."""
    return register_complaint(redress.runtime, actor(redress, by), intake(**changes))


def pass_time(redress: Redress, **by: float) -> None:
    """Advance the clock and let everything that is due by then happen."""
    clock.advance(timedelta(**by))
    run_until_quiet(redress.runtime)


Fill = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
