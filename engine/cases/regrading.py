"""Change a complaint's grade: at once when it becomes graver, after a superior's approval when it becomes
milder.

The limit is counted again from the original receipt (D6); handling is interrupted by the message
`complaint-regraded` and goes on under the new grade at the stage already reached (R15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.cases.case import ComplaintCase
from engine.cases.requests import REGRADE, refuse_second
from engine.cases.rows import open_complaint
from engine.domain.grade import milder, read_grade
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.advance import new_step, open_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime

REGRADED = "complaint-regraded"


@dataclass(frozen=True, slots=True)
class Regrading:
    """What became of the wish: applied at once, or waiting for approval in `instance_id`."""

    applied: bool
    instance_id: str


def regrade(
    rt: Runtime, actor: Actor, no: str, grade: int, reason: str, *, idempotency: Once | None = None
) -> Regrading:
    """Give the complaint another grade. A milder one starts the approval process instead.

    Raises NotFound, InvalidInput (no reason, no grade), Conflict (same grade, one asked for already,
    not registered, answered).
    """
    wanted = int(read_grade(grade))
    if not reason.strip():
        raise InvalidInput("changing the grade needs a reason", {"reason": ["say why the grade changes"]})
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return Regrading(**known)
        row = open_complaint(session, no)
        if row["registered_at"] is None or row["grade"] is None:
            raise Conflict(
                f"complaint {no} is not registered completely yet; set the grade in its registration task"
            )
        if row["grade"] == wanted:
            raise Conflict(f"complaint {no} has grade {wanted} already")
        is_milder = milder(wanted, than=row["grade"])
        if is_milder:
            refuse_second(session, no, REGRADE)
        reference = store_values(session, rt.keyring, row["subject_id"], {"regrade_reason": reason.strip()})
        if is_milder:
            instance_id = _ask(rt, session, actor, no, row["grade"], wanted, reference["regrade_reason"])
            done = Regrading(False, instance_id)
        else:
            apply_regrade(rt, session, actor, row, wanted, reference["regrade_reason"])
            done = Regrading(True, row["instance_id"])
        remember(session, actor, idempotency, asdict(done))
        return done


def apply_regrade(
    rt: Runtime, session: Session, actor: Actor, row: Mapping[str, Any], grade: int, reason_ref: str
) -> None:
    """Set the grade, count the limit from the original receipt, and let handling go on under the new
    grade.
    """
    with open_step(rt, session, row["instance_id"], actor) as step:
        case = step.case
        if not isinstance(case, ComplaintCase):
            raise NotFound(f"the instance of complaint {row['no']} has no complaint")
        before, due_before = case.get("grade"), case.get("due_at")
        case.set(grade=grade)
        case.count_limit()
        step.note(
            Entry(
                "complaint.regraded",
                {
                    "from": before,
                    "to": grade,
                    "due_before": due_before,
                    "due_at": case.get("due_at"),
                    "received_at": case.get("received_at"),
                    "reason": reason_ref,
                },
            )
        )
        for wait in step.workflow.waits():
            if wait.kind == "message" and wait.message_name == REGRADED:
                step.workflow.deliver_message(wait.token, {})
                break
        step.run()


def _ask(
    rt: Runtime, session: Session, actor: Actor, no: str, grade: int, wanted: int, reason_ref: str
) -> str:
    with new_step(
        rt,
        session,
        REGRADE,
        actor,
        variables={"complaint_no": no, "old_grade": grade, "new_grade": wanted, "reason_ref": reason_ref},
        business_key=no,
    ) as step:
        step.run()
        return step.instance.id
