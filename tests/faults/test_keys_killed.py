"""Keys are rotated while customers are registered, and the command is killed at every step of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.assembly import Redress, assemble
from engine.audit.verify import verify
from engine.backup.restore import restore_backup
from engine.backup.take import take_backup
from engine.documents.rotation import wrapped_under
from engine.errors import ConfigurationError
from engine.privacy.key_file import retire_master_key
from engine.privacy.subjects import find_subjects
from engine.privacy.values import read_values
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.privacy import SubjectIndex
from tests.faults.conftest import Installing
from tests.faults.forked import FORKS
from tests.faults.rotating import change, keep_registering
from tests.postgres import Cluster
from tests.world import settings

STEPS = (
    "before file replaced",
    "after file written",
    "after file replaced",
    "after batch 1",
    "before batch 2",
    "after batch 2",
)
"""In each the batch is not committed: it is once the next one began."""
OF_THE_DATABASE = STEPS[-4:]
"""Those that may end differently where another database keeps the rows."""
LATEST_S = 60.0


@dataclass
class Registering:
    """A process that registers customers, and those that it was told are kept: number and phone."""

    process: Any
    pipe: Connection
    kept: dict[str, str] = field(default_factory=dict)

    def hear(self, more: int = 3) -> None:
        """Hear of so many more at least: it is at work."""
        goal = len(self.kept) + more
        while len(self.kept) < goal or self.pipe.poll():
            assert self.pipe.poll(LATEST_S), "nobody is registered any more"
            number, phone = self.pipe.recv()
            self.kept[number] = phone


@contextmanager
def registering(folder: Path, url: str | None) -> Iterator[Registering]:
    """Have a process register customers beside the block."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=keep_registering, args=(folder, url, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Registering(process, ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def unreadable(redress: Redress, kept: dict[str, str]) -> list[str]:
    """Return the customers whose phone cannot be read, or is another."""
    with redress.sessions.read() as session:
        rows = session.execute(select(Complaint.no, Complaint.personal)).all()
        references = {row.no: row.personal["phone"] for row in rows if row.no in kept}
        values = read_values(session, redress.keyring, references.values())
    return sorted(no for no, phone in kept.items() if no not in references or values[references[no]] != phone)


def noted(redress: Redress, kind: str) -> list[int]:
    query = select(History.data).where(History.stream == "system", History.kind == kind).order_by(History.seq)
    with redress.sessions.read() as session:
        return [orjson.loads(data)["version"] for data in session.scalars(query)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_rotation_that_is_killed_at_any_step_loses_no_key(
    installing: Installing, durable_cluster: Cluster, tmp_path: Path, kind: str
) -> None:
    place, backup = installing(kind), tmp_path / "backup"
    folder, url, file = place.folder, place.url, place.folder / "master.key"
    with registering(folder, url) as customers, closing(assemble(settings(folder, url))) as redress:
        customers.hear(10)
        for step in OF_THE_DATABASE if url else STEPS:
            assert change(folder, url, "rotate", dies=step) == -SIGKILL, step
            customers.hear()
            assert unreadable(redress, customers.kept) == [], step
        with redress.sessions.read() as session:
            assert len(wrapped_under(session)) > 2, "nothing is left of a rotation that was not finished"
        take_backup(redress, backup, lambda _line: None)
        known, middle = dict(customers.kept), shutil.copy(file, tmp_path / "middle.key")
        customers.hear()

        assert change(folder, url, "retire", "1") == 1
        assert change(folder, url, "rewrap") == 0
        assert change(folder, url, "retire", "1", dies="before file replaced") == -SIGKILL
        assert 1 in redress.keyring.versions
        assert change(folder, url, "retire", "1", dies="after file replaced") == -SIGKILL
        assert 1 not in redress.keyring.versions
        customers.hear()
        assert change(folder, url, "rewrap") == 0
        customers.hear()
        newest = redress.keyring.current
        with redress.sessions.read() as session:
            assert set(wrapped_under(session)) == {newest}
        assert unreadable(redress, customers.kept) == []
        assert noted(redress, "key.rotated") == list(range(2, newest + 1))
        assert noted(redress, "key.retired") == [1]
        assert list(folder.glob("master.key.*.new")) == []
    assert len(known) < len(customers.kept)
    with place.opened() as quiet, quiet.sessions.read() as session:
        assert verify(session).problems == []
    _restored_with(Path(middle), file, backup, known, durable_cluster if url else None, tmp_path)


def lost(redress: Redress, kept: dict[str, str]) -> list[str]:
    """Return the customers who are not found by their phone or by their account."""
    with redress.sessions.read() as session:
        subjects = {
            row.no: row.subject_id for row in session.execute(select(Complaint.no, Complaint.subject_id))
        }
        return sorted(
            no
            for no, phone in kept.items()
            for kind, value in (("phone", phone), ("account", f"62170000{phone[3:]}"))
            if subjects[no] not in find_subjects(session, redress.keyring, kind, value)
        )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_customers_are_found_however_often_a_rotation_of_the_index_is_killed(
    installing: Installing, kind: str
) -> None:
    place = installing(kind)
    folder, url = place.folder, place.url
    with registering(folder, url) as customers, closing(assemble(settings(folder, url))) as redress:
        customers.hear(10)
        for step in ("after file replaced", "after index batch 1", "before index batch 2"):
            assert change(folder, url, "index", "rotate", dies=step) == -SIGKILL, step
            customers.hear()
            assert lost(redress, customers.kept) == [], step
        assert change(folder, url, "index", "retire", "1") == 1
        assert change(folder, url, "index", "fill") == 0
        assert change(folder, url, "index", "retire", "1", dies="after file replaced") == -SIGKILL
        customers.hear()
        assert lost(redress, customers.kept) == []
        assert [change(folder, url, "index", "retire", each) for each in ("2", "3")] == [0, 0]
        customers.hear()
        assert lost(redress, customers.kept) == []
        with redress.sessions.read() as session:
            assert set(session.scalars(select(SubjectIndex.key_version))) == {4}
        assert noted(redress, "index.rotated") == [2, 3, 4]
        assert noted(redress, "index.retired") == [1, 2, 3]


def _restored_with(
    middle: Path, newest: Path, backup: Path, known: dict[str, str], cluster: Cluster | None, tmp_path: Path
) -> None:
    """The backup from the middle of a rotation needs every version that wrapped something then."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    shutil.copy(newest, fresh / "master.key")
    with pytest.raises(ConfigurationError, match=r"with version 1, .*: put the key file of that time back"):
        restore_backup(settings(fresh), backup, lambda _line: None)
    shutil.copy(middle, fresh / "master.key")
    if cluster is None:
        _restore(settings(fresh), backup, known)
    else:
        with cluster.database() as url:
            _restore(settings(fresh, url), backup, known)


def _restore(given: Any, backup: Path, known: dict[str, str]) -> None:
    restore_backup(given, backup, lambda _line: None)
    with closing(assemble(given)) as again:
        assert unreadable(again, known) == []
        assert change(given.data_dir, given.database_url, "rewrap") == 0
        retire_master_key(given.master_key_file, 1)
        assert unreadable(again, known) == []
