"""audit: proving and exporting the trail."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.audit.checkpoint import make_checkpoint
from engine.audit.export import export_stream
from engine.cli.opening import opened
from engine.people.actor import SYSTEM
from engine.quality.verification import verify_at_once


@click.group()
def audit() -> None:
    """Prove and export the trail."""


@audit.command("verify")
@click.option("--stream", help="Only this stream: an instance's id, or `system`.")
def verify_command(stream: str | None) -> None:
    """Recompute every hash; exit code 1 when anything was changed, removed or reordered. What was seen is
    kept, with who asked for it.
    """
    with opened() as redress:
        report = verify_at_once(redress.runtime, SYSTEM.username, stream)
    for problem in report.problems:
        click.echo(problem, err=True)
    click.echo(f"{report.streams} stream(s), {report.rows} row(s), {report.values} value(s) checked.")
    if report.problems:
        raise SystemExit(1)


@audit.command("checkpoint")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def checkpoint(file: Path | None) -> None:
    """Seal the heads of all streams and write the checkpoint to FILE (or print it); keep it elsewhere."""
    with opened() as redress:
        text = make_checkpoint(redress.sessions, redress.keyring)
    if file is not None:
        file.write_text(text)
    else:
        click.echo(text, nl=False)


@audit.command("export")
@click.argument("stream")
def export(stream: str) -> None:
    """Write a stream as JSON lines to standard output."""
    with opened() as redress, redress.sessions.read() as session:
        for line in export_stream(session, stream):
            sys.stdout.write(line + "\n")
