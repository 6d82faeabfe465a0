"""Who was erased, told outside of the database: a backup made before holds the keys again, and this holds on.

Each line names a case, never a person. `redress restore` reads the list and erases again what it names, so
that an older backup brings nobody back (R62).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.rows import lock_complaint
from engine.documents.register import destroy_documents
from engine.documents.vault import Vault
from engine.errors import InvalidInput
from engine.people.actor import SYSTEM
from engine.privacy.subjects import erase_subject
from engine.runtime.runtime import Runtime
from engine.store.sessions import after_commit

LIST = "erased.jsonl"
_KINDS = ("personal.erased", "archive.disposed")
_log = logging.getLogger(__name__)


def list_after_commit(rt: Runtime, session: Session, no: str) -> None:
    """Have a case that this step erases named in the list of the data folder once that is committed."""
    after_commit(session, partial(_name, rt.config.data_dir / LIST, no))


def erased_cases(path: Path) -> list[str]:
    """Return the numbers of the cases that a list names: ours, or the rows of `redress audit export system`.

    Raises InvalidInput for a line that is neither.
    """
    numbers: dict[str, None] = {}
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line or '{"kind": ""}')
            if "kind" not in row:
                numbers[str(row["complaint_no"])] = None
            elif row["kind"] in _KINDS:
                numbers[str(row["data"]["complaint_no"])] = None
        except (ValueError, KeyError, TypeError) as error:
            message = f"line {place} of {path} names no erased case; take the list as it was kept"
            raise InvalidInput(message) from error
    return list(numbers)


def erase_again(rt: Runtime, vault: Vault, numbers: Iterable[str]) -> list[str]:
    """Erase the customers of these cases wherever their keys are there (again); return the cases.

    Unlike `erase_customer` it asks for no status: what was erased once stays erased, also where the case is
    open again as of an older backup.
    """
    return [no for no in numbers if _erased(rt, vault, no)]


def _erased(rt: Runtime, vault: Vault, no: str) -> bool:
    with rt.sessions.step() as session:
        row = lock_complaint(session, no)
        if row is None or not erase_subject(session, row["subject_id"]):
            return False
        documents = destroy_documents(session, vault, no)
        data = {"complaint_no": no, "erased_at": clock.now().isoformat(), "documents": documents}
        note(session, SYSTEM.username, "personal.erased", {**data, "reason": "restored"})
    return True


def _name(path: Path, no: str) -> None:
    line = json.dumps({"complaint_no": no, "erased_at": clock.now().isoformat()}) + "\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        _log.exception("%s was erased and could not be named in %s; add the line %s", no, path, line.strip())
