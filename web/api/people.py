"""`/people/<username>/skills`: what people are good at, which the table of assignment asks for (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.people.accounts import person_id_of
from engine.people.skills import set_skills, skills_of
from web.access import requires
from web.api.operation import operation
from web.api.schemas import people as schemas
from web.extensions import db, redress
from web.identity import current_actor

TAG = "people"


@operation(TAG, "GET", "/people/<username>/skills", requires("people.read"), answer=schemas.SkillsSchema)
def skills(username: str) -> Any:
    """List the skills of somebody."""
    return _told(db.session(), username)


@operation(
    TAG,
    "PUT",
    "/people/<username>/skills",
    requires("people.manage"),
    body=schemas.SkillsBody,
    answer=schemas.SkillsSchema,
)
def keep_skills(body: Mapping[str, Any], username: str) -> Any:
    """Replace the skills of somebody; they count for the next complaint."""
    with redress().sessions.step() as session:
        set_skills(
            session, current_actor(), username, [(each["kind"], each["value"]) for each in body["skills"]]
        )
        return _told(session, username)


def _told(session: Session, username: str) -> dict[str, Any]:
    person_id = person_id_of(session, username)
    held = skills_of(session, [person_id]).get(person_id, [])
    return {"username": username, "skills": [{"kind": kind, "value": value} for kind, value in held]}
