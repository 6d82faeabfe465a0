"""The master key and what is derived from it.

It wraps the random key of each person and of each document; nothing else is ever encrypted under it directly.
The key of the blind index beside it makes the digests that a person is found by. Both have versions: the one
in force, and older ones as long as something needs them (`engine.privacy.key_file` holds them).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import ConfigurationError, SealBroken
from engine.privacy.key_file import FIRST_FORMAT, VERSION_BYTES, WITH_LOOKUP, key_of, read_key_file
from engine.privacy.sealing import KEY_BYTES, seal, unseal

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """What a master key file holds, derived. Shows none of the keys when printed."""

    current: int
    wrapping: Mapping[int, bytes] = field(repr=False)
    secret: bytes = field(repr=False)
    index_current: int
    index: Mapping[int, bytes] = field(repr=False)

    def is_behind(self, other: Keys) -> bool:
        """Whether this was read from an older copy of the other's file."""
        return self.current < other.current or self.index_current < other.index_current


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

    def digest(self, kind: str, text: str) -> str:
        """Return the installation's own digest (64 hexadecimal digits) of a text: the same after a rotation.

        What a person is found by is `index_digests`.
        """
        return _digest(self._held().secret, kind, text)

    @property
    def index_version(self) -> int:
        """The version of the key of the blind index in force."""
        return self._held().index_current

    @property
    def index_versions(self) -> list[int]:
        """The versions of the key of the blind index that are held, oldest first."""
        return sorted(self._held().index)

    def index_digests(self, kind: str, normal: str) -> dict[int, str]:
        """Return the digests of a normalised value in the blind index, under each version that is held."""
        return {version: _digest(key, kind, normal) for version, key in sorted(self._held().index.items())}

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
        if keys.secret != self._keys.secret:  # no rotation changes it
            _log.error(
                "the master key file was replaced by that of another installation; the keys read before stay"
            )
        elif keys.is_behind(self._keys):
            _log.error(
                "the master key file was replaced by an older copy of it; the keys read before stay: put the "
                "newest copy back before anything is started again"
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


def load_keyring(path: Path, *, strict: bool) -> Keyring:
    """Read the master key file. With `strict` (production), one that others may read is refused.

    Raises ConfigurationError saying what is wrong with the file and what to do.
    """
    return Keyring(_load(path, strict=strict))


def _load(path: Path, *, strict: bool) -> Keys:
    content = read_key_file(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if strict and mode & 0o077:
        raise ConfigurationError(
            f"{path} may be read by others (mode {mode:04o}); run: chmod 600 {path} "
            "(who has read it meanwhile can read the data: consider a new key)"
        )
    try:
        secret, lookup = content["index"], _lookup(content)
        keys = Keys(
            current=int(content["current"]),
            wrapping=_derived(content["keys"], "key wrapping"),
            secret=_derive(key_of(secret), "blind index"),
            index_current=int(lookup["current"]),
            index=_derived(lookup["keys"], "blind index"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path} is no master key file; restore it from its backup") from error
    known = content["format"] in (FIRST_FORMAT, WITH_LOOKUP)
    if not known or keys.current not in keys.wrapping or keys.index_current not in keys.index:
        raise ConfigurationError(
            f"{path} names a version that it does not hold, or a format of a later release"
        )
    return keys


def _lookup(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the versions of the key of the blind index: before its first rotation, the secret alone."""
    found: Mapping[str, Any] = {"current": 1, "keys": {"1": content["index"]}}
    return found if content["format"] == FIRST_FORMAT else content["lookup"]


def _derived(keys: Mapping[str, str], purpose: str) -> dict[int, bytes]:
    return {int(version): _derive(key_of(text), purpose) for version, text in keys.items()}


def _derive(key: bytes, purpose: str) -> bytes:
    info = f"redress {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _digest(key: bytes, kind: str, text: str) -> str:
    return hmac.new(key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()
