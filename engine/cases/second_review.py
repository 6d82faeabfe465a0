"""The second instance: a customer who does not accept the decision asks for a review (核查, Art. 20, D10)."""

from __future__ import annotations

from engine import clock
from engine.audit import Entry
from engine.cases.requests import SECOND_REVIEW, refuse_second
from engine.cases.rows import lock_complaint
from engine.domain.deadlines import local_date, statutory_deadline
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.advance import new_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime


def request_review(
    rt: Runtime, actor: Actor, no: str, reason: str, *, idempotency: Once | None = None
) -> str:
    """Begin the review of an answered complaint and return its instance.

    One that was asked for after the time allowed begins, too: whoever accepts it is told, and decides.
    Raises NotFound, InvalidInput (no reason), Conflict (not answered yet, or a review is under way).
    """
    if not reason.strip():
        raise InvalidInput("a review needs a reason", {"reason": ["say what the customer does not accept"]})
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["instance_id"])
        row = lock_complaint(session, no)
        if row is None:
            raise NotFound(f"there is no complaint {no}")
        if row["notified_at"] is None:
            raise Conflict(f"complaint {no} has no answer yet that could be reviewed")
        refuse_second(session, no, SECOND_REVIEW)
        now, zone = clock.now(), rt.config.timezone
        told_on = local_date(row["notified_at"], zone)
        allowed = rt.parameters.current(session).value("statute.review_request_days", told_on)
        late = now >= statutory_deadline(row["notified_at"], allowed, zone)
        reference = store_values(session, rt.keyring, row["subject_id"], {"review_reason": reason.strip()})
        variables = {
            "complaint_no": no,
            "reason": reference["review_reason"],
            "requested_at": now,
            "late_request": late,
        }
        with new_step(rt, session, SECOND_REVIEW, actor, variables=variables, business_key=no) as step:
            step.note(Entry("review.requested", {"complaint_no": no, "late": late}))
            step.run()
        remember(session, actor, idempotency, {"instance_id": step.instance.id})
        return step.instance.id
