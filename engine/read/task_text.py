"""Finding tasks by words: the step's name in any language, the complaint's number, the product.

What a customer said or is called is encrypted and never looked through here (R60): a person is found by what
identifies them, with `engine.read.customers`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.read.visibility import COMPLAINT, TASK
from engine.read.worklist import first_of_each_step
from engine.store.tables.runtime import Task

LONGEST = 100
MOST_WORDS = 5


def text_condition(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Return the condition (on task and complaint) that every word of `text` is found. Raises InvalidInput.

    A word may be two Chinese characters, or any part of a number.
    """
    words = text.split()
    if not words or len(text) > LONGEST or len(words) > MOST_WORDS:
        message = f"takes 1 to {MOST_WORDS} words, {LONGEST} characters in all"
        raise InvalidInput(f"the text to find {message}", {"text": [message]})
    names = _names(session, actor)
    return and_(*(_word(word, names) for word in words))


def _word(word: str, names: dict[str, str]) -> ColumnElement[bool]:
    steps = sorted(step for step, name in names.items() if word.casefold() in name)
    found = [
        TASK.complaint_no.contains(word.upper(), autoescape=True),
        COMPLAINT.product.icontains(word, autoescape=True),
    ]
    return or_(TASK.element_id.in_(steps), *found) if steps else or_(*found)


def _names(session: Session, actor: Actor) -> dict[str, str]:
    """What the steps of open tasks are called in all languages, by element id: a few dozen of them."""
    ids = session.scalars(first_of_each_step(actor)).all()
    query = (
        select(TASK.element_id, TASK.name, TASK.labels).select_from(Task.__table__).where(TASK.id.in_(ids))
    )
    names: dict[str, str] = {}
    for row in session.execute(query):
        called = "\n".join([row.name, *row.labels.values()]).casefold()
        names[row.element_id] = f"{names.get(row.element_id, '')}\n{called}"
    return names
