"""The composition root: one place that puts the engine together from its settings."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from datetime import datetime

from engine import clock
from engine.cases.register import ComplaintRegister
from engine.config import Config
from engine.documents.vault import Vault
from engine.errors import ConfigurationError
from engine.jobs.dispatch import prepare
from engine.logs import formatter_for
from engine.privacy.keyring import FollowedKeyring, Keyring
from engine.privacy.log_masking import protect_logs
from engine.runtime.runtime import Runtime
from engine.store.sessions import Sessions


@dataclass
class Redress:
    """Everything that the web, the worker and the command line share."""

    config: Config
    sessions: Sessions
    keyring: Keyring
    vault: Vault
    runtime: Runtime

    def close(self) -> None:
        """Close the database connections."""
        self.sessions.close()


def assemble(config: Config) -> Redress:
    """Put the engine together; nothing is written.

    Raises ConfigurationError (such as a missing master key).
    """
    prepare_clock(config)
    sessions = Sessions(config.database_url)
    keyring = FollowedKeyring(config.master_key_file, strict=config.environment == "production")
    runtime = Runtime(config, sessions, keyring, ComplaintRegister())
    prepare(runtime)
    vault = Vault(config.data_dir / "documents", keyring, limit_bytes=config.upload_limit_bytes)
    return Redress(config, sessions, keyring, vault, runtime)


def prepare_clock(config: Config) -> None:
    """Follow the clock's setting of this data directory; start from REDRESS_CLOCK where nothing was set
    yet.
    """
    path = config.data_dir / "clock.json"
    clock.use_file(path, settable=config.clock_settable)
    if config.clock and not path.exists():
        try:
            instant = datetime.fromisoformat(config.clock)
        except ValueError as error:
            raise ConfigurationError(
                f"REDRESS_CLOCK {config.clock!r} is no instant such as 2026-03-02T09:00:00+08:00"
            ) from error
        clock.set_to(instant)


def start_logs(config: Config) -> None:
    """Have everything that this process says go to standard error as `REDRESS_LOG_FORMAT` asks, masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter_for(config.log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    for chatty in ("alembic", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    protect_logs()
