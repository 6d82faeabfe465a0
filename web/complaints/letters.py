"""`/complaints/<no>/letters`: composing a letter from a template, reading it through, keeping it as PDF."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine import read
from engine.cases.letters import compose, keep_letter, templates
from engine.cases.mails import language_of
from engine.errors import InvalidInput
from web.access import requires
from web.casefile import note_reveal
from web.complaints.routes import blueprint
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import LANGUAGES, current_language


@blueprint.get("/complaints/<no>/letters")
@requires("document.add")
def letters(no: str) -> Any:
    """Show which letters there are."""
    row = read.complaint(db.session(), current_actor(), no)
    offered = templates(runtime(), db.session(), "letter", current_language())
    return render_template(
        "complaints/letters.html", no=row["no"], templates=offered, customer_language=language_of(row)
    )


@blueprint.post("/complaints/<no>/letters")
@requires("personal.read")
def preview(no: str) -> Any:
    """Compose a letter to be read through; it holds the customer's data, so the trail says who looked."""
    actor, session = current_actor(), db.session()
    row = read.complaint(session, actor, no)
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        message = gettext("Choose a language.")
        raise InvalidInput(message, {"language": [message]})
    letter = compose(runtime(), session, row, request.form.get("letter", ""), language)
    note_reveal(actor, row["no"], "handling")
    return render_template(
        "complaints/letter.html",
        no=row["no"],
        title=letter.title,
        text="\n\n".join(letter.paragraphs),
        letter_language=language,
        refused=None,
    )


@blueprint.post("/complaints/<no>/letters/keep")
@requires("document.add")
def keep(no: str) -> Any:
    """Keep the letter as it was read through, as PDF among the documents of the case."""
    row = read.complaint(db.session(), current_actor(), no)
    form = request.form
    given = {name: form.get(name, "").replace("\r\n", "\n") for name in ("title", "text", "language")}
    try:
        keep_letter(runtime(), redress().vault, current_actor(), row, **given)
    except InvalidInput as error:
        db.session.rollback()
        page = render_template(
            "complaints/letter.html",
            no=row["no"],
            title=given["title"],
            text=given["text"],
            letter_language=given["language"],
            refused=error,
        )
        return page, 422
    flash(gettext("The letter stands among the documents of the case."))
    return redirect(url_for("complaints.show", no=row["no"], _anchor="documents-title"), code=303)
