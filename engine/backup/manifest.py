"""The manifest of a backup: what it holds, how much, and what proves that nothing of it was changed."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError
from engine.privacy.keyring import Keyring

FORMAT = 1
NAME = "manifest.json"
_CHUNK = 1024 * 1024


@dataclass(slots=True)
class Manifest:
    """`tables` are rows by table, `root` is the Merkle root over the heads of all `streams` of the trail.

    `files` are sizes and SHA-256 by path; `master_key` says which key opens the personal data, not the key.
    """

    made_at: str
    release: str
    database: str
    migration: str
    tables: dict[str, int]
    streams: int
    root: str
    master_key: dict[str, Any]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing_documents: list[str] = field(default_factory=list)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write it into the folder, durable before this returns."""
        with (folder / NAME).open("x", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Read a backup's manifest and hold every file against it.

    Raises ConfigurationError naming what is missing, changed or not known to this release.
    """
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ConfigurationError(
                f"{folder} has format {content['format']}; this release of Redress reads {FORMAT}"
            )
        manifest = Manifest(**content)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{folder} holds no {NAME}: it is no backup, or not a whole one") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{folder / NAME} cannot be read: {type(error).__name__}") from error
    wrong = [name for name, told in manifest.files.items() if _differs(folder / name, told)]
    if wrong:
        raise ConfigurationError(
            f"{len(wrong)} file(s) of the backup are missing or not what was backed up, such as {wrong[0]}: "
            "take another backup"
        )
    return manifest


def fingerprint(keyring: Keyring) -> dict[str, Any]:
    """Return what identifies a master key file without telling the key; rotation does not change it."""
    return {"fingerprint": keyring.digest("backup", "master key")[:16], "version": keyring.current}


def measured(path: Path) -> dict[str, Any]:
    """Return the size and SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return {"size": path.stat().st_size, "sha256": digest.hexdigest()}


def _differs(path: Path, told: dict[str, Any]) -> bool:
    return not path.is_file() or measured(path) != told
