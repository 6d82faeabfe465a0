"""The daily check of the mailbox: begun each calendar day, its evidence kept by day (R7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import end_of_day, local_date
from engine.errors import InvalidInput, NotFound
from engine.people.accounts import roles_of
from engine.people.actor import SYSTEM, Actor
from engine.people.roles import AGENTS
from engine.runtime.advance import new_step
from engine.runtime.bundles import find_definition
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.channels import Mailbox, MailboxCheck, MailboxDuty, ReceivedMail
from engine.store.tables.people import Person
from engine.store.tables.runtime import Task
from engine.store.upsert import insert_into

PROCESS: Final = "mailbox-check"
CHECK_HOUR, ALARM_HOUR = "mailbox.check_hour", "mailbox.alarm_hour"
_OLD: Final = timedelta(hours=24)


def begin_daily_check(rt: Runtime) -> bool:
    """Begin today's check once its hour has come; where no mailbox is read there is none.

    The day's row is written with the instance, so that a day has one check however many workers there are.
    """
    if not rt.config.imap_urls:
        return False
    now, today = clock.now(), local_date(clock.now(), rt.config.timezone)
    with rt.sessions.read() as session:
        parameters = rt.parameters.current(session)
        begins = _at_hour(rt, today, parameters.value(CHECK_HOUR, today))
        if now < begins or session.get(MailboxCheck, today) is not None or not _is_deployed(session):
            return False
        alarm_at = _at_hour(rt, today, parameters.value(ALARM_HOUR, today))
        duty = duty_in_force(session)
    try:
        with rt.sessions.step() as session:
            return _begin(rt, session, today, alarm_at, duty)
    except _BegunMeanwhile:
        return False


def duty_in_force(session: Session) -> MailboxDuty | None:
    """Return who checks the mailbox and who stands in, or None while nobody is named."""
    return session.scalars(select(MailboxDuty).order_by(MailboxDuty.id.desc()).limit(1)).first()


def name_keepers(rt: Runtime, actor: Actor, keeper: str, deputy: str) -> None:
    """Name who checks the mailbox each day from the next check on, and who does when they do not.

    Raises Forbidden, InvalidInput (by field): two different agents who are here.
    """
    actor.require("channel.manage")
    with rt.sessions.step() as session:
        named = {"keeper": keeper, "deputy": deputy}
        errors = {
            name: ["nobody of this name is an agent"]
            for name, who in named.items()
            if not _is_agent(session, who)
        }
        if not errors and keeper == deputy:
            errors["deputy"] = ["takes somebody else than the keeper"]
        if errors:
            raise InvalidInput("some fields need correction", errors)
        session.add(MailboxDuty(id=new_id(), **named, set_by=actor.username, set_at=clock.now()))
        note(session, actor.username, "mailbox.entrusted", named)


def mailbox_state(session: Session) -> dict[str, Any]:
    """Return what is to be looked at: mails that wait, those for more than a day, how far each mailbox is
    read.
    """
    waiting = select(func.count(ReceivedMail.id)).where(ReceivedMail.outcome == "waiting")
    old = waiting.where(ReceivedMail.arrived_at < clock.now() - _OLD)
    rows = session.scalars(select(Mailbox).order_by(Mailbox.name))
    read = [f"{row.name}: {row.last_uid}" + (" ⚠" if row.error else "") for row in rows]
    return {
        "waiting": session.scalar(waiting) or 0,
        "unread": session.scalar(old) or 0,
        "mailboxes": "; ".join(read),
    }


def keep_evidence(session: Session, variables: Mapping[str, Any]) -> None:
    """Write who checked the mailbox into the day's row, and what there was when they had."""
    row = session.get(MailboxCheck, date.fromisoformat(str(variables["day"])), with_for_update=True)
    if row is None:
        return  # begun by hand, as in a scenario: the trail of the instance is the evidence
    done = select(Task.completed_by).where(Task.instance_id == row.instance_id, Task.state == "completed")
    who = session.scalars(done.order_by(Task.ended_at.desc()).limit(1)).first()
    found = mailbox_state(session)
    changed = update(MailboxCheck).where(MailboxCheck.day == row.day)
    session.execute(changed.values(checked_by=who, checked_at=clock.now(), found=found))


def _begin(rt: Runtime, session: Session, day: date, alarm_at: datetime, duty: MailboxDuty | None) -> bool:
    instance_id = new_id()
    keepers = {"keeper": duty.keeper if duty else None, "deputy": duty.deputy if duty else None}
    variables = {"day": day.isoformat(), "alarm_at": alarm_at, **keepers}
    with new_step(
        rt, session, PROCESS, SYSTEM, variables=variables, business_key=None, instance_id=instance_id
    ) as step:
        step.run()
    row: dict[str, Any] = {"day": day, "instance_id": instance_id, "due_at": alarm_at, "found": {}, **keepers}
    made = insert_into(session, MailboxCheck).values(row).on_conflict_do_nothing().returning(MailboxCheck.day)
    if session.execute(made).first() is None:
        raise _BegunMeanwhile(day.isoformat())
    return True


class _BegunMeanwhile(Exception):
    """Undoes a check that another worker began at the same moment."""


def _at_hour(rt: Runtime, day: date, hour: int) -> datetime:
    return end_of_day(day - timedelta(days=1), rt.config.timezone) + timedelta(hours=hour)


def _is_deployed(session: Session) -> bool:
    try:
        find_definition(session, PROCESS)
    except NotFound:
        return False
    return True


def _is_agent(session: Session, username: str) -> bool:
    person = session.scalar(select(Person.id).where(Person.username == username, Person.active))
    return person is not None and AGENTS in roles_of(session, person)
