"""Finding complaints by what identifies a customer, through the blind index (R60)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.privacy.identifiers import has_id_number_form, is_old_id_number, normalise
from engine.privacy.keyring import Keyring
from engine.privacy.subjects import find_subjects
from engine.read.visibility import COMPLAINT, visible_complaints

MOST = 50


class Found(NamedTuple):
    """The complaints of whoever has an identifier, and as what it was found, or looked for first."""

    rows: list[dict[str, Any]]
    by: str


def kinds_of_identifier(text: str) -> list[str]:
    """Return what `text` may be: email, id_number, phone, account. Raises InvalidInput where it is nothing.

    An account may have the look of a phone number, and be one.
    """
    bare = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text.strip()):
        return ["email"]
    if has_id_number_form(bare) or is_old_id_number(bare):
        return ["id_number"]
    kinds = ["phone"] if re.fullmatch(r"\+?\d{7,15}", bare) else []
    if normalise("account", text):
        kinds.append("account")
    if kinds:
        return kinds
    message = "takes a whole phone number, e-mail address, identity number or account number"
    raise InvalidInput(f"a customer cannot be found by this: it {message}", {"identifier": [message]})


def complaints_of(session: Session, keyring: Keyring, actor: Actor, identifier: str) -> Found:
    """Return the complaints of whoever has the identifier, as far as the actor may see them, newest first.

    Raises Forbidden (no permission to personal data), InvalidInput. The caller notes in the trail that
    somebody looked (R60).
    """
    actor.require("personal.read")
    kinds = kinds_of_identifier(identifier)
    found = {kind: find_subjects(session, keyring, kind, identifier) for kind in kinds}
    subjects = {each for several in found.values() for each in several}
    columns = ("no", "status", "grade", "urgent", "category", "product", "received_at", "handler")
    query = (
        select(*(COMPLAINT[name] for name in columns))
        .where(COMPLAINT.subject_id.in_(subjects), visible_complaints(actor))
        .order_by(COMPLAINT.received_at.desc(), COMPLAINT.no.desc())
        .limit(MOST)
    )
    rows = [dict(row._mapping) for row in session.execute(query)]
    return Found(rows, next((kind for kind in kinds if found[kind]), kinds[0]))
