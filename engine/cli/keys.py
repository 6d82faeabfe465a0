"""key: the master key that wraps the keys of all persons and documents."""

from __future__ import annotations

import click

from engine.assembly import Redress
from engine.audit import note
from engine.cli.opening import opened
from engine.documents.rotation import rewrap_all, wrapped_under
from engine.errors import Conflict
from engine.people.actor import SYSTEM
from engine.privacy.keyring import retire_master_key, rotate_master_key


@click.group()
def key() -> None:
    """Rotate the master key while everything runs."""


@key.command("rotate")
def rotate() -> None:
    """Put a new version of the master key in force and wrap every key under it; safe to stop and repeat.

    Running servers and workers follow at once where they read the same key file; on other hosts, copy the
    file there first. Older versions stay in the file until `key retire`, for backups and for what is late.
    """
    with opened() as redress:
        version = rotate_master_key(redress.config.master_key_file)
        with redress.sessions.step() as session:
            note(session, SYSTEM.username, "key.rotated", {"version": version})
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
        with redress.sessions.read() as session:
            left = wrapped_under(session).get(version, 0)
        if left:
            raise Conflict(f"version {version} still wraps {left} key(s): run `redress key rewrap` first")
        retire_master_key(redress.config.master_key_file, version)
        with redress.sessions.step() as session:
            note(session, SYSTEM.username, "key.retired", {"version": version})
    click.echo(f"Version {version} is retired. Keep a copy apart as long as backups from its time are kept.")


def _rewrap(redress: Redress) -> None:
    with redress.sessions.read() as session:
        counts = wrapped_under(session)
    older = sum(count for version, count in counts.items() if version < redress.keyring.current)
    with click.progressbar(length=older, label="Wrapping keys", show_pos=True) as bar:
        for done in rewrap_all(redress.sessions, redress.keyring):
            bar.update(done)
