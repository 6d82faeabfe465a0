"""Documents on a real disk and a real database: sealed, opened, tampered with, destroyed."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.documents.register import (
    attach_documents,
    clean_name,
    destroy_document,
    destroy_documents,
    document_name,
    open_document,
    store_document,
)
from engine.documents.rotation import DOCUMENTS, rewrap_all
from engine.documents.sealed_file import CHUNK_BYTES
from engine.documents.vault import Vault
from engine.errors import InvalidInput, NotFound, SealBroken
from engine.people.actor import SYSTEM
from engine.privacy.key_file import create_master_key, rotate_master_key
from engine.privacy.keyring import load_keyring
from engine.store.sessions import Sessions
from engine.store.tables.documents import Document
from tests.databases import DATABASES, opened, sqlite_url

FILES = Path(__file__).parent / "files"
JPEG = (FILES / "receipt.jpg").read_bytes()
LIMIT = 1024 * 1024
NO = "RC-20261124-000123"


@pytest.fixture(params=DATABASES)
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else sqlite_url(tmp_path)
    with opened(url, [Document]) as database:
        yield database


@pytest.fixture
def sqlite_sessions(tmp_path: Path) -> Iterator[Sessions]:
    with opened(sqlite_url(tmp_path), [Document]) as database:
        yield database


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    create_master_key(tmp_path / "master.key")
    return tmp_path / "master.key"


@pytest.fixture
def vault(tmp_path: Path, key_file: Path) -> Vault:
    return Vault(tmp_path / "documents", load_keyring(key_file, strict=True), limit_bytes=LIMIT)


def store(
    sessions: Sessions, vault: Vault, content: bytes = JPEG, name: str = "歐陽明月的收據.jpg"
) -> Document:
    with sessions.step() as session:
        return store_document(session, vault, io.BytesIO(content), name, None, SYSTEM)


def read(sessions: Sessions, vault: Vault, document_id: str) -> bytes:
    with sessions.read() as session, open_document(session, vault, document_id).content as content:
        return content.read()


def text_of(size: int) -> bytes:
    return (b"customer letter " * (size // 16 + 1))[:size]


def test_a_document_is_read_back_with_its_name_and_proof(sessions: Sessions, vault: Vault) -> None:
    document = store(sessions, vault)
    assert document.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (document.size, document.media_type, document.uploaded_by) == (len(JPEG), "image/jpeg", "system")
    with sessions.read() as session:
        opened = open_document(session, vault, document.id)
        with opened.content as content:
            assert content.read() == JPEG
        assert opened.name == document_name(document, vault.keyring) == "歐陽明月的收據.jpg"


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, LIMIT])
def test_files_of_any_size_around_a_chunk_are_read_back(sessions: Sessions, vault: Vault, size: int) -> None:
    document = store(sessions, vault, text_of(size), "a.txt")
    assert document.size == size
    assert read(sessions, vault, document.id) == text_of(size)


def test_any_part_of_a_document_can_be_read(sessions: Sessions, vault: Vault) -> None:
    clear = os.urandom(64) + text_of(3 * CHUNK_BYTES)
    clear = b"%PDF-1.7\n" + clear
    document = store(sessions, vault, clear, "a.pdf")
    with sessions.read() as session, open_document(session, vault, document.id).content as content:
        for start in (
            0,
            CHUNK_BYTES - 3,
            CHUNK_BYTES,
            2 * CHUNK_BYTES + 7,
            len(clear) - 1,
            len(clear),
            len(clear) + 9,
        ):
            content.seek(start)
            assert content.read(100) == clear[start : start + 100]
        assert content.seek(-5, os.SEEK_END) == len(clear) - 5
        assert content.read() == clear[-5:]


def test_the_disk_holds_no_clear_content_and_no_name(
    sqlite_sessions: Sessions, vault: Vault, tmp_path: Path
) -> None:
    document = store(sqlite_sessions, vault, text_of(200_000), "歐陽明月.txt")
    path = vault.path(document.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    everything = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    for clear in (b"customer", "歐陽明月".encode()):
        assert clear not in everything
    assert "歐陽" not in "".join(str(each) for each in tmp_path.rglob("*"))
    assert list((vault.root / "incoming").iterdir()) == []


def test_the_same_file_twice_looks_different_on_disk(sessions: Sessions, vault: Vault) -> None:
    one, other = store(sessions, vault), store(sessions, vault)
    assert one.sha256 == other.sha256
    assert vault.path(one.id).read_bytes() != vault.path(other.id).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw[: 11 + 2 * (CHUNK_BYTES + 16)],  # cut at the end of a chunk
        lambda raw: raw[:-1],
        lambda raw: raw + b"x" * 40,
        lambda raw: (
            raw[:11]
            + raw[11 + CHUNK_BYTES + 16 : 11 + 2 * (CHUNK_BYTES + 16)] * 2
            + raw[11 + 2 * (CHUNK_BYTES + 16) :]
        ),
        lambda raw: b"RDV2" + raw[4:],
        lambda raw: raw[:20],
    ],
    ids=[
        "bit",
        "chunk cut off",
        "byte cut off",
        "lengthened",
        "chunks swapped",
        "other magic",
        "header only",
    ],
)
def test_a_file_that_was_changed_on_disk_does_not_open(
    sessions: Sessions, vault: Vault, damage: object
) -> None:
    document = store(sessions, vault, text_of(3 * CHUNK_BYTES - 9), "a.txt")
    path = vault.path(document.id)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(SealBroken, match=document.id):
        read(sessions, vault, document.id)


def test_a_file_put_in_place_of_another_does_not_open(sessions: Sessions, vault: Vault) -> None:
    one, other = store(sessions, vault), store(sessions, vault)
    vault.path(one.id).write_bytes(vault.path(other.id).read_bytes())
    with pytest.raises(SealBroken):
        read(sessions, vault, one.id)


def test_a_missing_file_and_an_unknown_id_are_told(sessions: Sessions, vault: Vault) -> None:
    document = store(sessions, vault)
    vault.remove(document.id)
    with pytest.raises(NotFound, match="restore it from a backup"):
        read(sessions, vault, document.id)
    for unknown in ("0" * 32, "../../etc/passwd", ""):
        with pytest.raises(NotFound, match="there is no document"):
            read(sessions, vault, unknown)
    with pytest.raises(NotFound, match="no id of a document"):
        vault.path("../" * 10 + "ab")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.txt", "is empty"),
        (text_of(LIMIT + 1), "a.txt", "larger than the 1 MB"),
        (JPEG, "a.png", "the content is no image/png"),
        (JPEG, "a.exe", "are not taken"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(
    sessions: Sessions, vault: Vault, content: bytes, name: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        store(sessions, vault, content, name)
    assert list(vault.files()) == []
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_no_more_than_the_limit_is_read_from_a_stream_without_end(sessions: Sessions, vault: Vault) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += min(size, 1000)
            return b"a" * min(size, 1000)

    stream = Endless()
    with sessions.step() as session, pytest.raises(InvalidInput, match="larger than"):
        store_document(session, vault, stream, "a.txt", None, SYSTEM)  # type: ignore[arg-type]
    assert stream.given <= LIMIT + 3 * CHUNK_BYTES


def test_a_step_that_is_undone_removes_the_file(sessions: Sessions, vault: Vault) -> None:
    with pytest.raises(InvalidInput, match="there is no document nothing"), sessions.step() as session:
        attach_documents(
            session,
            [store_document(session, vault, io.BytesIO(JPEG), "a.jpg", None, SYSTEM).id, "nothing"],
            NO,
        )
    assert list(vault.files()) == []


def test_bytes_are_taken_in_before_the_database_is_locked(sessions: Sessions, vault: Vault) -> None:
    class Watching(io.BytesIO):
        locked: list[bool] = []  # noqa: RUF012

        def read(self, size: int | None = -1) -> bytes:
            self.locked.append(session.in_transaction())
            return super().read(size)

    stream = Watching(JPEG)
    with sessions.step() as session:
        store_document(session, vault, stream, "a.jpg", None, SYSTEM)
        assert session.in_transaction()
    assert stream.locked
    assert not any(stream.locked)


def test_documents_are_tied_to_one_complaint_only(sessions: Sessions, vault: Vault) -> None:
    one, other = store(sessions, vault), store(sessions, vault)
    with sessions.step() as session:
        tied = attach_documents(session, [other.id, one.id, other.id], NO)
        assert [document.id for document in tied] == [other.id, one.id]
    with sessions.step() as session:
        attach_documents(session, [one.id], NO)
        with pytest.raises(InvalidInput, match="belongs to another complaint"):
            attach_documents(session, [one.id], "RC-20261124-000999")


def test_destroyed_documents_cannot_be_opened_and_their_proof_stays(sessions: Sessions, vault: Vault) -> None:
    gone, kept = store(sessions, vault), store(sessions, vault)
    with sessions.step() as session:
        attach_documents(session, [gone.id], NO)
    with sessions.step() as session:
        assert destroy_documents(session, vault, NO) == 1
        assert vault.path(gone.id).exists()  # until the commit
    assert not vault.path(gone.id).exists()
    with sessions.step() as session:
        assert destroy_documents(session, vault, NO) == 0
        assert session.get_one(Document, gone.id).sha256 == hashlib.sha256(JPEG).hexdigest()
        with pytest.raises(InvalidInput, match="upload the file first"):
            attach_documents(session, [gone.id], NO)
    with pytest.raises(NotFound, match="was destroyed"):
        read(sessions, vault, gone.id)
    assert read(sessions, vault, kept.id) == JPEG


def test_the_key_of_a_destroyed_document_is_in_no_file_any_more(
    sqlite_sessions: Sessions, vault: Vault, tmp_path: Path
) -> None:
    wrapped = store(sqlite_sessions, vault).wrapped_key

    def held() -> bool:
        return wrapped is not None and any(
            wrapped in path.read_bytes() for path in tmp_path.glob("redress.db*")
        )

    with sqlite_sessions.step() as session:
        document_id = session.scalars(select(Document.id)).one()
    assert held()
    with sqlite_sessions.step() as session:
        destroy_document(session, vault, document_id)
    assert not held()


def test_documents_open_under_the_new_master_key_after_a_rotation(
    sessions: Sessions, vault: Vault, key_file: Path
) -> None:
    document = store(sessions, vault)
    rotate_master_key(key_file)
    ring = load_keyring(key_file, strict=True)
    assert [sum(rewrap_all(sessions, ring, of=[DOCUMENTS])) for _ in range(2)] == [1, 0]
    assert read(sessions, Vault(vault.root, ring, limit_bytes=LIMIT), document.id) == JPEG
    with pytest.raises(SealBroken, match="version 2"):
        read(sessions, vault, document.id)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("收據.jpg", "收據.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\scan.pdf", "scan.pdf"),
        ("cv\u202efdp.exe.txt", "cvfdp.exe.txt"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ("x" * 300 + ".jpeg", "x" * 145 + ".jpeg"),
    ],
)
def test_names_are_cleaned_of_folders_and_tricks(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize("given", ["", "/", "...", "\u202e", "folder/.."])
def test_a_file_without_a_name_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="has no name"):
        clean_name(given)
