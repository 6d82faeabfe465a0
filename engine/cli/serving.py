"""init, serve, work, up: setting up and running."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

import click

from engine import config
from engine.assembly import Redress, assemble, settle, start_logs
from engine.cli.opening import opened
from engine.config import Config, prepare_clock, shown_url
from engine.errors import ConfigurationError
from engine.people.actor import SYSTEM
from engine.privacy.key_file import create_master_key
from engine.privacy.own_key import require_no_keys, require_own_key
from engine.store.migrate import migrate
from engine.store.sessions import Sessions

HOST = "127.0.0.1"
THREADS = 8
_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def initialise(settings: Config) -> Redress:
    """Make what is missing: folders, keys, tables, calendar. What is there is kept.

    Raises ConfigurationError where the database was written under a master key that is not here.
    """
    from engine.cases import calendar_import

    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.secret_key is None and not settings.secret_key_file.exists():
        descriptor = os.open(settings.secret_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    prepare_clock(settings)
    sessions = Sessions(settings.database_url)
    migrate(sessions.step_engine)
    with closing(sessions):
        if not settings.master_key_file.exists():
            with sessions.read() as session:
                require_no_keys(session)
            create_master_key(settings.master_key_file)
    redress = assemble(settings)
    try:
        with redress.sessions.read() as session:
            require_own_key(session, redress.keyring)
        calendar_import.import_shipped(redress.runtime, SYSTEM)
    except BaseException:
        redress.close()
        raise
    return redress


@click.command()
def init() -> None:
    """Make the data folder, keys, database and calendar; what is there is kept."""
    settings = config.load()
    initialise(settings).close()
    click.echo(f"Ready in {settings.data_dir} with the database {shown_url(settings.database_url)}.")


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
    environment = _web_environment(settings)
    os.execve(sys.executable, _gunicorn(settings, host, workers), environment)  # noqa: S606 - our own interpreter


def _web_environment(settings: Config) -> dict[str, str]:
    """Return the environment of the web processes: they count together, in files of a folder of their own."""
    from engine.metrics import FOLDER_VARIABLE, fresh_folder

    folder = fresh_folder(settings.data_dir / "metrics", f"{socket.gethostname()}-{os.getpid()}")
    return {**os.environ, FOLDER_VARIABLE: str(folder)}


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
@click.option("--metrics-port", type=int, help="Tell Prometheus about this worker on that port of 127.0.0.1.")
@click.option(
    "--beat",
    "beats",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="A file to touch each second while nothing hangs, for a health check of this very worker.",
)
def work(metrics_port: int | None, beats: tuple[Path, ...]) -> None:
    """Work off jobs and timers until stopped."""
    from prometheus_client import start_http_server

    from engine.jobs.figures import StandingCollector
    from engine.jobs.worker import run_worker
    from engine.metrics import registry_with

    with opened() as redress:
        start_logs(redress.config)
        if metrics_port is not None:
            require_free_port(HOST, metrics_port)
            start_http_server(metrics_port, HOST, registry_with(StandingCollector(redress.runtime)))
        files = (redress.config.data_dir / "worker.alive", *beats)
        _hear_stops()
        click.echo("Working off jobs and timers.", err=True)

        def beat() -> None:
            for file in files:
                file.touch()

        runtime = redress.runtime
        settle()
        run_worker(runtime, beat=beat)


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
        environment = _web_environment(settings)
        children.append(subprocess.Popen(_gunicorn(settings, HOST, 1), env=environment, process_group=0))  # noqa: S603
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
