"""The composition root: one place that puts the engine together from its settings."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.config import Config, prepare_clock
from engine.documents.vault import Vault
from engine.logs import formatter_for
from engine.privacy.keyring import FollowedKeyring, Keyring
from engine.privacy.log_masking import protect_logs
from engine.store.sessions import Sessions

if TYPE_CHECKING:
    from engine.runtime.runtime import Runtime

YOUNG = 10_000
"""So many objects more than before have the collector look at the young ones; Python's own 700 are two or
three steps.
"""


@dataclass
class Redress:
    """Everything that the web, the worker and the command line share."""

    config: Config
    sessions: Sessions
    keyring: Keyring
    vault: Vault

    _runtime: Runtime | None = field(default=None, init=False, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def runtime(self) -> Runtime:
        """What runs processes, put together when it is first asked for: most commands only need rows."""
        with self._making:
            if self._runtime is None:
                self._runtime = _runtime(self)
            return self._runtime

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
    vault = Vault(config.data_dir / "documents", keyring, limit_bytes=config.upload_limit_bytes)
    return Redress(config, sessions, keyring, vault)


def _runtime(redress: Redress) -> Runtime:
    from engine.jobs.dispatch import prepare
    from engine.quality.business import BusinessRegister
    from engine.runtime.runtime import Runtime

    runtime = Runtime(redress.config, redress.sessions, redress.keyring, BusinessRegister())
    prepare(runtime)
    return runtime


def settle() -> None:
    """Tell the garbage collector that what is loaded by now stays: for processes that go on, once they are
    ready.

    It would else look again and again at some 270,000 objects of modules, tables and pages.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG, 20, 20)


def start_logs(config: Config) -> None:
    """Have everything that this process says go to standard error as `REDRESS_LOG_FORMAT` asks, masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter_for(config.log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    for chatty in ("alembic", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # A pass of chores that takes longer than a second leaves out a tick: nobody has to do anything about it.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    protect_logs()
