"""A throw-away PostgreSQL for the tests: started when a test first asks for it, stopped by its process id.

A test asks for `postgres_url` (a fresh database for its module) or `postgres` (the cluster, to make databases
of its own). All workers of a run share one cluster, without fsync. `crashing_postgres` is a cluster for one
test alone, with fsync, that may be killed and started again.

The server listens on a Unix socket and on a random port of the loopback address, and trusts whoever comes
from there. PostgreSQL refuses to run as root: there it runs as the user `postgres`, which its package makes.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.ports import free_port

PREFIX = "redress-postgres-"
PLACE = "REDRESS_TEST_POSTGRES_PLACE"  # tells the workers of one run where their cluster lies
USER = "redress"
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
COMMON = {
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class PostgresUnavailable(RuntimeError):
    """PostgreSQL is not installed, or did not start; the message says what to do."""


@dataclass
class Cluster:
    """One running server in a directory of its own."""

    place: Path
    port: int
    settings: dict[str, str]
    launcher: tuple[str, ...] = ()
    """What to start the server with, such as a program that gives it a small disk."""

    @classmethod
    def create(cls, place: Path, *, durable: bool = False, launcher: tuple[str, ...] = ()) -> Cluster:
        """Make a cluster in `place` and start it; `durable` waits for the disk as a real one does."""
        place.mkdir(mode=0o700, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(place, "postgres", "postgres")
        _run(
            place,
            "initdb",
            *("--pgdata", str(place / "data"), "--username", USER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
        )
        cluster = cls(place, 0, COMMON if durable else COMMON | QUICK, launcher)
        cluster.start()
        return cluster

    @property
    def pid(self) -> int:
        """The process id of the server, as it noted it itself."""
        return int((self.place / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        """Return the address of a database, as REDRESS_DATABASE_URL takes it."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server on a free port (the one it had, when it had one) and wait until it answers."""
        self.port = self.port or free_port()
        options = [f"-c {name}={value}" for name, value in self.settings.items()]
        _run(
            self.place,
            "pg_ctl",
            *("start", "--wait", "--silent", "--timeout", "60"),
            *("--pgdata", str(self.place / "data"), "--log", str(self.place / "log")),
            *("--options", " ".join([f"-p {self.port} -k {self.place}", *options])),
            launcher=self.launcher,
        )

    def stop(self) -> None:
        """Stop the server at once, cutting off its connections."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Let the server die as in a power failure: without writing anything; `start` recovers."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        """Stop the server if it runs, and delete everything that it had."""
        if (self.place / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.place)

    @contextmanager
    def database(self, *, template: str = "template0", tablespace: str = "pg_default") -> Iterator[str]:
        """Make a fresh database (a copy of `template`), hand out its address, and drop it afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        # Where nothing waits for the disk, copying files takes a sixth of the time that the log would.
        how = " strategy file_copy" if self.settings.get("fsync") == "off" else ""
        self.administer("create database {} template {} tablespace {}", name, template, tablespace, newer=how)
        try:
            yield self.url(name)
        finally:
            self.administer("drop database {} with (force)", name)

    def administer(self, statement: str, *names: str, newer: str = "") -> None:
        """Execute outside transactions, names in the place of `{}`; `newer` ends it since PostgreSQL 15."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            whole = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
            known = connection.info.server_version >= 150000
            connection.execute(whole + sql.SQL(newer if known else ""))

    def _end(self, how: signal.Signals) -> None:
        pid = self.pid
        os.kill(pid, how)
        deadline = time.monotonic() + 30
        while _is_server(pid, self.place):
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"the server {pid} in {self.place} did not stop within 30 s")
            time.sleep(0.02)


def _run(place: Path, program: str, *arguments: str, launcher: tuple[str, ...] = ()) -> None:
    command = [str(_programs() / program), *arguments]
    if os.getuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(
        [*launcher, *command],
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        log = place / "log"
        told = log.read_text()[-2000:] if log.exists() else ""
        raise PostgresUnavailable(f"{program} failed: {done.stderr.strip()} {told}")


def _programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    if not installed:
        raise PostgresUnavailable(
            "PostgreSQL is missing: `make test` installs it, or apt-get install postgresql"
        )
    return installed[0].parent


def _is_server(pid: int, place: Path) -> bool:
    """Whether the process is the server of this very place: a process id may be another's by now."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return str(place).encode() in command


def _shared_cluster(place: Path) -> Cluster:
    """Return the run's one cluster; whichever worker comes first makes it."""
    place.parent.mkdir(mode=0o755, exist_ok=True)
    with (place.parent / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = place.parent / f"{place.name}.json"
        if note.exists():
            return Cluster(place, json.loads(note.read_text())["port"], COMMON | QUICK)
        cluster = Cluster.create(place)
        note.write_text(json.dumps({"port": cluster.port}))
        return cluster


def _remove_abandoned() -> None:
    """Remove the clusters of runs that were killed before they could."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = place.name.removeprefix(PREFIX).split("-")[0]
        if not place.is_dir() or not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        if place.stat().st_uid in {os.getuid(), _server_uid()}:
            _remove(place)


def _remove(place: Path) -> None:
    noted = place / "data" / "postmaster.pid"
    if noted.exists() and _is_server(int(noted.read_text().split()[0]), place):
        Cluster(place, 0, {}).stop()
    shutil.rmtree(place, ignore_errors=True)
    for suffix in (".json", ".lock"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)


def _server_uid() -> int:
    if os.getuid() != 0:
        return os.getuid()
    from pwd import getpwnam

    try:
        return getpwnam("postgres").pw_uid
    except KeyError:
        return 0


def new_place() -> Path:
    return Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def pytest_configure(config: pytest.Config) -> None:
    """In the process that leads the run: say where its cluster will lie, before any worker starts."""
    if hasattr(config, "workerinput"):
        return
    _remove_abandoned()
    os.environ[PLACE] = str(new_place())


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the process that leads the run, when all workers are gone: take the cluster away."""
    if hasattr(config, "workerinput"):
        return
    place = os.environ.pop(PLACE, None)
    if place:
        _remove(Path(place))


@pytest.fixture(scope="session")
def postgres() -> Cluster:
    """The cluster that all tests of the run share; `with postgres.database() as url` makes a database."""
    return _shared_cluster(Path(os.environ[PLACE]))


@pytest.fixture(scope="module")
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The address of a fresh, empty database for the tests of one module."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def crashing_postgres() -> Iterator[Cluster]:
    """A cluster for one test, which waits for the disk and may be crashed and started again."""
    cluster = Cluster.create(new_place(), durable=True)
    try:
        yield cluster
    finally:
        cluster.remove()


__all__: list[Any] = ["Cluster", "PostgresUnavailable", "crashing_postgres", "postgres", "postgres_url"]
