"""Keeping archives: legal holds, and the disposal of what need not be kept any longer (R35, R62)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.erased import list_after_commit
from engine.cases.rows import lock_complaint
from engine.documents.register import destroy_documents
from engine.documents.vault import Vault
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.finding import holds_personal
from engine.privacy.subjects import erase_subject
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.archive import Archive, LegalHold

_ARCHIVE = table_of(Archive)
_HOLD = table_of(LegalHold)
MOST_REFERENCE = 100


class HoldGround(StrEnum):
    """Why a case is held."""

    LAWSUIT = "lawsuit"
    INQUIRY = "inquiry"
    AUDIT = "audit"


def place_hold(rt: Runtime, actor: Actor, no: str, *, ground: str, reference: str) -> str:
    """Keep a case whole until the hold is lifted; return the hold's id.

    `reference` is the number under which the lawsuit or inquiry is known, no personal data. Raises Forbidden,
    NotFound, InvalidInput by field.
    """
    actor.require("archive.hold")
    _check_hold(ground, reference)
    with rt.sessions.step() as session:
        if lock_complaint(session, no) is None:
            raise NotFound(f"there is no complaint {no}")
        row = {
            "id": new_id(),
            "complaint_no": no,
            "ground": ground,
            "reference": reference.strip(),
            "placed_by": actor.username,
            "placed_at": clock.now(),
            "lifted_by": None,
            "lifted_at": None,
        }
        session.execute(insert(_HOLD).values(row))
        withdrawn = {"proposed_by": None, "proposed_at": None}
        session.execute(update(_ARCHIVE).where(_ARCHIVE.c.complaint_no == no).values(withdrawn))
        data = {"complaint_no": no, "hold": row["id"], "ground": ground, "reference": row["reference"]}
        note(session, actor.username, "hold.placed", data)
    return str(row["id"])


def _check_hold(ground: str, reference: str) -> None:
    errors: dict[str, list[str]] = {}
    if ground not in list(HoldGround):
        errors["ground"] = [f"say why: {', '.join(HoldGround)}"]
    if not 1 <= len(reference.strip()) <= MOST_REFERENCE:
        errors["reference"] = ["give the number under which it is known"]
    elif holds_personal(reference):
        errors["reference"] = ["tells who somebody is; give a number of the case instead"]
    if errors:
        raise InvalidInput("the case cannot be held: see the fields", errors)


def lift_hold(rt: Runtime, actor: Actor, hold_id: str) -> None:
    """End a hold. Raises Forbidden (also for who placed it: two pairs of eyes), NotFound, Conflict."""
    actor.require("archive.hold")
    with rt.sessions.step() as session:
        row = session.execute(select(_HOLD).where(_HOLD.c.id == hold_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound("there is no such hold")
        if row.lifted_at is not None:
            raise Conflict("this hold was lifted before")
        if row.placed_by == actor.username:
            raise Forbidden("who placed a hold does not lift it: ask a colleague")
        lifted = {"lifted_by": actor.username, "lifted_at": clock.now()}
        session.execute(update(_HOLD).where(_HOLD.c.id == hold_id).values(lifted))
        note(session, actor.username, "hold.lifted", {"complaint_no": row.complaint_no, "hold": hold_id})


def is_held(session: Session, no: str) -> bool:
    """Whether a hold on the case is in force: then nothing of it may be destroyed."""
    query = select(_HOLD.c.id).where(_HOLD.c.complaint_no == no, _HOLD.c.lifted_at.is_(None))
    return session.execute(query.limit(1)).first() is not None


def refuse_held(session: Session, no: str) -> None:
    """Raise Conflict while a hold on the case is in force."""
    if is_held(session, no):
        raise Conflict(
            f"complaint {no} is under a legal hold; nothing of it may be destroyed until it is lifted"
        )


def propose_disposal(rt: Runtime, actor: Actor, no: str) -> None:
    """Propose to destroy an archive whose time is over; a colleague decides. Raises Forbidden, Conflict."""
    actor.require("archive.dispose")
    with rt.sessions.step() as session:
        _require_due(session, no)
        proposed = {"proposed_by": actor.username, "proposed_at": clock.now()}
        session.execute(update(_ARCHIVE).where(_ARCHIVE.c.complaint_no == no).values(proposed))
        note(session, actor.username, "disposal.proposed", {"complaint_no": no})


def dispose(rt: Runtime, vault: Vault, actor: Actor, no: str) -> dict[str, Any]:
    """Destroy the keys of archive, documents and customer; return the certificate (R62).

    The register's row, figures and trail stay. Raises Forbidden (not who proposed it), NotFound, Conflict
    (nobody proposed it, its time is not over, or a hold is in force).
    """
    actor.require("archive.dispose")
    with rt.sessions.step() as session:
        complaint = lock_complaint(session, no)
        row = _require_due(session, no)
        if row["proposed_by"] is None:
            raise Conflict(
                f"nobody has proposed to dispose of the archive of {no}; a colleague proposes first"
            )
        if row["proposed_by"] == actor.username:
            raise Forbidden("who proposed a disposal does not decide on it: ask a colleague")
        assert complaint is not None
        now = clock.now()
        documents = destroy_documents(session, vault, no)
        certificate = {
            "complaint_no": no,
            "manifest_sha256": row["manifest_sha256"],
            "documents": documents,
            "person_erased": erase_subject(session, complaint["subject_id"]),
            "retained_until": row["retain_until"].isoformat(),
            "proposed_by": row["proposed_by"],
            "disposed_by": actor.username,
            "disposed_at": now.isoformat(),
            "method": "destruction of the AES-256 keys; sealed bytes removed",
        }
        ended = {"disposed_by": actor.username, "disposed_at": now, "certificate": certificate}
        session.execute(update(_ARCHIVE).where(_ARCHIVE.c.complaint_no == no).values(ended))
        list_after_commit(rt, session, no)
        note(session, actor.username, "archive.disposed", certificate)
    return certificate


def _require_due(session: Session, no: str) -> Mapping[str, Any]:
    query = select(_ARCHIVE).where(_ARCHIVE.c.complaint_no == no).with_for_update()
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no archive of {no}")
    if row.disposed_at is not None:
        raise Conflict(f"the archive of {no} was disposed of before")
    if row.retain_until > clock.now():
        raise Conflict(f"the archive of {no} is to be kept until {row.retain_until.isoformat()}")
    refuse_held(session, no)
    return dict(row._mapping)
