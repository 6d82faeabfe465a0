"""A backup of a system that is being used is consistent, and an installation restored from it goes on."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from engine.assembly import Redress, assemble
from engine.audit.export import export_stream
from engine.audit.verify import verify
from engine.backup.manifest import NAME
from engine.backup.restore import restore_backup
from engine.backup.take import DOCUMENTS, take_backup
from engine.cases.erasure import erase_customer
from engine.cli.backup import restore
from engine.documents.register import open_document, store_document
from engine.errors import ConfigurationError
from engine.people.actor import SYSTEM
from engine.privacy.key_file import create_master_key
from engine.privacy.masking import ERASED
from engine.privacy.values import read_values
from engine.store.tables.cases import Complaint
from engine.store.tables.documents import Document
from tests.chance import SEED
from tests.driving import drive
from tests.faults.conftest import Installing
from tests.faults.forked import USERS, Forked
from tests.faults.installation import Installation
from tests.faults.load import Ledger
from tests.faults.scenarios import LONG
from tests.postgres import Cluster
from tests.world import actor, register, settings

LETTER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def unheard(_line: str) -> None:
    """Nobody listens to the progress."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_backed_up_under_load_is_consistent_when_it_is_restored(
    installing: Installing, durable_cluster: Cluster, tmp_path: Path, kind: str
) -> None:
    place, folder = installing(kind), tmp_path / "backup"
    busy = Forked(place.folder, place.url, seed=SEED, users=USERS[:1])
    try:
        busy.begin()
        busy.listen_to_some(10)
        before = busy.ledger
        known = Ledger(started=dict(before.started), completed=dict(before.completed))
        said = place.redress("backup", str(folder))
        busy.listen_to_some(10)
    finally:
        busy.stop()
    assert "Backed up" in said
    assert len(busy.ledger.completed) > len(known.completed)
    known.asked, known.delivered = busy.ledger.asked, busy.ledger.delivered
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in ("master.key", "clock.json", "tokens.json"):
        shutil.copy(place.folder / name, fresh / name)
    with durable_cluster.database() as url:
        restored = Installation(fresh, url if kind == "postgresql" else None)
        assert "the trail verifies" in restored.redress("restore", str(folder))
        after = Forked(fresh, restored.url, seed=SEED, ledger=known)
        assert after.check() == []
        if LONG:
            try:
                after.begin(draining=True)
                assert after.settle() == []
            finally:
                after.stop()


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_documents_and_personal_data_come_back_with_the_key_alone(redress: Redress, tmp_path: Path) -> None:
    register(redress)
    with redress.sessions.step() as session:
        document = store_document(session, redress.vault, io.BytesIO(LETTER), "letter.pdf", None, SYSTEM).id
    folder, fresh = tmp_path / "backup", tmp_path / "fresh"
    manifest = take_backup(redress, folder, unheard)
    assert manifest.tables["complaint"] == 1
    assert not any("key" in path.name for path in folder.rglob("*"))
    assert b"CANARY" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    with pytest.raises(ConfigurationError, match="is not here; it is not part of the backup"):
        restore_backup(settings(fresh), folder, unheard)
    create_master_key(fresh / "master.key")
    with pytest.raises(ConfigurationError, match="does not open this backup"):
        restore_backup(settings(fresh), folder, unheard)
    shutil.copy(redress.config.master_key_file, fresh / "master.key")
    restore_backup(settings(fresh), folder, unheard)
    with closing(assemble(settings(fresh))) as again, again.sessions.read() as session:
        opened = open_document(session, again.vault, document)
        with closing(opened.content) as content:
            assert content.read() == LETTER
        assert session.scalars(select(Document.id)).all() == [document]


def test_nothing_is_overwritten_and_nothing_damaged_is_restored(redress: Redress, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with redress.sessions.step() as session:
        store_document(session, redress.vault, io.BytesIO(LETTER), "letter.pdf", None, SYSTEM)
    take_backup(redress, folder, unheard)
    with pytest.raises(ConfigurationError, match="exists"):
        take_backup(redress, folder, unheard)
    with pytest.raises(ConfigurationError, match="something is here already"):
        restore_backup(redress.config, folder, unheard)
    sealed = next((folder / DOCUMENTS).glob("*/*"))
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\0")
    with pytest.raises(ConfigurationError, match="not what was backed up, such as documents/"):
        restore_backup(redress.config, folder, unheard)
    told = json.loads((folder / NAME).read_text())
    (folder / NAME).write_text(json.dumps(told | {"format": 99}))
    with pytest.raises(ConfigurationError, match="format 99"):
        restore_backup(redress.config, folder, unheard)
    (folder / NAME).unlink()
    with pytest.raises(ConfigurationError, match="not a whole one"):
        restore_backup(redress.config, folder, unheard)


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_an_older_backup_brings_nobody_back_who_was_erased_since(
    redress: Redress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased, kept = (register(redress, grade=3).complaint_no for _ in range(2))
    folder, place = tmp_path / "backup", redress.config.data_dir
    take_backup(redress, folder, unheard)
    drive(redress, erased)
    erase_customer(redress.runtime, redress.vault, actor(redress, "compliance"), erased, reason="request")
    with redress.sessions.read() as session:
        (tmp_path / "system.jsonl").write_text("\n".join(export_stream(session, "system")))
    for given in ("beside the key", "exported", "lost"):
        fresh = tmp_path / given
        fresh.mkdir()
        for name in ("master.key", "erased.jsonl")[: 2 if given == "beside the key" else 1]:
            shutil.copy(place / name, fresh / name)
        monkeypatch.setenv("REDRESS_ENV", "test")
        monkeypatch.setenv("REDRESS_DATA_DIR", str(fresh))
        more = ["--erased", str(tmp_path / "system.jsonl")] if given == "exported" else []
        told = CliRunner().invoke(restore, [str(folder), *more], catch_exceptions=False)
        assert ("customers erased after the backup can be read again" in told.output) == (given == "lost")
        assert (
            f"Erased again, as they were since the backup: the customers of {erased}." in told.output
        ) == (given != "lost")
        with closing(assemble(settings(fresh))) as restored, restored.sessions.read() as session:
            rows = {row.no: row for row in session.scalars(select(Complaint))}
            names = {
                no: read_values(session, restored.keyring, [row.personal["name"]]).popitem()[1]
                for no, row in rows.items()
            }
            assert verify(session).problems == []
        assert names == {kept: "王小明CANARY", erased: "王小明CANARY" if given == "lost" else ERASED}
