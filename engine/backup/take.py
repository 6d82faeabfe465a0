"""Taking a backup of a running installation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from engine import clock
from engine.assembly import Redress
from engine.backup.database import copy_database, kind_of
from engine.backup.manifest import Manifest, fingerprint, measured
from engine.errors import ConfigurationError
from engine.store.types import instant_text

DOCUMENTS = "documents"
_TELL_EVERY = 1_000


def take_backup(redress: Redress, target: Path, tell: Callable[[str], None]) -> Manifest:
    """Write a backup into the new folder `target`; whoever uses the installation goes on meanwhile.

    The database comes first, then the documents that it names: a document is on disk before its row is
    committed. The folder has another name until it is whole. `tell` is told the progress. Raises
    ConfigurationError where the folder exists or the database cannot be copied.
    """
    if target.exists():
        raise ConfigurationError(f"{target} exists; choose a folder that is not there yet")
    draft = target.with_name(f"{target.name}.{os.getpid()}.unfinished")
    draft.mkdir(parents=True, mode=0o700)
    try:
        manifest = _fill(redress, draft, tell)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _fill(redress: Redress, draft: Path, tell: Callable[[str], None]) -> Manifest:
    made_at = instant_text(clock.now())
    tell("Copying the database ...")
    counted = copy_database(redress.sessions, draft)
    manifest = Manifest(
        made_at=made_at,
        release=version("redress"),
        database=kind_of(redress.sessions),
        migration=counted.migration,
        tables=counted.tables,
        streams=counted.streams,
        root=counted.root,
        master_key=fingerprint(redress.keyring)
        | {"versions": counted.key_versions, "index_version": counted.index_version},
    )
    for number, document in enumerate(counted.documents, 1):
        source = redress.vault.path(document)
        place = draft / DOCUMENTS / source.parent.name / source.name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copyfile(source, place)
        except FileNotFoundError:  # erased since the database was copied, or lost before
            manifest.missing_documents.append(document)
        if number % _TELL_EVERY == 0:
            tell(f"Copied {number} of {len(counted.documents)} documents ...")
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    manifest.files = {path.relative_to(draft).as_posix(): measured(path) for path in files}
    manifest.write(draft)
    return manifest
