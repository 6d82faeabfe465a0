"""Comments as pages show them: what they say of the customer masked until it is asked for (R60, R61)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.privacy.finding import mask_text
from engine.privacy.values import is_reference, read_values
from engine.read.comments import comments
from engine.read.people import display_names
from engine.store.tables.cases import Complaint
from web.extensions import redress

_KNOWN = ("name", "phone", "email", "id_number", "account", "address")


def shown_comments(
    session: Session, instance_id: str, complaint_no: str | None, *, reveal: bool = False
) -> list[dict[str, Any]]:
    """Return the comments of an instance with `text` and `actor_name`, the oldest first.

    The caller has checked who looks. Numbers and addresses are masked in the text, and so are the customer's
    own name and identifiers, unless `reveal` (only after `note_reveal`).
    """
    rows = comments(session, instance_id)
    if not rows:
        return []
    known = {} if reveal else known_values(session, complaint_no)
    texts = read_values(session, redress().keyring, [row["body_ref"] for row in rows])
    names = display_names(session, (row["actor"] for row in rows))
    for row in rows:
        text = str(texts[row["body_ref"]])
        row["text"] = text if reveal else masked(text, known)
        row["actor_name"] = names.get(row["actor"], row["actor"])
    return rows


def masked(text: str, known: Mapping[str, str]) -> str:
    """Return `text` with `known` values (kind -> value) and everything that looks like one masked."""
    return mask_text(text, known)


def known_values(session: Session, complaint_no: str | None) -> dict[str, str]:
    """Return the customer's own name and identifiers by kind, as `masked` takes them; none without a case."""
    found = session.execute(
        select(Complaint.personal, Complaint.subject_id).where(Complaint.no == complaint_no)
    ).one_or_none()
    if found is None:
        return {}
    references = {kind: found.personal[kind] for kind in _KNOWN if is_reference(found.personal.get(kind))}
    clear = read_values(session, redress().keyring, references.values(), subject_id=found.subject_id)
    return {kind: str(clear[reference]) for kind, reference in _of(references, clear)}


def _of(references: Mapping[str, str], clear: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((kind, reference) for kind, reference in references.items() if reference in clear)
