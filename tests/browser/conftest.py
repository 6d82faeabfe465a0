"""What the tests in a real browser share: a running installation, and people at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.people import Person
    from tests.postgres import Cluster

AtBrowser = Callable[..., "Person"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a test that failed what its server said last."""
    report = yield
    if call.when == "call" and report.failed:
        servers = [each for each in item.funcargs.values() if isinstance(each, Server)]
        logs = [(name, server.log(name)) for server in servers for name in ("serve", "work")]
        report.sections += [(f"the end of `redress {name}`", log) for name, log in logs if log]
    return report


@contextmanager
def running(seed: Path, folder: Path, url: str | None = None) -> Iterator[Server]:
    """Copy a furnished installation, whose clock stands on a Monday, and serve it."""
    shutil.copytree(seed, folder)
    server = Server(folder, url)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(sqlite_seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation on SQLite that the tests share; its clock is not moved."""
    with running(sqlite_seed, tmp_path_factory.mktemp("served") / "var") as made:
        yield made


@pytest.fixture
def own_server(sqlite_seed: Path, tmp_path: Path) -> Iterator[Server]:
    """An installation on SQLite for one test, which may move its clock and stop it."""
    with running(sqlite_seed, tmp_path / "var") as made:
        yield made


@pytest.fixture
def postgres_server(postgres: Cluster, postgres_seed: tuple[Path, str], tmp_path: Path) -> Iterator[Server]:
    """An installation on PostgreSQL for one test."""
    seed, template = postgres_seed
    with (
        postgres.database(template=template.rpartition("/")[2]) as url,
        running(seed, tmp_path / "var", url) as made,
    ):
        yield made


@pytest.fixture
def at_browser(chromium: Browser, page_errors: list[str]) -> Iterator[AtBrowser]:
    """Seat somebody at a browser: `at_browser(server, "agent")`. What their pages report fails the test."""
    from tests.browser.people import Person

    asked: list[Server] = []
    with ExitStack() as windows:

        def seat(server: Server, name: str | None = None, **options: Any) -> Person:
            asked.append(server)
            return windows.enter_context(Person(chromium, server, name, page_errors, **options))

        yield seat
    assert page_errors == [], "\n".join(server.log("serve") for server in asked[:1])
