"""A case as its second coder sees it, on the page and by the API: the content without who wrote it (R14)."""

from __future__ import annotations

from engine.privacy.values import read_values
from engine.quality.supervision.coding import CaseToCode, case_to_code
from web.casefile import note_reveal
from web.comments import known_values, masked
from web.extensions import db, redress
from web.identity import current_actor


def place_of(text: str) -> int:
    """Return the place in a sample that an address names; 0, where no case is, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def shown_to_coder(sample_id: str, place: int) -> tuple[CaseToCode, str]:
    """Return a case and its masked content; the trail says who read it. Raises as `case_to_code`."""
    session, actor = db.session(), current_actor()
    case = case_to_code(session, actor, sample_id, place)
    note_reveal(actor, case.complaint_no, "supervision")
    clear = read_values(session, redress().keyring, [case.content], subject_id=case.subject_id)
    return case, masked(str(clear.get(case.content, "")), known_values(session, case.complaint_no))
