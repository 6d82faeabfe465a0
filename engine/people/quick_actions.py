"""Quick actions: several things to do with a task in one go, defined once and shared with a role.

They hold what to do, no right to do it: whoever applies one must be allowed each of its parts
(`engine.runtime.commands.quick_action`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.people.shared import check_role, drop, keep, kept_for
from engine.privacy.finding import refuse_personal
from engine.store.tables.people import Person
from engine.store.tables.workplace import QuickAction

LONGEST_NAME, LONGEST_COMMENT, MOST_DAYS = 80, 2000, 60
HANDS: Final = ("claim", "release", "assign")


@dataclass(frozen=True, slots=True)
class Steps:
    """What a quick action does, in this order; what is None is left as it is."""

    comment: str | None = None
    follow_up_days: int | None = None
    """Working days from today; the task is looked at again on the morning of that day."""
    priority: int | None = None
    hand: str | None = None
    """`claim` it, `release` it to its group or lender, or `assign` it to `username`."""
    username: str | None = None


def keep_quick_action(
    session: Session,
    actor: Actor,
    name: str,
    steps: Steps,
    *,
    role: str | None = None,
    action_id: str | None = None,
) -> str:
    """Keep a quick action for oneself or for a role, and return its id.

    Raises InvalidInput by field, Forbidden (sharing takes `desk.share`), NotFound.
    """
    called, errors = " ".join(name.split()), {}
    if not 1 <= len(called) <= LONGEST_NAME:
        errors["name"] = [f"takes 1 to {LONGEST_NAME} characters"]
    check_role(actor, role, errors)
    errors |= _wrong(session, steps)
    if errors:
        raise InvalidInput("the quick action cannot be kept: see the fields", errors)
    refuse_personal(name=called, comment=steps.comment or "")
    values = {"name": called, "steps": {key: each for key, each in asdict(steps).items() if each is not None}}
    return keep(session, actor, QuickAction, action_id, role, values)


def drop_quick_action(session: Session, actor: Actor, action_id: str) -> None:
    """Delete a quick action of one's own or, for who shares, a shared one. Raises NotFound."""
    drop(session, actor, QuickAction, action_id)


def quick_actions(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the quick actions that the actor may apply, by name, each with its `steps`."""
    return [row | {"steps": Steps(**row["steps"])} for row in kept_for(session, actor, QuickAction)]


def quick_action(session: Session, actor: Actor, action_id: str) -> dict[str, Any]:
    """Return one that the actor may apply. Raises NotFound."""
    found = next((row for row in quick_actions(session, actor) if row["id"] == action_id), None)
    if found is None:
        raise NotFound("there is no such quick action, or it is not shared with you")
    return found


def _wrong(session: Session, steps: Steps) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if steps == Steps():
        errors["comment"] = ["choose at least one thing to do"]
    if steps.comment is not None and not steps.comment.strip():
        errors["comment"] = ["say something"]
    elif steps.comment is not None and len(steps.comment) > LONGEST_COMMENT:
        errors["comment"] = [f"has at most {LONGEST_COMMENT} characters"]
    for field, value, least, most in (
        ("follow_up_days", steps.follow_up_days, 1, MOST_DAYS),
        ("priority", steps.priority, 0, 100),
    ):
        if value is not None and not least <= value <= most:
            errors[field] = [f"takes a number from {least} to {most}"]
    if steps.hand is not None and steps.hand not in HANDS:
        errors["hand"] = [f"takes one of {', '.join(HANDS)}"]
    known = select(Person.id).where(Person.username == steps.username, Person.active)
    if (steps.hand == "assign") != (steps.username is not None):
        errors["username"] = ["say to whom"]
    elif steps.username is not None and session.scalars(known).first() is None:
        errors["username"] = ["choose somebody"]
    return errors
