"""How long what was decided about a person is kept, and erasing it afterwards (R50)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.archive.seal import vault_of
from engine.documents.register import destroy_documents_of_instance
from engine.domain.deadlines import local_date
from engine.privacy.subjects import erase_subject
from engine.quality.files import FILE
from engine.quality.kinds import ACCOUNTABILITY
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.quality import Sanction

MONTHS: Final = "accountability.retention_months"
BATCH: Final = 100
_COUNTED: Final = frozenset(
    {"cause", "happened_at", "conduct", "consequence", "severity", "measure", "proposal_decision"}
)
"""The facts of a file that are counted and name nobody."""
_SANCTION = table_of(Sanction)


def erase_on(rt: Runtime, session: Session, day: date) -> date:
    """Return the day on which an entry made on `day` is to be erased: so many months later."""
    months = rt.parameters.current(session).value(MONTHS, day)
    return _moved(day, months)


def erase_old_files(rt: Runtime) -> int:
    """Take the names and texts out of files that ended long enough ago, and out of the register; what is
    counted stays. Returns how many files it was.
    """
    with rt.sessions.read() as session:
        today = local_date(clock.now(), rt.config.timezone)
        months = rt.parameters.current(session).value(MONTHS, today)
        old = (
            select(FILE.c.no)
            .where(
                FILE.c.kind == ACCOUNTABILITY.name,
                FILE.c.closed_at.is_not(None),
                FILE.c.closed_at < clock.now() - (today - _moved(today, -months)),
                FILE.c.raiser.is_not(None),
            )
            .order_by(FILE.c.no)
        )
        numbers = session.scalars(old.limit(BATCH)).all()
        listed = _SANCTION.c.erased_at.is_(None) & (_SANCTION.c.erase_on <= today)
        entries = session.scalars(select(_SANCTION.c.id).where(listed).limit(BATCH)).all()
    for no in numbers:
        with rt.sessions.step() as session:
            _erase(rt, session, no)
    if entries:
        with rt.sessions.step() as session:
            gone: dict[str, Any] = {"person": None, "erased_at": clock.now()}
            session.execute(update(_SANCTION).where(_SANCTION.c.id.in_(entries)).values(gone))
    return len(numbers)


def _erase(rt: Runtime, session: Session, no: str) -> None:
    """A file without a raiser is one that was erased: nobody is named in it any more."""
    row = session.execute(select(FILE).where(FILE.c.no == no).with_for_update()).one()
    kept = {name: value for name, value in row.facts.items() if name in _COUNTED}
    erase_subject(session, row.subject_id)
    if row.instance_id is not None:
        destroy_documents_of_instance(session, vault_of(rt), row.instance_id)
    session.execute(
        update(FILE)
        .where(FILE.c.no == no)
        .values(owner=None, raiser=None, facts=kept, personal={}, version=row.version + 1)
    )


def _moved(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day.day, 28))
