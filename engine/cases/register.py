"""Where the runtime finds the complaint of an instance: by its business key."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.cases.case import ComplaintCase, refuse_accused
from engine.cases.rows import COMPLAINT, lock_complaint, read_complaint
from engine.domain.complaint import NUMBER_PATTERN
from engine.people.roles import HANDLERS
from engine.runtime.business import BoundCase
from engine.runtime.step import Step
from engine.store.prepared import Prepared


class ComplaintRegister:
    """Binds an instance to the complaint whose number is its business key."""

    def bind(self, session: Session, step: Step) -> BoundCase | None:
        """Return the complaint of the step's instance, locked unless the step only reads.

        A request's step locks the lifecycle, too: what it decides moves the dates of the lifecycle's tasks.
        """
        pending = session.info.get(PENDING)
        if pending is not None and pending["no"] == step.instance.business_key:
            del session.info[PENDING]
            return ComplaintCase(session, step, {**pending, "instance_id": step.instance.id}, is_new=True)
        key = step.instance.business_key
        if key is None or not NUMBER_PATTERN.fullmatch(key):
            return None
        is_request = step.instance.process_id not in step.bundle.lifecycles
        if is_request and not step.readonly:
            row = lock_complaint(session, key)
        else:
            row = read_complaint(session, key, locked=not step.readonly)
        return None if row is None else ComplaintCase(session, step, row)

    def task_taken(self, session: Session, complaint_no: str, groups: list[str], username: str) -> bool:
        """The first handler who takes a task of the handlers has the case (R19); never whom it is about.

        Raises Forbidden for the person complained about (Art. 17).
        """
        row = _FACTS.one_or_none(session, {"complaint": complaint_no})
        refuse_accused(row.facts if row is not None else {}, username)
        if HANDLERS not in groups:
            return False
        return _TAKE.one_or_none(session, {"complaint": complaint_no, "who": username}) is not None

    def task_given_back(self, session: Session, complaint_no: str, username: str) -> None:
        """The case is nobody's again, unless it went on to somebody else meanwhile."""
        given = update(COMPLAINT).where(COMPLAINT.c.no == complaint_no, COMPLAINT.c.handler == username)
        session.execute(given.values(handler=None))


_OF_CASE = COMPLAINT.c.no == bindparam("complaint")
_FACTS = Prepared(select(COMPLAINT.c.facts).where(_OF_CASE))
_TAKE = Prepared(
    update(COMPLAINT)
    .where(_OF_CASE, COMPLAINT.c.handler.is_(None))
    .values(handler=bindparam("who"))
    .returning(COMPLAINT.c.no)
)
PENDING = "redress.pending_complaint"
"""Where `register_complaint` leaves the row that its first step will write with the instance."""
