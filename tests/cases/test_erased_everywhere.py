"""After an erasure nothing of the customer is left anywhere (R62): whatever still opens is opened and looked
through, and every file of the installation and of a backup is searched for what could open the rest.
"""

from __future__ import annotations

import io
import logging
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.audit.export import export_stream
from engine.audit.verify import verify
from engine.backup.take import take_backup
from engine.cases.contact import record_contact
from engine.cases.erasure import erase_customer
from engine.cases.registration import register_complaint
from engine.cases.registration_drafts import keep_begun
from engine.documents.register import open_document, store_document
from engine.documents.rotation import retire_version, rewrap_all
from engine.errors import SealBroken
from engine.jobs.passes import run_until_quiet
from engine.privacy.key_file import rotate_master_key
from engine.privacy.subjects import OWNER
from engine.privacy.values import PREFIX, read_values
from engine.quality.kinds import FINDING
from engine.quality.opening import open_file
from engine.runtime.commands import add_comment, claim, keep_draft
from engine.runtime.once import Once
from engine.store.tables.documents import Document
from engine.store.tables.privacy import DataSubject, PersonalValue, SubjectIndex
from engine.store.tables.runtime import Instance
from tests.cases.test_personal_data import everything
from tests.driving import complaint, drive, open_tasks
from tests.world import actor, intake, register

CANARIES = ("王小明CANARY", "13912345678", "canary@example.com", "11010519491231002X", "CANARY-")
SAID = "CANARY-SAID 王小明CANARY 13912345678"
DRAFT = "d" * 32


def a_life_of_a_case(redress: Redress) -> str:
    """Have a customer's words in every place that takes some, up to the sealed archive."""
    rt, agent, handler = redress.runtime, actor(redress, "agent"), actor(redress, "handler")
    keep_begun(rt, agent, DRAFT, {"name": "王小明CANARY", "content": SAID})
    once = Once(DRAFT, "0" * 64)
    no = register_complaint(rt, agent, intake(grade=3), idempotency=once, draft_id=DRAFT).complaint_no
    drive(redress, no, until="propose-plan", answers={"investigate": {"facts_found": SAID}})
    (task,) = open_tasks(redress, no)
    claim(rt, handler, task.id)
    keep_draft(rt, handler, task.id, {"plan_summary": SAID})
    add_comment(rt, handler, task.id, f"@supervisor {SAID}")
    record_contact(rt, handler, no, channel="hotline", direction="in", summary=SAID)
    with redress.sessions.step() as session:
        content, name = io.BytesIO(SAID.encode()), "CANARY-letter.txt"
        store_document(session, redress.vault, content, name, "text/plain", handler, complaint_no=no)
    drive(redress, no, answers={"propose-plan": {"plan_summary": SAID}, "archive": {"archive_note": SAID}})
    run_until_quiet(rt)
    with redress.sessions.step() as session:
        monitor = actor(redress, "monitor")
        open_file(rt, session, monitor, FINDING, complaint_no=no, owner="handler", personal={"finding": SAID})
    return no


def opened(redress: Redress) -> list[str]:
    """Open all that opens: every personal value and every document, archives with their parts."""
    with redress.sessions.read() as session:
        keyed = select(PersonalValue.id).join(DataSubject).where(DataSubject.wrapped_key.is_not(None))
        values = read_values(session, redress.keyring, [PREFIX + each for each in session.scalars(keyed)])
        found = [str(value) for value in values.values()]
        for document_id in session.scalars(select(Document.id).where(Document.wrapped_key.is_not(None))):
            document = open_document(session, redress.vault, document_id)
            with closing(document.content) as content:
                found += [document.name, *_texts(content.read())]
    return found


def _texts(body: bytes) -> list[str]:
    if not body.startswith(b"PK"):
        return [body.decode("utf-8", "replace")]
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return [text for name in parts.namelist() for text in (name, *_texts(parts.read(name)))]


