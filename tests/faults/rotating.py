"""Commands that change keys, in processes of their own that end by SIGKILL at a step that a test names."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from engine.assembly import assemble
from engine.cases import reindexing
from engine.cases.registration import register_complaint
from engine.cli.keys import key
from engine.documents import rotation
from engine.errors import RedressError
from engine.people.acting import load_actor
from engine.privacy import key_file
from tests.faults.forked import FORKS
from tests.world import intake, settings

BATCH = 3
"""So few keys a step, that a few dozen are many steps."""


def change(folder: Path, url: str | None, *command: str, dies: str | None = None) -> int:
    """Run `redress key ...` in a process of its own, which dies at the step `dies`; return its exit code."""
    process = FORKS.Process(target=_change, args=(folder, url, command, dies))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _change(folder: Path, url: str | None, command: tuple[str, ...], dies: str | None) -> None:
    os.environ |= {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(folder)}
    if url:
        os.environ["REDRESS_DATABASE_URL"] = url
    _arm(dies)
    try:
        key.main(list(command), standalone_mode=False)
    except RedressError as error:
        raise SystemExit(1) from error


def _arm(dies: str | None) -> None:
    """Have this process kill itself at one of these steps; file steps count the changes of the key file."""

    def at(step: str) -> None:
        if step == dies:
            os.kill(os.getpid(), signal.SIGKILL)

    _around(key_file, "_write", at, "file written")
    _around(key_file, "_replace", at, "file replaced")
    _around(rotation, "_rewrap", at, "batch {}", limit=BATCH)
    _around(reindexing, "_reindex", at, "index batch {}", limit=BATCH)


def _around(
    module: Any, name: str, at: Callable[[str], None], step: str, *, limit: int | None = None
) -> None:
    """Tell before and after each call of a function that its step was reached."""
    call, numbers = getattr(module, name), count(1)

    def told(*given: Any) -> Any:
        here = step.format(next(numbers))
        at(f"before {here}")
        result = call(*(given if limit is None else (*given[:-1], limit)))
        at(f"after {here}")
        return result

    setattr(module, name, told)


def keep_registering(folder: Path, url: str | None, pipe: Connection) -> None:
    """Register one customer after the other until killed; tell each that is kept, with their phone."""
    with closing(assemble(settings(folder, url))) as redress:
        with redress.sessions.read() as session:
            agent = load_actor(session, "agent")
        for number in count():
            phone = f"139{number:08}"
            customer = {"name": f"客戶{number}", "phone": phone, "account": f"6217 0000 {number:08}"}
            made = register_complaint(redress.runtime, agent, intake(customer=customer))
            pipe.send((made.complaint_no, phone))
            time.sleep(0.02)
