"""Requests beside a lifecycle (a milder grade, a later date): one of a kind, none for an ended case."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.complaint import Status
from engine.errors import Conflict, NotFound
from engine.people.actor import SYSTEM
from engine.runtime.commands.cancel import cancel_instance
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance

log = logging.getLogger(__name__)

REGRADE = "complaint-regrade"
EXTENSION = "complaint-extension"
ACKNOWLEDGEMENT = "complaint-acknowledgement"
AT_ONCE = 200
"""So many in one pass, the newest first; the next goes on."""
SECOND_REVIEW = "complaint-second-review"
_ASKED = {REGRADE: "a milder grade", EXTENSION: "a later date", SECOND_REVIEW: "a review"}
_ANSWERED = [str(status) for status in Status if status.stops_clocks]


def refuse_second(session: Session, no: str, process_id: str) -> None:
    """Raise Conflict while a request of this kind waits; the caller holds the complaint's lock."""
    waiting = select(Instance.id).where(
        Instance.state == "active", Instance.process_id == process_id, Instance.business_key == no
    )
    if session.scalars(waiting.limit(1)).first() is not None:
        raise Conflict(
            f"{_ASKED[process_id]} has been asked for complaint {no} already and waits for a decision"
        )


def withdraw_moot_requests(rt: Runtime) -> int:
    """Cancel the requests whose complaint has been answered or ended meanwhile; return how many.

    Each in a transaction of its own: a step of the lifecycle holds the complaint, one of the request waits
    for it, so that neither may reach for the other's instance. One that cannot be cancelled now keeps no
    other from it.
    """
    with rt.sessions.read() as session:
        moot = session.scalars(
            select(Instance.id)
            .join(Complaint, Complaint.no == Instance.business_key)
            .where(
                Instance.state == "active",
                Instance.process_id.in_([REGRADE, EXTENSION, ACKNOWLEDGEMENT]),
                Complaint.status.in_(_ANSWERED),
            )
            .order_by(Instance.id.desc())
            .limit(AT_ONCE)
        ).all()
    withdrawn = 0
    for instance_id in moot:
        try:
            cancel_instance(rt, SYSTEM, instance_id, "the complaint has been answered or ended meanwhile")
            withdrawn += 1
        except (Conflict, NotFound):
            continue  # decided in this very moment
        except Exception as error:  # noqa: BLE001 - one that cannot be written must not hold up the others
            log.warning("the request %s could not be withdrawn: %s", instance_id, type(error).__name__)
    return withdrawn
