"""Restoring a backup into an installation that is empty."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.backup.database import Counted, bring_back, counted, is_empty, kind_of
from engine.backup.manifest import Manifest, fingerprint, read_manifest
from engine.backup.take import DOCUMENTS
from engine.config import Config
from engine.errors import ConfigurationError, TrailBroken
from engine.privacy.keyring import load_keyring
from engine.store.sessions import Sessions


def restore_backup(settings: Config, folder: Path, tell: Callable[[str], None]) -> Manifest:
    """Put a backup where the settings say, and hold what is there then against the manifest.

    Raises ConfigurationError, before anything is written, where the backup is damaged, its master key is not
    here, it is of another kind of database, or something is here already; TrailBroken where what was restored
    is not what was backed up.
    """
    tell("Checking the backup ...")
    manifest = read_manifest(folder)
    _require_key(settings, manifest)
    with closing(Sessions(settings.database_url)) as sessions:
        if kind_of(sessions) != manifest.database:
            raise ConfigurationError(
                f"the backup is of {manifest.database}, and REDRESS_DATABASE_URL of {kind_of(sessions)}"
            )
        documents = settings.data_dir / DOCUMENTS
        if not is_empty(sessions) or (documents.exists() and any(documents.iterdir())):
            raise ConfigurationError(
                "something is here already: restore into a new data folder and an empty database "
                "(stop everything and move the present ones away)"
            )
        tell("Restoring documents and database ...")
        if (folder / DOCUMENTS).exists():
            shutil.copytree(folder / DOCUMENTS, documents, dirs_exist_ok=True)
        bring_back(settings.database_url, folder)
        with sessions.read_engine.connect() as connection:
            _require_same(counted(connection), manifest)
    return manifest


def _require_key(settings: Config, manifest: Manifest) -> None:
    """Refuse where the master key is missing or another: nobody could read personal data."""
    if not settings.master_key_file.exists():
        raise ConfigurationError(
            f"the master key {settings.master_key_file} is not here; it is not part of the backup: "
            "put it back from where it is kept"
        )
    keyring = load_keyring(settings.master_key_file, strict=settings.environment == "production")
    then = manifest.master_key
    needed = set(then.get("versions") or [then["version"]])
    indexed = then.get("index_version", 0)
    is_same = fingerprint(keyring)["fingerprint"] == then["fingerprint"]
    if is_same and indexed > keyring.index_version:
        raise ConfigurationError(
            f"{settings.master_key_file} is older than this backup, in which customers are found by version "
            f"{indexed} of the key of the blind index: put a later copy of the key file there"
        )
    if not is_same or not needed <= set(keyring.versions):
        versions = ", ".join(map(str, sorted(needed)))
        raise ConfigurationError(
            f"the master key {settings.master_key_file} does not open this backup (it needs fingerprint "
            f"{then['fingerprint']} with version {versions}): put the key file of that time back"
        )


def _require_same(found: Counted, manifest: Manifest) -> None:
    if (found.tables, found.streams, found.root) != (manifest.tables, manifest.streams, manifest.root):
        differ = sorted(
            name
            for name in found.tables.keys() | manifest.tables.keys()
            if found.tables.get(name) != manifest.tables.get(name)
        )
        raise TrailBroken(
            f"what was restored is not what was backed up: {', '.join(differ) or 'the heads of the trail'}"
        )
