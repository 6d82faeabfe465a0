"""Letters to the customer: composed from templates that an owner edits, kept as documents (R30, R31).

A template is a form of text components with `"use": "letter"` in its properties; `{{ }}` holds FEEL over
`case`, `customer`, `records` and `today`. Paragraphs that come out empty are left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.cases.channels import LIFECYCLE
from engine.documents.pdf import pdf_of
from engine.documents.register import store_document
from engine.documents.vault import Vault
from engine.domain.deadlines import last_day_of, local_date
from engine.errors import FeelError, InvalidInput, NotFound
from engine.feel import compile_expression
from engine.models.forms import Form
from engine.people.actor import Actor
from engine.privacy.values import is_reference, read_values
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.ledger import note_on_instance
from engine.runtime.runtime import Runtime

MOST_TEXT = 20_000
_FILLED = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be read through: its title and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


def templates(rt: Runtime, session: Session, use: str, language: str) -> dict[str, str]:
    """Return the newest templates for a use (`letter`, `script`): form id -> title."""
    forms = _bundle(rt, session).forms
    return {form.id: _title(form, language) for form in forms.values() if _properties(form).get("use") == use}


def script(rt: Runtime, session: Session, form_id: str, language: str) -> list[str]:
    """Return the lines of a script that an owner wrote; none where there is no such form."""
    form = _bundle(rt, session).forms.get(form_id)
    return [] if form is None else _texts(form, language)


def compose(
    rt: Runtime,
    session: Session,
    row: Mapping[str, Any],
    form_id: str,
    language: str,
    *,
    use: str = "letter",
    more: Mapping[str, Any] | None = None,
) -> Letter:
    """Return a letter about a case, personal data in clear; the caller has noted that (R60).

    `row` is what `engine.read.complaint` gives; `use` is what the template is for, `more` what it may name
    beside the case. Raises NotFound (no such template), InvalidInput (it holds an
    expression that cannot be evaluated).
    """
    form = _bundle(rt, session).forms.get(form_id)
    if form is None or _properties(form).get("use") != use:
        raise NotFound(f"there is no {use} {form_id!r}; a {use} is a form whose properties say so")
    scope = _scope(rt, session, row) | dict(more or {})
    paragraphs = (_fill(text, scope, form_id) for text in _texts(form, language))
    return Letter(_title(form, language), tuple(each for each in paragraphs if each.strip()))


def keep_letter(
    rt: Runtime,
    vault: Vault,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    title: str,
    text: str,
    language: str,
) -> str:
    """Keep a letter as a PDF among the documents of a case and return the document's id.

    Raises Forbidden, InvalidInput (no text, too much of it), ConfigurationError (no Chinese font).
    """
    actor.require("document.add")
    if not text.strip() or len(text) > MOST_TEXT:
        message = f"takes 1 to {MOST_TEXT} characters"
        raise InvalidInput(f"the letter's text {message}", {"text": [message]})
    content = io.BytesIO(pdf_of(title, text.split("\n\n"), language))
    with rt.sessions.step() as session:
        document = store_document(
            session,
            vault,
            content,
            f"{title} {row['no']}.pdf",
            "application/pdf",
            actor,
            complaint_no=row["no"],
        )
        data = {"document": document.id, "sha256": document.sha256, "title": title}
        note_on_instance(session, row["instance_id"], actor, [Entry("letter.composed", data)])
        return document.id


def _bundle(rt: Runtime, session: Session) -> LoadedBundle:
    return rt.bundles.get(session, find_definition(session, LIFECYCLE).bundle_id)


def _properties(form: Form) -> Mapping[str, Any]:
    found = form.root.raw.get("properties")
    return found if isinstance(found, Mapping) else {}


def _title(form: Form, language: str) -> str:
    given = _properties(form).get("title")
    titles = given if isinstance(given, Mapping) else {}
    return str(titles.get(language) or titles.get("zh-Hant") or form.id)


def _texts(form: Form, language: str) -> list[str]:
    parts = form.root.raw.get("components") or []
    return [
        form.translated(str(part["text"]), language)
        for part in parts
        if part.get("type") == "text" and part.get("text")
    ]


def fill(text: str, scope: Mapping[str, Any]) -> str:
    """Return a text with the FEEL between `{{ }}` evaluated, null as nothing. Raises FeelError."""

    def value(found: re.Match[str]) -> str:
        result = compile_expression(found.group(1).strip()).evaluate(scope)
        return "" if result is None else str(result)

    return _FILLED.sub(value, text)


def placeholders(text: str) -> list[str]:
    """Return what stands between `{{ }}`, in order."""
    return [found.group(1).strip() for found in _FILLED.finditer(text)]


def _fill(text: str, scope: Mapping[str, Any], form_id: str) -> str:
    try:
        return fill(text, scope)
    except FeelError as error:
        message = f"the letter {form_id!r} holds an expression that cannot be evaluated: {error}"
        raise InvalidInput(message, {"letter": [message]}) from error


def _scope(rt: Runtime, session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a template may name: dates as days that people read, personal values in clear. `answer_on` is the
    earlier of the policy's and the law's last day: what a customer may be promised.
    """
    records = {record["kind"]: record["values"] for record in row["records"]}
    wanted = [*row["personal"].values(), *(value for each in records.values() for value in each.values())]
    clear = read_values(
        session, rt.keyring, [each for each in wanted if is_reference(each)], subject_id=row["subject_id"]
    )
    return facts_of(rt, row) | {
        "customer": _clear(row["personal"], clear),
        "records": {kind: _clear(values, clear) for kind, values in records.items()},
    }


def facts_of(rt: Runtime, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a text may name of a case without telling anything of the customer: `case` and `today`."""
    zone = rt.config.timezone
    ends = {
        "due_on": row["due_at"],
        "statutory_due_on": row["statutory_due_at"],
        "extended_on": row["extended_until"],
        "answer_on": min((at for at in (row["due_at"], row["statutory_due_at"]) if at), default=None),
    }
    case = {name: row[name] for name in ("no", "product", "channel", "category", "grade", "handler")}
    case |= {name: last_day_of(at, zone).isoformat() if at else None for name, at in ends.items()}
    case["received_on"] = local_date(row["received_at"], zone).isoformat()
    return {"case": case, "today": local_date(clock.now(), zone).isoformat()}


def _clear(values: Mapping[str, Any], clear: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: clear.get(value, value) if isinstance(value, str) else value for name, value in values.items()
    }
