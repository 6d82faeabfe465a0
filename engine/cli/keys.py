"""key: the master key that wraps the keys of all persons and documents."""

from __future__ import annotations

import click

from engine.assembly import Redress
from engine.audit.key_versions import MASTER, note_versions
from engine.cli.opening import opened
from engine.documents.rotation import retire_version, rewrap_all, wrapped_under
from engine.privacy.key_file import rotate_master_key


@click.group()
def key() -> None:
    """Rotate the master key while everything runs."""


@key.command("rotate")
def rotate() -> None:
    """Put a new version of the master key in force and wrap every key under it; safe to stop: go on with
    `key rewrap`.

    Running servers and workers follow at once where they read the same key file; on other hosts, copy the
    file there first. Older versions stay in the file until `key retire`, for backups and for what is late.
    """
    with opened() as redress:
        version = rotate_master_key(redress.config.master_key_file)
        _rewrap(redress)
        click.echo(f"Version {version} of the master key is in force. Back up the key file now.")


@key.command("rewrap")
def rewrap() -> None:
    """Go on wrapping keys under the version in force, after `key rotate` was stopped."""
    with opened() as redress:
        _rewrap(redress)


@key.command("status")
def status() -> None:
    """Tell which versions the key file holds and how many keys each wraps."""
    with opened() as redress, redress.sessions.read() as session:
        counts = wrapped_under(session)
        current = redress.keyring.current
        for version in sorted({*redress.keyring.versions, *counts}):
            held = "" if version in redress.keyring.versions else ", not in the key file"
            force = ", in force" if version == current else ""
            click.echo(f"version {version}: {counts.get(version, 0)} key(s){force}{held}")


@key.command("retire")
@click.argument("version", type=int)
def retire(version: int) -> None:
    """Take an old VERSION out of the key file; backups from its time need a copy of it."""
    with opened() as redress:
        retire_version(redress.sessions, redress.config.master_key_file, version)
    click.echo(f"Version {version} is retired. Keep a copy apart as long as backups from its time are kept.")


def _rewrap(redress: Redress) -> None:
    """Wrap what is under an older version; raises Conflict where some of it does not open."""
    with redress.sessions.step() as session:
        note_versions(session, MASTER, redress.keyring.versions)
        counts = wrapped_under(session)
    older = sum(count for version, count in counts.items() if version < redress.keyring.current)
    with click.progressbar(length=older, label="Wrapping keys", show_pos=True) as bar:
        for done in rewrap_all(redress.sessions, redress.keyring):
            bar.update(done)
