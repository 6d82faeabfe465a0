"""Finding complaints by what identifies a customer, through the blind index (R60)."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.privacy.identifiers import has_id_number_form, is_old_id_number
from engine.privacy.keyring import Keyring
from engine.privacy.subjects import find_subjects
from engine.read.visibility import COMPLAINT, visible_complaints

MOST = 50


def kind_of_identifier(text: str) -> str:
    """Return what `text` is: email, id_number or phone. Raises InvalidInput where it is none of them."""
    bare = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text.strip()):
        return "email"
    if has_id_number_form(bare) or is_old_id_number(bare):
        return "id_number"
    if re.fullmatch(r"\+?\d{7,15}", bare):
        return "phone"
    message = "takes a whole phone number, e-mail address or identity number"
    raise InvalidInput(f"a customer cannot be found by this: it {message}", {"identifier": [message]})


def complaints_of(session: Session, keyring: Keyring, actor: Actor, identifier: str) -> list[dict[str, Any]]:
    """Return the complaints of whoever has the identifier, as far as the actor may see them, newest first.

    Raises Forbidden (no permission to personal data), InvalidInput. The caller notes in the trail that
    somebody looked (R60).
    """
    actor.require("personal.read")
    subjects = find_subjects(session, keyring, kind_of_identifier(identifier), identifier)
    columns = ("no", "status", "grade", "urgent", "category", "product", "received_at", "handler")
    query = (
        select(*(COMPLAINT[name] for name in columns))
        .where(COMPLAINT.subject_id.in_(subjects), visible_complaints(actor))
        .order_by(COMPLAINT.received_at.desc(), COMPLAINT.no.desc())
        .limit(MOST)
    )
    return [dict(row._mapping) for row in session.execute(query)]
