"""Opening the engine for a command, and closing it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine import config
from engine.assembly import Redress, assemble
from engine.errors import ConfigurationError
from engine.privacy.own_key import require_own_key
from engine.store.migrate import pending


@contextmanager
def opened() -> Iterator[Redress]:
    """Give the engine. Raises ConfigurationError where the database is not there or not migrated, or was
    written under another master key.
    """
    redress = assemble(config.load())
    try:
        missing = pending(redress.sessions.step_engine)
        if missing:
            raise ConfigurationError(
                f"the database lacks {len(missing)} migration(s), first {missing[0]}: run `redress init`"
            )
        with redress.sessions.read() as session:
            require_own_key(session, redress.keyring)
        yield redress
    finally:
        redress.close()
