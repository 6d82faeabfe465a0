"""Personal values of a case in answers: clear to those who have to do with it, else masked (R60, R61)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import read
from engine.people.actor import Actor
from engine.privacy.masking import mask
from engine.privacy.values import is_reference, read_values, references_in
from web.casefile import HIDDEN, note_reveal
from web.extensions import redress

MASKED = ("name", "phone", "email", "id_number", "account")


class Personal:
    """Puts the values, or what stands for them, in the place of references."""

    def __init__(self, shown: Mapping[str, Any], *, revealed: bool) -> None:
        self._shown = shown
        self.revealed = revealed

    def show(self, value: Any) -> Any:
        """Return `value` with every reference in it replaced."""
        if isinstance(value, Mapping):
            return {key: self.show(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.show(item) for item in value]
        return self._shown.get(value, HIDDEN) if is_reference(value) else value


NOTHING_SHOWN = Personal({}, revealed=False)


def personal_values(
    session: Session, actor: Actor, case: Mapping[str, Any], *within: Any, purpose: str = "handling"
) -> Personal:
    """Return what the actor is shown of the references in `case["personal"]` and `within`.

    Who may read personal data and has to do with the case sees it, and the trail says so; who may read it
    elsewhere sees masks; all others see only that there is something. Raises InvalidInput for an unknown
    purpose.
    """
    if not actor.may("personal.read"):
        return NOTHING_SHOWN
    references = sorted({*references_in(case["personal"]), *references_in(within)})
    if references and read.concerns(session, actor, case["no"]):
        note_reveal(actor, case["no"], purpose)
        return Personal(_read(session, case, references), revealed=True)
    short = {name: case["personal"][name] for name in MASKED if name in case["personal"]}
    clear = _read(session, case, [each for each in short.values() if is_reference(each)])
    return Personal(
        {each: mask(name, clear[each]) for name, each in short.items() if each in clear}, revealed=False
    )


def _read(session: Session, case: Mapping[str, Any], references: list[str]) -> dict[str, Any]:
    return read_values(session, redress().keyring, references, subject_id=case["subject_id"])
