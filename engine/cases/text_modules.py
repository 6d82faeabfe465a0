"""Text modules: what people write often, called by a word and put where they type, for oneself or for a role.

What stands between `{{ }}` is FEEL over `case`, `today` and `me`, as in letters, but for the customer: a
module is read by many and kept in clear, so nothing in it may tell who somebody is (R60).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from engine import clock
from engine.cases.letters import facts_of, fill, placeholders
from engine.domain.deadlines import local_date
from engine.errors import FeelError, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.people.shared import check_role, drop, keep, kept_for
from engine.privacy.finding import refuse_personal
from engine.read.complaints import complaint
from engine.runtime.runtime import Runtime
from engine.store.tables.workplace import TextModule

LONGEST = 4000
_WORD: Final = re.compile(r"[^\s:]{1,40}")
NAMES: Final = (
    *("case.no", "case.received_on", "case.due_on", "case.statutory_due_on", "case.answer_on"),
    *("case.extended_on", "case.product", "today", "me"),
)
"""What a module may name between `{{ }}`."""


def keep_text_module(
    session: Session,
    actor: Actor,
    word: str,
    text: str,
    *,
    role: str | None = None,
    module_id: str | None = None,
) -> str:
    """Keep a text for oneself or for a role, and return its id.

    Raises InvalidInput by field (also where it names something else than `NAMES`), Forbidden (sharing takes
    `desk.share`), NotFound.
    """
    errors: dict[str, list[str]] = {}
    called, said = word.strip().removeprefix("::"), text.strip()
    if not _WORD.fullmatch(called):
        errors["word"] = ["takes one word of at most 40 characters, without a colon"]
    if not 1 <= len(said) <= LONGEST:
        errors["text"] = [f"takes 1 to {LONGEST} characters"]
    elif unknown := [name for name in placeholders(said) if name not in NAMES]:
        errors["text"] = [f"{unknown[0]} is nothing that a text can name; it takes {', '.join(NAMES)}"]
    check_role(actor, role, errors)
    if errors:
        raise InvalidInput("the text cannot be kept: see the fields", errors)
    refuse_personal(word=called, text=said)
    return keep(session, actor, TextModule, module_id, role, {"word": called, "text": said})


def drop_text_module(session: Session, actor: Actor, module_id: str) -> None:
    """Delete a text of one's own or, for who shares, a shared one. Raises NotFound."""
    drop(session, actor, TextModule, module_id)


def text_modules(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the texts that the actor may use, by word, as they were written."""
    return kept_for(session, actor, TextModule)


def filled_text_modules(
    rt: Runtime, session: Session, actor: Actor, complaint_no: str | None
) -> list[dict[str, str]]:
    """Return the texts that the actor may use, filled in for a case: `word` and `text`.

    Without a case, or where the actor may not see it, what the text names of it stays as it was written.
    """
    scope = _scope(rt, session, actor, complaint_no)
    return [
        {"word": row["word"], "text": _filled(row["text"], scope)} for row in text_modules(session, actor)
    ]


def _scope(rt: Runtime, session: Session, actor: Actor, complaint_no: str | None) -> Mapping[str, Any]:
    today = local_date(clock.now(), rt.config.timezone).isoformat()
    known: dict[str, Any] = {"me": actor.display_name, "today": today}
    if complaint_no is None:
        return known
    try:
        return known | facts_of(rt, complaint(session, actor, complaint_no))
    except NotFound:
        return known


def _filled(text: str, scope: Mapping[str, Any]) -> str:
    if "case" not in scope and any(name.startswith("case.") for name in placeholders(text)):
        return text
    try:
        return fill(text, scope)
    except FeelError:  # written under an earlier release
        return text
