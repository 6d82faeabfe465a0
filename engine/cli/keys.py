"""key: the master key that wraps the keys of all persons and documents, and that of the blind index."""

from __future__ import annotations

import click

from engine.assembly import Redress
from engine.audit.key_versions import INDEX, MASTER, note_versions
from engine.cases.reindexing import drop_digests, indexed_under, reindex_all, retire_index_version
from engine.cli.opening import opened
from engine.documents.rotation import retire_version, rewrap_all, wrapped_under
from engine.privacy.key_file import rotate_index_key, rotate_master_key


@click.group()
def key() -> None:
    """Rotate the master key, or that of the blind index, while everything runs."""


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
    """Tell which versions the key file holds, how many keys each wraps, and how many persons are indexed."""
    with opened() as redress, redress.sessions.read() as session:
        ring = redress.keyring
        _tell("version", "key(s)", ring.current, ring.versions, wrapped_under(session))
        _tell("index version", "person(s)", ring.index_version, ring.index_versions, indexed_under(session))


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


@key.group("index")
def index() -> None:
    """Rotate the key of the blind index, by which customers are found."""


@index.command("rotate")
def rotate_index() -> None:
    """Put a new version of the blind index's key in force and index everybody under it; safe to stop: go on
    with `key index fill`.

    Customers are found, and repeats linked, all the while. The older version stays until `key index retire`.
    """
    with opened() as redress:
        version = rotate_index_key(redress.config.master_key_file)
        _reindex(redress)
        click.echo(f"Version {version} of the index's key is in force. Back up the key file now.")


@index.command("fill")
def fill() -> None:
    """Go on indexing everybody, after `key index rotate` was stopped; the worker does it, too."""
    with opened() as redress:
        _reindex(redress)
        _drop(redress)


@index.command("retire")
@click.argument("version", type=int)
def retire_index(version: int) -> None:
    """Take an old VERSION of the blind index's key out of the key file and remove what was made under it."""
    with opened() as redress:
        retire_index_version(redress.sessions, redress.config.master_key_file, version)
        _drop(redress)
    click.echo(f"Version {version} of the index's key is retired. Back up the key file now.")


def _reindex(redress: Redress) -> None:
    with redress.sessions.step() as session:
        note_versions(session, INDEX, redress.keyring.index_versions)
        counts = indexed_under(session)
    older = sum(count for version, count in counts.items() if version < redress.keyring.index_version)
    with click.progressbar(length=older, label="Indexing persons", show_pos=True) as bar:
        for done in reindex_all(redress.sessions, redress.keyring):
            bar.update(done)


def _drop(redress: Redress) -> None:
    dropped = sum(drop_digests(redress.sessions, redress.keyring))
    click.echo(f"{dropped} entries under versions that are not held any more were removed.")


def _tell(what: str, of: str, current: int, held: list[int], counts: dict[int, int]) -> None:
    for version in sorted({*held, *counts}):
        missing = "" if version in held else ", not in the key file"
        force = ", in force" if version == current else ""
        click.echo(f"{what} {version}: {counts.get(version, 0)} {of}{force}{missing}")
