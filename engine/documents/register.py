"""The register of documents: taken in, opened, tied to a complaint, destroyed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath
from typing import BinaryIO

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine import clock
from engine.documents.media_types import check_content, expected_type
from engine.documents.vault import Vault
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.keyring import Keyring, wrapped_with
from engine.privacy.sealing import new_key, seal, unseal
from engine.store.ids import new_id
from engine.store.sessions import after_commit, after_rollback
from engine.store.tables.documents import Document

OWNER = "document"
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document being read: its row, its name in clear, and its content, to be closed by the reader."""

    document: Document
    name: str
    content: BinaryIO


def store_document(
    session: Session,
    vault: Vault,
    stream: BinaryIO,
    filename: str,
    declared_type: str | None,
    actor: Actor,
    *,
    complaint_no: str | None = None,
) -> Document:
    """Take a file in: check it, encrypt it to disk, and add its row to the session's transaction.

    Call it first thing in a step: the file is whole on disk before the database is touched, so that no
    lock is held while bytes come in. If the step is undone the file is removed.
    Raises InvalidInput saying why a file is not taken.
    """
    name = clean_name(filename)
    kind = expected_type(name, declared_type)
    return _keep(
        session,
        vault,
        stream,
        name,
        kind.name,
        actor,
        check=lambda content: check_content(content, kind),
        complaint_no=complaint_no,
    )


def keep_original(
    session: Session,
    vault: Vault,
    stream: BinaryIO,
    filename: str,
    media_type: str,
    actor: Actor,
    *,
    complaint_no: str | None = None,
) -> Document:
    """Take in what a channel delivered, byte for byte and whatever it holds (R4). As `store_document` else.

    It is only ever handed out as a file to be saved, never shown.
    """
    return _keep(
        session,
        vault,
        stream,
        clean_name(filename),
        media_type,
        actor,
        check=lambda _content: None,
        complaint_no=complaint_no,
    )


def _keep(
    session: Session,
    vault: Vault,
    stream: BinaryIO,
    name: str,
    media_type: str,
    actor: Actor,
    *,
    check: Callable[[BinaryIO], None],
    complaint_no: str | None,
) -> Document:
    document_id, key = new_id(), new_key()
    measured = vault.receive(stream, key, document_id, check)
    after_rollback(session, lambda: vault.remove(document_id))
    wrapped = vault.keyring.wrap(key, OWNER, document_id)
    document = Document(
        id=document_id,
        sha256=measured.sha256,
        size=measured.size,
        media_type=media_type,
        sealed_name=seal(key, name.encode(), OWNER, document_id, "name"),
        wrapped_key=wrapped,
        key_version=wrapped_with(wrapped),
        complaint_no=complaint_no,
        uploaded_by=actor.username,
        created_at=clock.now(),
    )
    session.add(document)
    session.flush()
    return document


def open_document(session: Session, vault: Vault, document_id: str) -> OpenDocument:
    """Open a document for reading. Raises NotFound where there is none or it was destroyed, SealBroken."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound(f"there is no document {document_id}")
    key = _key(document, vault.keyring)
    return OpenDocument(document, _name(document, key), vault.open(key, document_id))


def document_key(document: Document, keyring: Keyring) -> bytes:
    """Return the key of a document. Raises NotFound once it was destroyed, SealBroken."""
    return _key(document, keyring)


def document_name(document: Document, keyring: Keyring) -> str:
    """Return a document's name in clear: personal data. Raises NotFound once it was destroyed, SealBroken."""
    return _name(document, _key(document, keyring))


def attach_documents(session: Session, document_ids: Iterable[str], complaint_no: str) -> list[Document]:
    """Tie documents to a complaint; return them in the order given.

    Raises InvalidInput where one does not exist, was destroyed, or belongs elsewhere.
    """
    return _attach(session, document_ids, complaint_no=complaint_no)


def attach_to_instance(session: Session, document_ids: Iterable[str], instance_id: str) -> list[Document]:
    """Tie documents to the instance of a quality file, whose they are alone; as `attach_documents` else."""
    return _attach(session, document_ids, instance_id=instance_id)


def _attach(
    session: Session,
    document_ids: Iterable[str],
    *,
    complaint_no: str | None = None,
    instance_id: str | None = None,
) -> list[Document]:
    wanted = list(dict.fromkeys(document_ids))
    query = select(Document).where(Document.id.in_(wanted)).with_for_update()
    found = {document.id: document for document in session.scalars(query)}
    for document_id in wanted:
        document = found.get(document_id)
        if document is None or document.wrapped_key is None:
            raise InvalidInput(f"there is no document {document_id[:40]}; upload the file first")
        if document.complaint_no not in (None, complaint_no) or document.instance_id not in (
            None,
            instance_id,
        ):
            raise InvalidInput(f"document {document_id} belongs to another complaint")
        document.complaint_no, document.instance_id = complaint_no, instance_id
    session.flush()
    return [found[document_id] for document_id in wanted]


def destroy_document(session: Session, vault: Vault, document_id: str) -> bool:
    """Destroy a document's key and, after the commit, its file; the row with its hash stays as proof.

    Return False when that was done before. Raises NotFound.
    """
    document = session.get(Document, document_id, with_for_update=True)
    if document is None:
        raise NotFound(f"there is no document {document_id}")
    if document.wrapped_key is None:
        return False
    overwrite_what_is_freed(session)
    document.wrapped_key = None
    session.flush()
    after_commit(session, lambda: vault.remove(document_id))
    return True


def destroy_documents(session: Session, vault: Vault, complaint_no: str) -> int:
    """Destroy all documents of a complaint, as when the customer is erased; return how many there were."""
    return _destroy(session, vault, Document.complaint_no == complaint_no)


def destroy_documents_of_instance(session: Session, vault: Vault, instance_id: str) -> int:
    """Destroy all documents of a quality file once it is erased; return how many there were."""
    return _destroy(session, vault, Document.instance_id == instance_id)


def _destroy(session: Session, vault: Vault, which: ColumnElement[bool]) -> int:
    ids = list(session.scalars(select(Document.id).where(which, Document.wrapped_key.is_not(None))))
    return sum(destroy_document(session, vault, document_id) for document_id in ids)


def clean_name(filename: str) -> str:
    """Return the bare name: no folders, no control or direction characters, not too long."""
    bare = PureWindowsPath(PurePath(filename).name).name
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", bare)
        if unicodedata.category(character)[0] != "C"
    ).strip(" .")
    if not kept:
        raise InvalidInput("the file has no name", {"file": ["the file has no name"]})
    suffix = PurePath(kept).suffix[:10]
    return kept if len(kept) <= LONGEST_NAME else kept[: LONGEST_NAME - len(suffix)] + suffix


def _key(document: Document, keyring: Keyring) -> bytes:
    if document.wrapped_key is None:
        raise NotFound(f"document {document.id} was destroyed; only the proof that it existed is left")
    return keyring.unwrap(document.wrapped_key, OWNER, document.id)


def _name(document: Document, key: bytes) -> str:
    return unseal(key, document.sealed_name, OWNER, document.id, "name").decode()
