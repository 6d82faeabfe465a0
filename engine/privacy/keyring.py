"""The master key and what is derived from it.

The master key lies in a file that `redress init` makes: JSON with the keys by version, the version in force,
and the secret of the blind index, which stays the same when the master key is rotated. It wraps the random
key of each person and of each document; nothing else is ever encrypted under it directly.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import ConfigurationError, SealBroken
from engine.privacy.sealing import KEY_BYTES, new_key, seal, unseal

FILE_FORMAT = 1
VERSION_BYTES = 2
LAST_VERSION = 2 ** (8 * VERSION_BYTES) - 1


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """What a master key file holds, derived. Shows none of the keys when printed."""

    current: int
    wrapping: Mapping[int, bytes] = field(repr=False)
    index: bytes = field(repr=False)


class Keyring:
    """The keys in memory, as the file held them when it was read."""

    def __init__(self, keys: Keys) -> None:
        """Hold `keys`."""
        self._keys = keys

    def __repr__(self) -> str:
        return f"Keyring(current={self._held().current})"

    @property
    def current(self) -> int:
        """The version of the master key in force."""
        return self._held().current

    @property
    def versions(self) -> list[int]:
        """The versions of the master key that are held, oldest first."""
        return sorted(self._held().wrapping)

    def wrap(self, key: bytes, *owner: str) -> bytes:
        """Encrypt the key of `owner`, such as ("data_subject", id), under the master key in force."""
        keys = self._held()
        version = keys.current.to_bytes(VERSION_BYTES, "big")
        return version + seal(keys.wrapping[keys.current], key, "key", str(keys.current), *owner)

    def unwrap(self, wrapped: bytes, *owner: str) -> bytes:
        """Decrypt what `wrap` made for the same owner. Raises SealBroken."""
        keys, version = self._held(), wrapped_with(wrapped)
        if version not in keys.wrapping:
            raise SealBroken(
                f"the key of {' / '.join(owner)} is wrapped under version {version} of the master key, "
                f"which the key file does not hold (it holds {sorted(keys.wrapping)})"
            )
        return unseal(keys.wrapping[version], wrapped[VERSION_BYTES:], "key", str(version), *owner)

    def digest(self, kind: str, normal: str) -> str:
        """Return the keyed digest (64 hexadecimal digits) of a normalised value, for finding it again."""
        return hmac.new(self._held().index, f"{kind}\0{normal}".encode(), hashlib.sha256).hexdigest()

    def _held(self) -> Keys:
        return self._keys


class FollowedKeyring(Keyring):
    """The keys of a file that may be rotated while the program runs: read again whenever it was replaced.

    Without this, a server would go on wrapping under the old version after a rotation, and could not open
    what others wrapped under the new one. Asking the file system costs about 2 microseconds.
    """

    def __init__(self, path: Path, *, strict: bool) -> None:
        """Read the file. Raises ConfigurationError as `load_keyring` does."""
        self._path, self._strict = path, strict
        self._lock = threading.Lock()
        self._stamp = _stamp(path)
        super().__init__(_load(path, strict=strict))

    def _held(self) -> Keys:
        stamp = _stamp(self._path)
        if stamp is not None and stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._read_again(stamp)
        return self._keys

    def _read_again(self, stamp: tuple[int, ...]) -> None:
        """Take over the new file; a broken one changes nothing, so that work goes on under what is held."""
        try:
            keys = _load(self._path, strict=self._strict)
        except ConfigurationError:
            _log.exception("the master key file was replaced and cannot be read; the keys read before stay")
            self._stamp = stamp
            return
        if keys.index != self._keys.index:  # it stays the same when the master key is rotated
            _log.error(
                "the master key file was replaced by that of another installation; the keys read before stay"
            )
        else:
            self._keys = keys
            _log.warning("master key file read again: version %d is in force", keys.current)
        self._stamp = stamp


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def wrapped_with(wrapped: bytes) -> int:
    """Return the version of the master key that a wrapped key is under."""
    return int.from_bytes(wrapped[:VERSION_BYTES], "big")


def create_master_key(path: Path) -> None:
    """Make a new master key file, readable by its owner alone. Raises ConfigurationError where one exists."""
    keys = {"1": _text(new_key())}
    content = {"format": FILE_FORMAT, "current": 1, "keys": keys, "index": _text(new_key())}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(path, content)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} exists; a new master key would make all personal data unreadable, so it is left alone"
        ) from error


def rotate_master_key(path: Path) -> int:
    """Add a new version of the master key and put it in force; older ones still open. Return the version.

    The keys wrapped under older versions are wrapped again by `subjects.rewrap_subjects` and
    `rewrap_documents` of the documents' register.
    """
    content = _read(path)
    version = max(int(key) for key in content["keys"]) + 1
    if version > LAST_VERSION:
        raise ConfigurationError(f"{path} holds version {LAST_VERSION}, the last one that there is")
    content["keys"][str(version)] = _text(new_key())
    content["current"] = version
    _replace(path, content)
    return version


def retire_master_key(path: Path, version: int) -> None:
    """Take a version of the master key out of the file; what is wrapped under it never opens again.

    The caller makes sure that nothing is. Raises ConfigurationError for the version in force or one that is
    not held.
    """
    content = _read(path)
    if version == content["current"]:
        raise ConfigurationError(f"version {version} of the master key is in force; rotate first")
    if content["keys"].pop(str(version), None) is None:
        raise ConfigurationError(f"{path} does not hold version {version} of the master key")
    _replace(path, content)


def load_keyring(path: Path, *, strict: bool) -> Keyring:
    """Read the master key file. With `strict` (production), one that others may read is refused.

    Raises ConfigurationError saying what is wrong with the file and what to do.
    """
    return Keyring(_load(path, strict=strict))


def _load(path: Path, *, strict: bool) -> Keys:
    content = _read(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if strict and mode & 0o077:
        raise ConfigurationError(
            f"{path} may be read by others (mode {mode:04o}); run: chmod 600 {path} "
            "(who has read it meanwhile can read the data: consider a new key)"
        )
    try:
        keys = {int(version): _key(text) for version, text in content["keys"].items()}
        current, index = int(content["current"]), _key(content["index"])
        if current not in keys or content["format"] != FILE_FORMAT:
            raise ConfigurationError(f"{path} names version {current} or a format that it does not hold")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path} is no master key file; restore it from its backup") from error
    return Keys(
        current=current,
        wrapping={version: _derive(key, "key wrapping") for version, key in keys.items()},
        index=_derive(index, "blind index"),
    )


def _derive(key: bytes, purpose: str) -> bytes:
    info = f"redress {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _read(path: Path) -> dict[str, Any]:
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


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key
