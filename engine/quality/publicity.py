"""What is published of the channels and the process, where, until when, and what is missing (R69, Art. 8).

The policy has only a title for this: what is asked for is derived from the law and stands in the decision
`publication_duty`, which an owner can change. Which channels there are, the software knows itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.channels import channels_in_force
from engine.domain.complaint import Channel
from engine.domain.deadlines import local_date
from engine.errors import FormRefused, InvalidInput
from engine.people.actor import Actor
from engine.privacy.finding import refuse_personal
from engine.quality.files import FILE, Recorded
from engine.quality.kinds import PUBLICATION
from engine.quality.opening import Opened, open_file, open_once
from engine.runtime.bundles import find_definition
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime

DUTY: Final = "publication_duty"
PLACES: Final = ("website", "app", "premises", "contract", "hotline")
NOT_FOR_CUSTOMERS: Final = frozenset({"regulator", "partner", "media", "court", "other"})
"""Channels by which complaints arrive, but that no customer is told to use."""
MOST: Final = 500


def open_publication(rt: Runtime, actor: Actor, title: str, *, idempotency: Once | None = None) -> Opened:
    """Begin to publish something; what, where and until when its first task says.

    Raises Forbidden, InvalidInput (no title), NotFound (not deployed).
    """
    actor.require("publicity.open")
    if not title.strip() or len(title) > 200:
        message = "say what is to be published, in at most 200 characters"
        raise InvalidInput(message, {"title": [message]})
    refuse_personal(title=title)

    def begin(session: Session) -> Opened:
        return open_file(rt, session, actor, PUBLICATION, facts={"title": title.strip()})

    return open_once(rt, actor, idempotency, begin)


def channels_to_publish(rt: Runtime, session: Session) -> list[str]:
    """Return the channels that customers are to be told of, as the software has them now.

    Text messages are one where a gateway hands them over; elsewhere none can be received.
    """
    closed = NOT_FOR_CUSTOMERS if rt.config.sms_secret else NOT_FOR_CUSTOMERS | {str(Channel.SMS)}
    return [name for name in channels_in_force(rt, session) if name not in closed]


def publication_prepared(done: Recorded) -> None:
    """Take a publication that is valid today at least. Raises FormRefused."""
    until = done.values.get("due_date")
    if until and _day(until) < _today(done):
        message = "takes today or a later day"
        raise FormRefused(message, {"due_date": [message]})


def publication_made(done: Recorded) -> None:
    """Keep which channels there were when it was published: one that is added later is missing in it.

    Raises FormRefused for a day that is still to come.
    """
    session, step, file, values = done.session, done.step, done.file, done.values
    published = values.get("published_on")
    if published and _day(published) > _today(done):
        message = "lies in the future"
        raise FormRefused(message, {"published_on": [message]})
    listed = channels_to_publish(step.rt, session) if values.get("lists_all_channels") else []
    kept = {name: values.get(name) for name in ("published_on", "reach")}
    file.know(channels=listed, **kept)


def _day(given: Any) -> date:
    return date.fromisoformat(str(given)[:10])


def _today(done: Recorded) -> date:
    return local_date(done.step.now, done.step.rt.config.timezone)


def publication_check(rt: Runtime, session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return for each place what it has to publish, what is published there and valid, and what is missing.

    Raises Forbidden, NotFound (the family is not deployed).
    """
    actor.require("publicity.read")
    wanted, valid = channels_to_publish(rt, session), _valid(session)
    definition = find_definition(session, PUBLICATION.process_id)
    bundle, functions = rt.bundles.get(session, definition.bundle_id), rt.functions(session)
    found = []
    for place in PLACES:
        duty = bundle.decide(DUTY, {"place": place}, functions).value or {}
        here = [each for each in valid if each["facts"].get("place") == place]
        told = {
            name
            for each in here
            if each["facts"].get("subject") in ("both", "channels")
            for name in each["facts"].get("channels", [])
        }
        has_process = any(each["facts"].get("subject") in ("both", "process") for each in here)
        found.append(
            {
                "place": place,
                "asks_channels": bool(duty.get("channels")),
                "asks_process": bool(duty.get("process")),
                "channels": {name: name in told for name in wanted},
                "process": has_process,
                "publications": [each["no"] for each in here],
                "until": min((each["due_at"] for each in here if each["due_at"]), default=None),
                "complete": (not duty.get("channels") or told >= set(wanted))
                and (not duty.get("process") or has_process),
            }
        )
    return found


def _valid(session: Session) -> list[dict[str, Any]]:
    query = select(FILE.c.no, FILE.c.facts, FILE.c.due_at).where(
        FILE.c.kind == PUBLICATION.name, FILE.c.status == "published"
    )
    rows = [dict(row._mapping) for row in session.execute(query.order_by(FILE.c.opened_at).limit(MOST))]
    return [row for row in rows if row["due_at"] is None or row["due_at"] > clock.now()]
