"""doctor: what is in force, what is wrong, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import click

from engine import clock, config
from engine.config import Config, shown_url

BEAT_S: Final = 30
"""A worker beats every second; one that was silent for so long has stopped or hangs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found and what to do; a note is worth knowing, but nothing is wrong yet."""

    what: str
    do: str
    wrong: bool = True


@click.command()
@click.option(
    "--worker", "worker_alone", is_flag=True, help="Only see whether a worker works: for health checks."
)
def doctor(worker_alone: bool) -> None:
    """Print what is in force, what is wrong and what to do; exit code 1 when something is wrong."""
    settings = config.load()
    if worker_alone:
        _tell(list(worker(settings)))
        return
    from engine.cli.examination import examine

    for name, value in in_force(settings):
        click.echo(f"{name:<13} {value}")
    _tell(list(examine(settings)))


def _tell(found: list[Finding]) -> None:
    for finding in found:
        click.echo(f"{'wrong' if finding.wrong else 'note'}: {finding.what}: {finding.do}", err=True)
    if any(finding.wrong for finding in found):
        raise SystemExit(1)
    click.echo("Nothing is wrong.")


def in_force(settings: Config) -> Iterator[tuple[str, str]]:
    """Give the settings in force by name."""
    yield "environment", settings.environment
    yield "data", str(settings.data_dir)
    yield "database", shown_url(settings.database_url)
    yield "time zone", settings.timezone.key
    yield "master key", str(settings.master_key_file)


def disk(settings: Config) -> Iterator[Finding]:
    """A disk that is nearly full: a step that cannot be written is refused, and users see errors."""
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < settings.disk_reserve_bytes:
        least = settings.disk_reserve_bytes // 2**20
        yield Finding(
            f"the disk of {folder} has {free // 2**20} MB left, less than {least} MB",
            "free some space or move REDRESS_DATA_DIR; REDRESS_DISK_RESERVE_MB sets the bound",
        )


def worker(settings: Config) -> Iterator[Finding]:
    """A worker that has stopped: nothing falls due any more."""
    alive = settings.data_dir / "worker.alive"
    if not alive.exists() or clock.seconds_since_change(alive) > BEAT_S:
        yield Finding(
            f"no job worker has worked in the last {BEAT_S} seconds", "run `redress work` (or `make run`)"
        )
