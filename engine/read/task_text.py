"""Finding tasks by words: the step's name in any language, the complaint's number, the product.

What a customer said or is called is encrypted and never looked through here (R60): a person is found by what
identifies them, with `engine.read.customers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.read.visibility import COMPLAINT, TASK
from engine.read.worklist import first_of_each_step
from engine.store.tables.runtime import Task

LONGEST = 100
MOST_WORDS = 5
MOST_PRODUCTS = 300
_IN_NUMBER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The condition (on task and complaint) that every word is found; `products`: only in one of these."""

    condition: ColumnElement[bool]
    products: frozenset[str] | None = None


def words_to_find(session: Session, actor: Actor, text: str) -> Words:
    """Return how every word of `text` is found. Raises InvalidInput.

    A word may be two Chinese characters, or any part of a number.
    """
    words = text.split()
    if not words or len(text) > LONGEST or len(words) > MOST_WORDS:
        message = f"takes 1 to {MOST_WORDS} words, {LONGEST} characters in all"
        raise InvalidInput(f"the text to find {message}", {"text": [message]})
    names, products = _names(session, actor), _products(session)
    found = [_word(word, names, products) for word in words]
    only = [each.products for each in found if each.products is not None]
    return Words(and_(*(each.condition for each in found)), frozenset.intersection(*only) if only else None)


def _word(word: str, names: dict[str, str], products: list[str] | None) -> Words:
    """Look the word up among what there is of names and products, so that only few things are compared."""
    steps = sorted(step for step, name in names.items() if word.casefold() in name)
    ways: list[ColumnElement[bool]] = [TASK.element_id.in_(steps)] if steps else []
    if _IN_NUMBER.fullmatch(word):
        ways.append(TASK.complaint_no.contains(word.upper(), autoescape=True))
    if products is None:
        return Words(or_(*ways, COMPLAINT.product.icontains(word, autoescape=True)))
    fitting = [product for product in products if word.casefold() in product.casefold()]
    only = None if ways else frozenset(fitting)
    return Words(
        or_(false(), *ways, COMPLAINT.product.in_(fitting)) if fitting else or_(false(), *ways), only
    )


def _products(session: Session) -> list[str] | None:
    """The products of complaints, one look at the index for each; None where they are too many."""
    least = select(func.min(COMPLAINT.product).label("product")).cte("product", recursive=True)
    after = select(func.min(COMPLAINT.product)).where(COMPLAINT.product > least.c.product).scalar_subquery()
    every = least.union_all(select(after).where(least.c.product.is_not(None)))
    rows = session.scalars(select(every.c.product).limit(MOST_PRODUCTS + 2)).all()
    found = [product for product in rows if product is not None]
    return found if len(found) <= MOST_PRODUCTS else None


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
