"""Rotating the master key: everything that it wraps is wrapped anew, in small steps, while work goes on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.documents.register import rewrap_documents
from engine.people.second_factor import rewrap_factors
from engine.privacy.keyring import Keyring
from engine.privacy.subjects import rewrap_subjects
from engine.store.sessions import Sessions
from engine.store.tables.documents import Document
from engine.store.tables.people import SecondFactor
from engine.store.tables.privacy import DataSubject

BATCH = 200


def rewrap_all(sessions: Sessions, keyring: Keyring, *, batch: int = BATCH) -> Iterator[int]:
    """Wrap all that is wrapped under the master key in force; yield how many keys each step took.

    These are the keys of persons and documents and the secrets of code generators.

    Every step is a short transaction of its own: stopped in the middle, what was done stays done, and both
    versions open meanwhile. Calling it again goes on.
    """
    for rewrap in (rewrap_subjects, rewrap_documents, rewrap_factors):
        while True:
            with sessions.step() as session:
                done = rewrap(session, keyring, limit=batch)
            if not done:
                break
            yield done


def wrapped_under(session: Session) -> dict[int, int]:
    """Return how many keys of persons and documents each version of the master key wraps."""
    counts: dict[int, int] = {}
    for table in (DataSubject, Document, SecondFactor):
        query = (
            select(table.key_version, func.count())
            .where(table.wrapped_key.is_not(None))
            .group_by(table.key_version)
        )
        for version, count in session.execute(query):
            counts[version] = counts.get(version, 0) + count
    return dict(sorted(counts.items()))
