"""What is sealed of a complaint: its archive, and supplements, each naming what it follows (R34)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases.archive.packing import MANIFEST, Follows, check_archive
from engine.documents.register import open_document
from engine.documents.vault import Vault
from engine.errors import NotFound, SealBroken
from engine.store.tables.archive import Archive, ArchiveSupplement
from engine.store.tables.documents import Document


@dataclass(frozen=True, slots=True)
class Link:
    """One sealed file of a complaint: 0 is its archive, 1 the first supplement."""

    number: int
    document_id: str
    manifest_sha256: str

    @property
    def next(self) -> Follows:
        """What is sealed after this one says that it follows it."""
        return Follows(self.number + 1, self.manifest_sha256)


def chain_of(session: Session, no: str) -> tuple[Link, ...]:
    """Return what is sealed of a complaint, the archive first; nothing where it is not sealed yet."""
    first = session.execute(
        select(Archive.document_id, Archive.manifest_sha256).where(Archive.complaint_no == no)
    ).one_or_none()
    if first is None:
        return ()
    later = session.execute(
        select(ArchiveSupplement.number, ArchiveSupplement.document_id, ArchiveSupplement.manifest_sha256)
        .where(ArchiveSupplement.complaint_no == no)
        .order_by(ArchiveSupplement.number)
    )
    return (Link(0, *first), *(Link(*row) for row in later))


def is_kept(session: Session, chain: Iterable[Link]) -> bool:
    """Whether all of it can still be opened: neither disposed of nor erased with its customer."""
    ids = [link.document_id for link in chain]
    lost = select(Document.id).where(Document.id.in_(ids), Document.wrapped_key.is_(None))
    return session.scalars(lost.limit(1)).first() is None


def listed(session: Session, vault: Vault, chain: Iterable[Link]) -> dict[str, str]:
    """Return the files that are sealed already, each path with the hash of its newest version."""
    found: dict[str, str] = {}
    for link in chain:
        with (
            open_document(session, vault, link.document_id).content as content,
            zipfile.ZipFile(content) as archive,
        ):
            manifest = orjson.loads(archive.read(MANIFEST))
        found |= {each["path"]: each["sha256"] for each in manifest["files"]}
    return found


def check_chain(session: Session, vault: Vault, no: str) -> int:
    """Read everything sealed of a complaint back, and that each part follows the one before; return how many
    parts there are. Raises NotFound, SealBroken naming the part.
    """
    chain = chain_of(session, no)
    if not chain:
        raise NotFound(f"there is no archive of {no}")
    follows: Follows | None = None
    for place, link in enumerate(chain):
        part = f"supplement {link.number}: " if link.number else ""
        if link.number != place:
            raise SealBroken(f"{part}supplement {place} is missing before it")
        try:
            with open_document(session, vault, link.document_id).content as content:
                check_archive(content, link.manifest_sha256, follows=follows)
        except SealBroken as error:
            raise SealBroken(f"{part}{error}") from error
        follows = link.next
    return len(chain)
