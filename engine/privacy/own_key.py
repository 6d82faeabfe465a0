"""Whether the master key at hand is the one that this database was written under.

With another one Redress would start, read nothing of what is there, and seal what comes under a key that is
put away as soon as the mistake is noticed: lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.errors import ConfigurationError, SealBroken
from engine.privacy.keyring import Keyring
from engine.privacy.subjects import OWNER
from engine.store.tables.privacy import DataSubject

_LOOKED_AT = 5


def require_own_key(session: Session, keyring: Keyring) -> None:
    """Refuse a key that opens none of the oldest or none of the newest persons' keys; one damaged row is not
    the key's fault; and a copy of the key file from before the key of the blind index was rotated, with which
    nobody would be found. Raises ConfigurationError.
    """
    newest = session.scalar(select(func.max(DataSubject.index_version))) or 0
    if newest > keyring.index_version:
        raise ConfigurationError(
            f"customers are indexed under version {newest} of the blind index's key, which the master "
            f"key file does not hold (it holds {keyring.index_versions}): put the newest copy back"
        )
    for newest_first in (False, True):
        refused = list(_refusals(session, keyring, newest_first=newest_first))
        if refused and all(refused):
            raise ConfigurationError(
                "the master key file does not open what is in the database: put back the file that it was "
                f"written under, from where its copy is kept; nothing was changed ({refused[0]})"
            )


def require_no_keys(session: Session) -> None:
    """Refuse to make a new master key beside data that was sealed under one. Raises ConfigurationError."""
    if session.execute(_held().limit(1)).first() is not None:
        raise ConfigurationError(
            "the master key file is not here, and the database holds what was sealed under it: put the file "
            "back from where its copy is kept (or set REDRESS_MASTER_KEY_FILE); a new key opens none of it"
        )


def _held() -> Select[str, bytes | None]:
    return select(DataSubject.id, DataSubject.wrapped_key).where(DataSubject.wrapped_key.is_not(None))


def _refusals(session: Session, keyring: Keyring, *, newest_first: bool) -> Iterator[str]:
    """Give why each of the keys looked at does not open, or '' where it does."""
    order = DataSubject.id.desc() if newest_first else DataSubject.id
    for subject_id, wrapped in session.execute(_held().order_by(order).limit(_LOOKED_AT)):
        try:
            keyring.unwrap(wrapped or b"", OWNER, subject_id)
        except SealBroken as error:
            yield str(error)
        else:
            yield ""
