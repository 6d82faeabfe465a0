"""A large staff: many people of one role, for what must not cost more, nor fail, with their number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from engine import clock
from engine.assembly import Redress
from engine.people.roles import HANDLERS
from engine.store.ids import new_id
from engine.store.tables.people import Person, PersonRole


def hire(
    redress: Redress,
    count: int,
    *,
    trained_until: datetime | None,
    role: str = HANDLERS,
    superior: str = "supervisor",
) -> list[str]:
    """Add so many people who cannot log in; return their usernames, `staff-00000` and on."""
    with redress.sessions.step() as session:
        above = session.scalars(select(Person.id).where(Person.username == superior)).one()
        people = [
            {
                "id": new_id(),
                "username": f"staff-{number:05d}",
                "display_name": f"{role} {number}",
                "password_hash": "",
                "superior_id": above,
                "training_valid_until": trained_until,
                "created_at": clock.now(),
            }
            for number in range(count)
        ]
        session.execute(insert(Person), people)
        session.execute(insert(PersonRole), [{"person_id": each["id"], "role": role} for each in people])
    return [str(each["username"]) for each in people]
