"""What an archive holds: the four bundles that the policy names, and all that proves them (R34).

Everything is put down in clear: the archive as a whole is sealed, and is read without Redress once opened.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.export import export_stream
from engine.cases.archive.gate import BUNDLES
from engine.cases.archive.page import Reading, case_page
from engine.cases.rows import COMPLAINT
from engine.documents.register import document_key, document_name
from engine.documents.vault import Vault
from engine.errors import NotFound, RedressError
from engine.models.forms import Form
from engine.privacy.values import is_reference, read_values, references_in
from engine.runtime.bundles import read_files
from engine.runtime.runtime import Runtime
from engine.store.tables.archive import Archive, ArchiveSupplement
from engine.store.tables.calendars import CalendarVersion
from engine.store.tables.cases import CaseRecord, Contact, Extension
from engine.store.tables.channels import SurveyAnswer
from engine.store.tables.documents import Document
from engine.store.tables.runtime import Instance

_PARTS = (
    ("records", CaseRecord),
    ("contacts", Contact),
    ("extensions", Extension),
    ("survey", SurveyAnswer),
)
_log = logging.getLogger(__name__)

_NEVER_REWRITTEN: Final = ("documents", "models")
"""Bundles whose files stay as they are under their path: they need not be read to know it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive. `open` gives its clear bytes anew at each call."""

    path: str
    bundle: str
    open: Callable[[], BinaryIO]


def gather(
    rt: Runtime,
    vault: Vault,
    session: Session,
    no: str,
    *,
    sealed: Mapping[str, str] = MappingProxyType({}),
) -> list[Part]:
    """Return the parts of the archive of a complaint, the page for readers first. Raises NotFound.

    What is `sealed` already, each path with its hash, is left out; without anything new there is no part.
    """
    case = _read_case(rt, session, no)
    documents = _documents(session, vault, no)
    streams = _streams(session, no)
    files = [
        _json("case.json", "registration", case["complaint"]),
        *(
            _json(f"{_bundle_of(record['kind'])}/{record['id']}.json", _bundle_of(record["kind"]), record)
            for record in case["records"]
        ),
        _json("messages/contacts.json", "messages", case["contacts"]),
        _json("messages/extensions.json", "messages", case["extensions"]),
        _json("messages/survey.json", "messages", case["survey"]),
        *documents,
        *(_trail(session, stream) for stream in streams),
        *_models(session, streams),
        _json("calendar.json", "trail", _calendar(session, case["complaint"]["calendar_version"])),
    ]
    files = [part for part in files if not _is_sealed(part, sealed)]
    if not files:
        return []
    reading = Reading(_forms(rt, session, streams), rt.config.timezone)
    page = case_page(case, [part.path for part in files], reading, is_supplement=bool(sealed))
    return [_bytes("index.html", "registration", page.encode()), *files]


def _is_sealed(part: Part, sealed: Mapping[str, str]) -> bool:
    if part.path not in sealed or part.bundle in _NEVER_REWRITTEN:
        return part.path in sealed
    with part.open() as content:
        return hashlib.sha256(content.read()).hexdigest() == sealed[part.path]


def _read_case(rt: Runtime, session: Session, no: str) -> dict[str, Any]:
    row = session.execute(select(COMPLAINT).where(COMPLAINT.c.no == no)).one_or_none()
    if row is None:
        raise NotFound(f"there is no complaint {no}")
    case: dict[str, Any] = {"complaint": dict(row._mapping)}
    for name, table in _PARTS:
        columns = table.__table__.c
        query = select(*columns).where(columns.complaint_no == no).order_by(columns.id)
        case[name] = [dict(found._mapping) for found in session.execute(query)]
    clear = read_values(session, rt.keyring, references_in(case), subject_id=row.subject_id)
    opened: dict[str, Any] = _in_clear(case, clear)
    return opened


def _in_clear(value: Any, clear: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _in_clear(item, clear) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_clear(item, clear) for item in value]
    return clear.get(value, value) if is_reference(value) else value


def _bundle_of(kind: str) -> str:
    return next((name for name, kinds in BUNDLES.items() if kind in kinds), "messages")


def _documents(session: Session, vault: Vault, no: str) -> Iterator[Part]:
    query = select(Document).where(
        Document.complaint_no == no,
        Document.wrapped_key.is_not(None),
        Document.id.not_in(select(Archive.document_id)),
        Document.id.not_in(select(ArchiveSupplement.document_id)),
    )
    for document in session.scalars(query.order_by(Document.id)):
        name, key = document_name(document, vault.keyring), document_key(document, vault.keyring)
        yield Part(f"documents/{document.id}-{name}", "documents", _opener(vault, key, document.id))


def _opener(vault: Vault, key: bytes, document_id: str) -> Callable[[], BinaryIO]:
    return lambda: vault.open(key, document_id)


def _streams(session: Session, no: str) -> list[str]:
    """Return the instances of the complaint, the lifecycle and what ran beside it."""
    query = select(Instance.id).where(Instance.business_key == no).order_by(Instance.id)
    return list(session.scalars(query))


def _trail(session: Session, stream: str) -> Part:
    lines = "".join(f"{line}\n" for line in export_stream(session, stream))
    return _bytes(f"trail/{stream}.jsonl", "trail", lines.encode())


def _models(session: Session, streams: list[str]) -> Iterator[Part]:
    """Give the files of every version of the models that the case ran under."""
    for bundle_id in _bundles(session, streams):
        for path, content in sorted(read_files(session, bundle_id).items()):
            yield _bytes(f"models/{bundle_id}/{path}", "models", content)


def _forms(rt: Runtime, session: Session, streams: list[str]) -> dict[str, Form]:
    """Return the forms by id that the case was worked on with, each as its newest version has it.

    A version that this release does not read any more leaves its fields without labels; nothing else is lost.
    """
    found: dict[str, Form] = {}
    for bundle_id in _bundles(session, streams):
        try:
            found |= rt.bundles.get(session, bundle_id).forms
        except RedressError as error:
            _log.warning("the forms of the models %s cannot be read: %s", bundle_id, error)
    return found


def _bundles(session: Session, streams: list[str]) -> list[str]:
    query = select(Instance.bundle_id).where(Instance.id.in_(streams)).distinct()
    return sorted(session.scalars(query))


def _calendar(session: Session, version: str) -> dict[str, Any]:
    found = session.get(CalendarVersion, version)
    return {"version": version, "years": found.years if found is not None else {}}


def _json(path: str, bundle: str, value: Any) -> Part:
    return _bytes(
        path, bundle, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str)
    )


def _bytes(path: str, bundle: str, content: bytes) -> Part:
    return Part(path, bundle, lambda: io.BytesIO(content))
