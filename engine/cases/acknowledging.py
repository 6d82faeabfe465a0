"""Telling a customer that we have their complaint, and its number (R5, R30): a message of ours, or a letter.

A letter is printed and posted by somebody: a task of the agents says so, whose form asks on which day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from engine import clock
from engine.cases.mails import acknowledgement_of
from engine.cases.requests import ACKNOWLEDGEMENT
from engine.domain.complaint import PreferredContact
from engine.domain.deadlines import local_date
from engine.errors import FormRefused, NotFound, Refusal
from engine.people.actor import Actor
from engine.runtime.advance import new_step
from engine.runtime.bundles import find_definition
from engine.runtime.outbox import add_jobs
from engine.runtime.runtime import Runtime

RECORD: Final = "acknowledgement"
"""The kind of record that says when the letter left."""
_DAY: Final = "acknowledged_on"


def acknowledge(
    rt: Runtime, session: Session, actor: Actor, complaint_no: str, intake: Mapping[str, Any]
) -> None:
    """Have a complaint acknowledged that was registered in this transaction, the way the customer wishes.

    Models that lack the process of the letter open no task; the letter is written on the page of the case.
    """
    add_jobs(rt, session, acknowledgement_of(complaint_no, intake))
    if intake["preferred_contact"] != PreferredContact.LETTER:
        return
    try:
        find_definition(session, ACKNOWLEDGEMENT)
    except NotFound:
        return
    variables = {"complaint_no": complaint_no}
    with new_step(
        rt, session, ACKNOWLEDGEMENT, actor, variables=variables, business_key=complaint_no
    ) as step:
        step.run()


def acknowledged_at(rt: Runtime, values: Mapping[str, Any], received_at: datetime) -> datetime:
    """Return when the customer was told by a letter that left on the day of the form: never later than now.

    Raises FormRefused where the letter would have left before the complaint came.
    """
    zone, now = rt.config.timezone, clock.now()
    day, came_on = str(values.get(_DAY))[:10], local_date(received_at, zone)
    if day < came_on.isoformat():
        said = Refusal("lies before {day}, when the complaint reached us", day=came_on.isoformat())
        raise FormRefused(str(said), {_DAY: [said]})
    end = datetime.fromisoformat(day).replace(hour=23, minute=59, tzinfo=zone)
    return min(end, now)
