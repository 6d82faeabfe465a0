"""The devices on which somebody wants to be told of things, each chosen in its own browser."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, NotFound
from engine.people.actor import Actor
from engine.store.tables.people import Person
from engine.store.tables.workplace import PushDevice
from engine.store.upsert import insert_into

MOST_DEVICES: Final = 10


def device_id(endpoint: str) -> str:
    """Return the id of the device with an endpoint; its browser can work it out, too."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def add_device(session: Session, actor: Actor, *, name: str, server_key: str, address: dict[str, str]) -> str:
    """Tell the actor of things on a device; return its id. Whoever had it before has it no more.

    `address` holds endpoint, p256dh and auth as the browser gave them, checked. Raises Conflict.
    """
    made = device_id(address["endpoint"])
    others = select(func.count()).where(PushDevice.person_id == actor.id, PushDevice.id != made)
    if session.execute(others).scalar_one() >= MOST_DEVICES:
        raise Conflict(f"there are {MOST_DEVICES} devices already; remove one first")
    values = {
        "person_id": actor.id,
        "name": name,
        "server_key": server_key,
        **address,
        "created_at": clock.now(),
        "told_at": None,
    }
    row = insert_into(session, PushDevice).values(id=made, **values)
    session.execute(row.on_conflict_do_update(index_elements=[PushDevice.id], set_=values))
    note(session, actor.username, "device.added", {"device": made, "name": name})
    return made


def remove_device(session: Session, actor: Actor, device: str) -> None:
    """Tell the actor nothing on a device of theirs any more. Raises NotFound."""
    mine = delete(PushDevice).where(PushDevice.id == device, PushDevice.person_id == actor.id)
    if session.execute(mine.returning(PushDevice.id)).first() is None:
        raise NotFound("there is no such device of yours")
    note(session, actor.username, "device.removed", {"device": device, "by": "owner"})


def forget_device(session: Session, device: str) -> None:
    """Forget a device that takes no messages any more."""
    session.execute(delete(PushDevice).where(PushDevice.id == device))


def told_on(session: Session, device: str, at: datetime) -> None:
    """Keep when a message was last handed over for a device."""
    session.execute(update(PushDevice).where(PushDevice.id == device).values(told_at=at))


def devices(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the actor's devices, the oldest first: id, name, created_at, told_at."""
    query = select(PushDevice.id, PushDevice.name, PushDevice.created_at, PushDevice.told_at)
    query = query.where(PushDevice.person_id == actor.id).order_by(PushDevice.created_at, PushDevice.id)
    return [dict(row._mapping) for row in session.execute(query)]


def devices_of(session: Session, person_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Return (person id, device id) of all devices of active people among `person_ids`."""
    query = (
        select(PushDevice.person_id, PushDevice.id)
        .join(Person, Person.id == PushDevice.person_id)
        .where(PushDevice.person_id.in_(sorted(set(person_ids))), Person.active)
        .order_by(PushDevice.id)
    )
    return [(row.person_id, row.id) for row in session.execute(query)]
