"""The customer withdraws the complaint: the procedure ends that day (Art. 15)."""

from __future__ import annotations

from engine.audit import Entry
from engine.cases.rows import open_complaint
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.advance import open_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime

WITHDRAWN = "complaint-withdrawn"


def withdraw(rt: Runtime, actor: Actor, no: str, reason: str, *, idempotency: Once | None = None) -> None:
    """End the complaint as withdrawn. Raises NotFound, InvalidInput (no reason), Conflict (answered or
    ended).
    """
    if not reason.strip():
        raise InvalidInput(
            "a withdrawal needs a reason", {"reason": ["say how the customer withdrew, and why"]}
        )
    with rt.sessions.step() as session:
        if recall(session, actor, idempotency) is not None:
            return
        row = open_complaint(session, no)
        reference = store_values(
            session, rt.keyring, row["subject_id"], {"withdrawal_reason": reason.strip()}
        )
        with open_step(rt, session, row["instance_id"], actor) as step:
            step.note(Entry("complaint.withdrawn", {"reason": reference["withdrawal_reason"]}))
            waiting = [
                w for w in step.workflow.waits() if w.kind == "message" and w.message_name == WITHDRAWN
            ]
            if not waiting:
                raise Conflict(
                    f"the process of complaint {no} does not wait for a withdrawal where it stands"
                )
            step.workflow.deliver_message(waiting[0].token, {})
            step.run()
        remember(session, actor, idempotency, {"complaint_no": no})
