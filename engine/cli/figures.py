"""figures: freezing months again, and proving what was frozen or handed out signed."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.opening import opened
from engine.cli.operating import BY, acting
from engine.quality.freezing import correct, verify_all_frozen
from engine.quality.sheets import PDF, check_file, check_signed, public_key


@click.group()
def figures() -> None:
    """Freeze the figures of a month again; prove frozen ones and signed score sheets."""


@figures.command("freeze")
@click.argument("month")
@click.option("--reason", required=True, help="Why the month is frozen again.")
@BY
def freeze(month: str, reason: str, by: str | None) -> None:
    """Freeze the figures of MONTH (2026-03) as a new version; exit code 1 when nothing has changed."""
    with acting(by) as (redress, actor):
        version = correct(redress.runtime, actor, month, reason)
    click.echo(f"{month}: version {version}")


@figures.command("key")
def key() -> None:
    """Print the public key that signed score sheets are checked with."""
    with opened() as redress:
        click.echo(public_key(redress.keyring))


@figures.command("verify")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "trusted", help="The public key to trust; this installation's own without it.")
def verify_command(file: Path | None, trusted: str | None) -> None:
    """Check a signed score sheet (JSON or PDF), or without FILE make all frozen figures again; exit code 1
    if any fails.
    """
    if file is not None:
        if trusted is None:
            with opened() as redress:
                trusted = public_key(redress.keyring)
        content = file.read_bytes()
        if content.startswith(PDF):
            check_file(content, trusted)
            click.echo(f"{file.name}: as it was signed, every byte.")
            return
        statement = check_signed(content, trusted)
        click.echo(f"{file.name}: as it was signed ({statement['period']} version {statement['version']}).")
        return
    with opened() as redress, redress.sessions.read() as session:
        problems = verify_all_frozen(session)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo("All frozen figures follow from their cases.")
