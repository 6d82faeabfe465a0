"""Linking a complaint to the earlier one that it repeats; both stay cases of their own (D8, R47).

Who complains is told by the blind index of phones, addresses, identity and account numbers; what about, by
the product, or by the category where no product is named. Nothing is merged: figures count linked ones apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases.rows import COMPLAINT
from engine.domain.complaint import Status
from engine.privacy.subjects import find_same_persons

WINDOW = "repeat.window_days"
"""The parameter that says within how many days a complaint about the same matter is a repeat."""


def earlier_complaint(
    session: Session, subject_id: str, row: Mapping[str, Any], category: str | None, window_days: int
) -> str | None:
    """Return the number of the newest complaint that `row` repeats, or None.

    It is the same person's, about the same product (or category), received within the window before.
    """
    matter = ("product", row["product"]) if row["product"] else ("category", category)
    if matter[1] is None:
        return None
    persons = find_same_persons(session, subject_id)
    if not persons:
        return None
    earlier = (
        select(COMPLAINT.c.no)
        .where(
            COMPLAINT.c.subject_id.in_(persons),
            COMPLAINT.c[matter[0]] == matter[1],
            COMPLAINT.c.received_at <= row["received_at"],
            COMPLAINT.c.received_at >= row["received_at"] - timedelta(days=window_days),
            COMPLAINT.c.status != str(Status.NOT_A_COMPLAINT),
        )
        .order_by(COMPLAINT.c.received_at.desc(), COMPLAINT.c.no.desc())
        .limit(1)
    )
    return session.scalars(earlier).first()
