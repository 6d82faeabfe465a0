"""Passwords: Argon2id, at the strength that OWASP asks for at least (19 MiB, two passes)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InvalidInput

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NO_PASSWORD = "!"  # noqa: S105 - a hash that no password has
# What is checked where there is no such user, so that the answer takes as long as for one that exists.
_DECOY = _hasher.hash("nobody has this password")


def hash_password(password: str, username: str) -> str:
    """Return the hash to keep. Raises InvalidInput where the password is too short, too long or the name."""
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        message = f"a password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters"
        raise InvalidInput(message, {"password": [message]})
    if password.casefold() == username.casefold():
        raise InvalidInput("the password is the user name; choose another", {"password": ["the user name"]})
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. None (no such user) takes its time too and is False."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        _hasher.verify(password_hash or _DECOY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
