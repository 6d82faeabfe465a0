"""Finding tasks by words: the step's name in any language, the complaint's number, the product.

What a customer said or is called is encrypted and never looked through here (R60): a person is found by what
identifies them, with `engine.read.customers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.read.kinds import steps_seen
from engine.read.narrow import few_complaints
from engine.read.numbers import numbers_with
from engine.read.visibility import COMPLAINT, TASK
from engine.store.within import Within

LONGEST = 100
MOST_WORDS = 5
MOST_PRODUCTS = 300
_IN_NUMBER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Word:
    """Where a word is found: at these steps, or in cases; `numbers` are those cases where they are few, else
    `of_case` is the condition on task and complaint.
    """

    steps: frozenset[str]
    numbers: frozenset[str] | None
    of_case: ColumnElement[bool]

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition that the word is found, on task and complaint."""
        of_case = self.of_case if self.numbers is None else Within(TASK.complaint_no, self.numbers)
        return or_(Within(TASK.element_id, self.steps), of_case) if self.steps else of_case


def words_to_find(session: Session, actor: Actor, text: str) -> tuple[Word, ...]:
    """Return how each word of `text` is found. Raises InvalidInput.

    A word may be two Chinese characters, or any part of a number.
    """
    words = text.split()
    if not words or len(text) > LONGEST or len(words) > MOST_WORDS:
        message = f"takes 1 to {MOST_WORDS} words, {LONGEST} characters in all"
        raise InvalidInput(f"the text to find {message}", {"text": [message]})
    names, products = _names(session, actor), _products(session)
    return tuple(_word(session, word, names, products) for word in words)


def _word(session: Session, word: str, names: dict[str, str], products: list[str] | None) -> Word:
    """Look the word up among what there is of names, products, numbers: few things are compared."""
    steps = frozenset(step for step, name in names.items() if word.casefold() in name)
    numbers = numbers_with(session, word) if _IN_NUMBER.fullmatch(word) else frozenset()
    in_number = (
        TASK.complaint_no.contains(word.upper(), autoescape=True)
        if numbers is None
        else Within(TASK.complaint_no, numbers)
    )
    if products is None:
        return Word(steps, None, or_(in_number, COMPLAINT.product.icontains(word, autoescape=True)))
    fitting = [product for product in products if word.casefold() in product.casefold()]
    if not fitting:
        return Word(steps, numbers, in_number)
    of_product = COMPLAINT.product.in_(fitting)
    sold = few_complaints(session, of_product)
    both = None if numbers is None or sold is None else numbers | sold
    return Word(steps, both, or_(in_number, of_product))


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
    names: dict[str, str] = {}
    for step in steps_seen(session, actor):
        called = "\n".join([step["name"], *step["labels"].values()]).casefold()
        names[step["element_id"]] = f"{names.get(step['element_id'], '')}\n{called}"
    return names
