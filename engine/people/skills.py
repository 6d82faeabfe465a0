"""What people are good at: product lines, languages, categories; the table of assignment asks (R19)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine.audit import note
from engine.domain.complaint import Category
from engine.errors import InvalidInput
from engine.people.accounts import person_id_of
from engine.people.actor import Actor
from engine.store.tables.people import PersonSkill

Skill = tuple[str, str]
"""Its kind and its value, such as `("language", "en")`."""
PRODUCT, LANGUAGE, CATEGORY = KINDS = ("product", "language", "category")
LANGUAGES: Final = ("zh-Hant", "zh-Hans", "en")
MOST: Final = 50
_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    LANGUAGE: LANGUAGES,
    CATEGORY: tuple(str(each) for each in Category),
}


def set_skills(session: Session, by: Actor, username: str, skills: Iterable[Skill]) -> None:
    """Replace the skills of a person. Raises Forbidden, NotFound, InvalidInput (`skills`)."""
    by.require("people.manage")
    person_id = person_id_of(session, username)
    wanted = sorted({_checked(kind, value) for kind, value in skills})
    if len(wanted) > MOST:
        raise _refused(f"are at most {MOST}")
    if wanted == skills_of(session, [person_id]).get(person_id, []):
        return
    session.execute(delete(PersonSkill).where(PersonSkill.person_id == person_id))
    if wanted:
        rows = [{"person_id": person_id, "kind": kind, "value": value} for kind, value in wanted]
        session.execute(insert(PersonSkill), rows)
    note(session, by.username, "person.changed", {"person": username, "changed": ["skills"]})


def skills_of(session: Session, person_ids: Iterable[str]) -> dict[str, list[Skill]]:
    """Return the skills of people by their ids, sorted; who has none is left out."""
    found: dict[str, list[Skill]] = {}
    query = select(PersonSkill.person_id, PersonSkill.kind, PersonSkill.value)
    query = query.where(PersonSkill.person_id.in_(list(person_ids)))
    for row in session.execute(query.order_by(PersonSkill.kind, PersonSkill.value)):
        found.setdefault(row.person_id, []).append((row.kind, row.value))
    return found


def is_asked_for(skill: Skill, case: Mapping[str, Any]) -> bool:
    """Tell whether a complaint's row asks for a skill: its product, its category, the customer's language."""
    kind, value = skill
    asked = case["facts"].get(LANGUAGE) if kind == LANGUAGE else case[kind]
    return asked is not None and _plain(str(asked)) == _plain(value)


def _checked(kind: str, value: str) -> Skill:
    if kind not in KINDS:
        raise _refused(f"are of the kinds {', '.join(KINDS)}")
    value = " ".join(str(value).split())
    if kind in _CLOSED and value not in _CLOSED[kind]:
        raise _refused(f"of the kind {kind} are {', '.join(_CLOSED[kind])}")
    if not 1 <= len(value) <= 200:
        raise _refused("take 1 to 200 characters each")
    return kind, value


def _refused(why: str) -> InvalidInput:
    message = f"skills {why}"
    return InvalidInput(message, {"skills": [message]})


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
