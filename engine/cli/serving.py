"""init, serve, work, up, doctor: setting up and running."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

import click

from engine import clock, config
from engine.assembly import Redress, assemble, prepare_clock
from engine.cases import calendar_import
from engine.cli.opening import opened
from engine.config import Config
from engine.errors import ConfigurationError, RedressError
from engine.jobs.worker import run_worker
from engine.people.actor import SYSTEM
from engine.privacy.keyring import create_master_key
from engine.store.migrate import migrate, pending
from engine.store.sessions import Sessions

HOST = "127.0.0.1"
THREADS = 8
_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def initialise(settings: Config) -> Redress:
    """Make what is missing: folders, keys, tables, calendar. What is there is kept."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.master_key_file.exists():
        create_master_key(settings.master_key_file)
    if settings.secret_key is None and not settings.secret_key_file.exists():
        descriptor = os.open(settings.secret_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    prepare_clock(settings)
    sessions = Sessions(settings.database_url)
    migrate(sessions.step_engine)
    sessions.close()
    redress = assemble(settings)
    calendar_import.import_shipped(redress.runtime, SYSTEM)
    return redress


@click.command()
def init() -> None:
    """Make the data folder, keys, database and calendar; what is there is kept."""
    settings = config.load()
    initialise(settings).close()
    click.echo(f"Ready in {settings.data_dir} with the database {shown_url(settings.database_url)}.")


def shown_url(url: str) -> str:
    """Return the database address without its password."""
    head, _, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://...@{tail}" if head else url


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--workers", default=1, show_default=True, help="Web processes; more than one needs PostgreSQL."
)
def serve(host: str, workers: int) -> None:
    """Serve the web pages and the API (jobs and timers are worked off by `redress work`)."""
    settings = config.load()
    if settings.is_sqlite and workers > 1:
        raise click.UsageError("with SQLite one web process serves; use PostgreSQL for more")
    require_free_port(host, settings.port)
    with opened():
        pass  # refuses early, with a clear message, what the web processes would refuse one by one
    os.execv(sys.executable, _gunicorn(settings, host, workers))  # noqa: S606 - our own interpreter


def require_free_port(host: str, port: int) -> None:
    """Refuse early to serve where another program listens. Raises ConfigurationError.

    Without it gunicorn tries for seconds, and whoever waits for `/healthz` hears the other program's answer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"cannot serve on {host}:{port} ({error.strerror}): if another program, or Redress itself, "
                f"runs there, stop it or choose another port, as in `PORT={port + 1} make run`"
            ) from error


def _gunicorn(settings: Config, host: str, workers: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "web.wsgi:app",
        "--bind",
        f"{host}:{settings.port}",
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        str(THREADS),
        "--graceful-timeout",
        "20",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]


@click.command()
def work() -> None:
    """Work off jobs and timers until stopped."""
    with opened() as redress:
        alive = redress.config.data_dir / "worker.alive"
        click.echo("Working off jobs and timers.", err=True)
        _hear_stops()
        run_worker(redress.runtime, beat=alive.touch)


def _hear_stops() -> None:
    for number in _STOPS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    for number in _STOPS:  # being told twice must not break off the stopping
        signal.signal(number, _ignore)
    raise SystemExit(0)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Hear a signal and do nothing; SIG_IGN would complain about one that is just arriving."""


@click.command(hidden=True)
@click.option(
    "--models",
    "root",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where processes/ and forms/ lie.",
)
def up(root: Path) -> None:
    """Do everything for the demo and serve in the foreground: what `make run` calls."""
    from engine.cli.demo import furnish

    settings = config.load()
    require_free_port(HOST, settings.port)
    redress = initialise(settings)
    try:
        furnish(redress, root)
    finally:
        redress.close()
    _hear_stops()
    children: list[subprocess.Popen[bytes]] = []
    try:
        # Process groups of their own: a Ctrl-C reaches us alone, who tell each of them once. gunicorn, told
        # by the terminal and by its parent at the same time, may hang for the time that it gives to requests.
        children.append(subprocess.Popen([sys.executable, "-m", "engine", "work"], process_group=0))
        children.append(subprocess.Popen(_gunicorn(settings, HOST, 1), process_group=0))  # noqa: S603
        _announce(settings, children)
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        raise SystemExit(1)
    finally:
        _stop(children)


def _announce(settings: Config, children: list[subprocess.Popen[bytes]]) -> None:
    address = f"http://{HOST}:{settings.port}"
    while all(child.poll() is None for child in children):
        try:
            with urlopen(f"{address}/healthz", timeout=1) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    click.echo(f"\nRedress serves on {address} (Ctrl-C stops it).")
                    click.echo(
                        "Log in as agent, handler, supervisor, management, ...; the password is NAME-demo."
                    )
                    return
        except OSError:
            time.sleep(0.1)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=25)
        except subprocess.TimeoutExpired:
            child.kill()


@click.command()
def doctor() -> None:
    """Print what is in force and what is wrong; exit code 1 when something is."""
    settings = config.load()
    prepare_clock(settings)
    click.echo(f"environment   {settings.environment}")
    click.echo(f"data          {settings.data_dir}")
    click.echo(f"database      {shown_url(settings.database_url)}")
    click.echo(f"time zone     {settings.timezone.key}")
    click.echo(f"master key    {settings.master_key_file}")
    problems = _problems(settings)
    for problem in problems:
        click.echo(f"wrong: {problem}", err=True)
    if problems:
        raise SystemExit(1)
    click.echo("Nothing is wrong.")


def _problems(settings: Config) -> list[str]:
    if not settings.master_key_file.exists():
        return [f"there is no master key {settings.master_key_file}: run `redress init`"]
    found = []
    try:
        redress = assemble(settings)
        missing = pending(redress.sessions.step_engine)
        if missing:
            return [f"{len(missing)} migration(s) are not applied: run `redress init`"]
        with redress.sessions.read() as session:
            calendar = redress.runtime.calendars.current(session)
        click.echo(f"calendar      {calendar.version}, published to {calendar.horizon}")
        redress.close()
    except RedressError as error:
        found.append(str(error))
    alive = settings.data_dir / "worker.alive"
    if not alive.exists() or clock.seconds_since_change(alive) > 30:
        found.append("no job worker has worked in the last 30 seconds: run `redress work` (or `make run`)")
    return found


COMMANDS = (init, serve, work, up, doctor)
