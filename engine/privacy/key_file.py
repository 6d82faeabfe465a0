"""The file of the master key: made, changed one change at a time, and read.

JSON with the keys by version and the version in force, and the secret of the installation (`index`), which
no rotation changes. Once the key of the blind index was rotated, it has versions of its own (`lookup`);
before, the secret is its only one.

A change is written beside the file and takes its place at once: whoever reads sees the file from before or
from after, also when the machine stops in between.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError
from engine.privacy.sealing import KEY_BYTES, new_key

FIRST_FORMAT, WITH_LOOKUP = 1, 2
"""The second has versions of the key of the blind index; releases that know only the first refuse it."""
VERSION_BYTES = 2
LAST_VERSION = 2 ** (8 * VERSION_BYTES) - 1


def create_master_key(path: Path) -> None:
    """Make a new master key file, readable by its owner alone. Raises ConfigurationError where one exists."""
    keys = {"1": _text(new_key())}
    content = {"format": FIRST_FORMAT, "current": 1, "keys": keys, "index": _text(new_key())}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(path, content)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} exists; a new master key would make all personal data unreadable, so it is left alone"
        ) from error


def rotate_master_key(path: Path) -> int:
    """Add a new version of the master key and put it in force; older ones still open. Return the version.

    The keys wrapped under older versions are wrapped again by `engine.documents.rotation.rewrap_all`.
    """
    with _changing(path) as content:
        return _add_version(path, content)


def retire_master_key(path: Path, version: int) -> None:
    """Take a version of the master key out of the file; what is wrapped under it never opens again.

    The caller makes sure that nothing is. Raises ConfigurationError for the version in force or one that is
    not held.
    """
    with _changing(path) as content:
        _drop_version(path, content, version, "the master key")


def rotate_index_key(path: Path) -> int:
    """Add a new version of the key of the blind index and put it in force. Return the version.

    As long as older ones are held, whoever is registered is indexed under all of them; who was before, by
    `engine.cases.reindexing`.
    """
    with _changing(path) as content:
        content["format"] = WITH_LOOKUP
        lookup = content.setdefault("lookup", {"current": 1, "keys": {"1": content["index"]}})
        return _add_version(path, lookup)


def retire_index_key(path: Path, version: int) -> None:
    """Take a version of the key of the blind index out of the file; nobody is found under it any more.

    The caller makes sure that everybody is indexed under the one in force. Raises as `retire_master_key`.
    """
    with _changing(path) as content:
        lookup = content.get("lookup", {"current": 1, "keys": {"1": content["index"]}})
        _drop_version(path, lookup, version, "the key of the blind index")


def read_key_file(path: Path) -> dict[str, Any]:
    """Return what the file holds. Raises ConfigurationError saying what is wrong and what to do."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"the master key file {path} does not exist; put it back from where its copy is kept, or set "
            "REDRESS_MASTER_KEY_FILE (for a new installation `redress init` makes one)"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the master key file {path} cannot be read: {type(error).__name__}"
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path} is no master key file; restore it from its backup")
    return content


def key_of(text: str) -> bytes:
    """Return the key that stands in the file as text. Raises ValueError where it is none."""
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Any]]:
    """Give the content to change, and put it in the file's place after the block, if nothing was raised.

    One at a time, in whatever process: of two that read the same file, the later would write it without the
    version that the earlier has put in force, and what is wrapped under that one by then would be lost.
    """
    read_key_file(path)
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for unfinished in path.parent.glob(f"{path.name}.*.new"):  # of one that was killed over it
            unfinished.unlink()
        content = read_key_file(path)
        yield content
        _replace(path, content)
    finally:
        os.close(lock)


def _add_version(path: Path, held: dict[str, Any]) -> int:
    version = max(int(key) for key in held["keys"]) + 1
    if version > LAST_VERSION:
        raise ConfigurationError(f"{path} holds version {LAST_VERSION}, the last one that there is")
    held["keys"][str(version)] = _text(new_key())
    held["current"] = version
    return version


def _drop_version(path: Path, held: dict[str, Any], version: int, which: str) -> None:
    if version == held["current"]:
        raise ConfigurationError(f"version {version} of {which} is in force; rotate first")
    if held["keys"].pop(str(version), None) is None:
        raise ConfigurationError(f"{path} does not hold version {version} of {which}")


def _replace(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    _write(draft, content)
    draft.replace(path)
    _sync_folder(path.parent)


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file that did not exist, durable before this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
