"""backup, restore: an installation in one folder, and back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from engine import config
from engine.audit.verify import verify
from engine.backup.manifest import Manifest
from engine.backup.restore import restore_backup
from engine.backup.take import take_backup
from engine.cases.erased import LIST, erase_again, erased_cases
from engine.cli.opening import opened
from engine.cli.serving import initialise
from engine.errors import TrailBroken


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _summary(manifest: Manifest) -> str:
    rows = manifest.tables
    documents = sum(name.startswith("documents/") for name in manifest.files)
    return f"{rows['instance']} instance(s), {rows['history']} row(s) of the trail, {documents} document(s)"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Write a backup into the new FOLDER while everything runs; the master key is not part of it."""
    with opened() as redress:
        manifest = take_backup(redress, folder.absolute(), _tell)
        key = redress.config.master_key_file
    click.echo(f"Backed up {_summary(manifest)} into {folder}.")
    if manifest.missing_documents:
        click.echo(
            f"{len(manifest.missing_documents)} document(s) are not on disk; see the manifest.", err=True
        )
    click.echo(f"Keep a copy of {key} elsewhere: without it nobody reads personal data again.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--erased",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Who was erased since: erased.jsonl of the lost data folder (read by itself where it lies in the "
    "new one), or what `redress audit export system` told.",
)
def restore(folder: Path, erased: Path | None) -> None:
    """Restore the backup in FOLDER into a new data folder and an empty database, and verify the trail.

    Customers who were erased after the backup are erased again.
    """
    settings = config.load()
    kept = erased or settings.data_dir / LIST
    numbers = erased_cases(kept) if kept.exists() else None
    manifest = restore_backup(settings, folder.absolute(), _tell)
    _tell("Bringing the database up to this release and verifying the trail ...")
    with closing(initialise(settings)) as redress:
        with redress.sessions.read() as session:
            problems = verify(session).problems
        if problems:
            raise TrailBroken("; ".join(problems[:5]))
        again = erase_again(redress.runtime, redress.vault, numbers or ())
    click.echo(f"Restored {_summary(manifest)}, as of {manifest.made_at}; the trail verifies.")
    if numbers is None:
        click.echo(
            f"No list of who was erased since is here ({kept}): customers erased after the backup can be "
            "read again. Find the list, and begin anew with --erased.",
            err=True,
        )
    elif again:
        click.echo(f"Erased again, as they were since the backup: the customers of {', '.join(again)}.")