def keys_of(redress: Redress, no: str) -> list[bytes]:
    """Return the bytes that would open or find the customer: wrapped keys and digests."""
    row = complaint(redress, no)
    with redress.sessions.read() as session:
        keys: list[Any] = [session.get_one(DataSubject, row.subject_id).wrapped_key]
        keys += session.scalars(select(Document.wrapped_key).where(Document.complaint_no == no))
        digests = session.scalars(
            select(SubjectIndex.digest).where(SubjectIndex.subject_id == row.subject_id)
        )
        return [bytes(key) for key in keys if key] + [digest.encode() for digest in digests]


def holding(folder: Path, wanted: list[bytes]) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.name for path in files for content in [path.read_bytes()] if any(w in content for w in wanted)
    }


def temporary(folder: Path) -> Path:
    """Make the folder where whatever goes on beside the installation's own lies."""
    made = folder / "temporary"
    made.mkdir()
    return made


def in_clear(redress: Redress, folder: Path, logs: str) -> list[tuple[str, str]]:
    """Return what of the customer stands in clear in a row, a file (the log of SQLite, temporary ones), the
    exported trail, or a line of the logs, and where.
    """
    with redress.sessions.read() as session:
        streams = [*session.scalars(select(Instance.id)), "system"]
        trail = "\n".join(line for stream in streams for line in export_stream(session, stream))
    places = {"rows": everything(redress), "trail": trail, "logs": logs}
    for path in (*folder.rglob("*"), *redress.config.data_dir.rglob("*")):
        if path.is_file():
            places[str(path)] = path.read_bytes().decode("utf-8", "replace")
    return [(place, canary) for place, text in places.items() for canary in CANARIES if canary in text]


def test_whatever_still_opens_after_an_erasure_says_nothing_of_the_customer(
    redress: Redress, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary(tmp_path)))
    no = a_life_of_a_case(redress)
    assert in_clear(redress, tmp_path, caplog.text) == []
    keys, folder, clear = keys_of(redress, no), redress.config.data_dir, [each.encode() for each in CANARIES]
    is_sqlite = redress.sessions.is_sqlite
    assert {canary for canary in CANARIES if any(canary in each for each in opened(redress))} == {*CANARIES}
    assert len(keys) > 4
    assert bool(holding(folder, keys)) == is_sqlite

    erase_customer(redress.runtime, redress.vault, actor(redress, "compliance"), no, reason="request")
    run_until_quiet(redress.runtime)
    assert [each for each in opened(redress) if any(canary in each for canary in CANARIES)] == []
    rows = everything(redress)
    assert [
        canary for canary in (*CANARIES, *(key.decode("latin-1") for key in keys)) if canary in rows
    ] == []
    assert [canary for canary in CANARIES if canary in caplog.text] == []
    assert holding(folder, keys + clear) == set()
    take_backup(redress, tmp_path / "backup", lambda _line: None)
    assert holding(tmp_path / "backup", keys + clear) == set()
    with redress.sessions.read() as session:
        assert verify(session).problems == []
    if is_sqlite:
        with redress.sessions.step_engine.connect() as connection:
            connection.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]
        assert holding(folder, keys + clear) == set()


def test_what_others_keep_of_a_destroyed_key_opens_nowhere_once_its_master_key_is_retired(
    redress: Redress,
) -> None:
    """A server's old row versions and logs, and backups from before, hold it as it was wrapped."""
    no = register(redress, grade=3).complaint_no
    drive(redress, no)
    kept, subject_id = keys_of(redress, no)[0], complaint(redress, no).subject_id
    erase_customer(redress.runtime, redress.vault, actor(redress, "compliance"), no, reason="request")
    assert len(redress.keyring.unwrap(kept, OWNER, subject_id)) == 32
    rotate_master_key(redress.config.master_key_file)
    sum(rewrap_all(redress.sessions, redress.keyring))
    retire_version(redress.sessions, redress.config.master_key_file, 1)
    with pytest.raises(SealBroken, match="version 1"):
        redress.keyring.unwrap(kept, OWNER, subject_id)
