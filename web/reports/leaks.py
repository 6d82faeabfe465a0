"""`/reports/leaks`: where personal data stands in texts that are kept in clear, and what became of it."""

from __future__ import annotations

from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine.errors import InvalidInput
from engine.quality.leaks import LONGEST_REASON, decide_leak
from engine.quality.leaks import leaks as found_leaks
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.messages import message
from web.reports import leak_words
from web.reports.routes import blueprint

PAGE: Final = 30


@blueprint.get("/reports/leaks")
@requires("leak.read")
def leaks() -> Any:
    """List what was found, by its place; the text itself is nowhere here."""
    return _leaks()


def _leaks(refused: InvalidInput | None = None, leak_id: str = "") -> str:
    session = db.session()
    found = found_leaks(session, current_actor(), limit=PAGE, cursor=request.args.get("cursor"))
    told = [message(text) for texts in refused.errors.values() for text in texts] if refused else []
    return render_template(
        "reports/leaks.html",
        leaks=found.items,
        next=found.next,
        people=display_names(session, (row["decided_by"] for row in found.items if row["decided_by"])),
        words_of=leak_words,
        refused=told,
        wrong=set(refused.errors) if refused else set(),
        refused_id=leak_id,
        sent=request.form,
        longest=LONGEST_REASON,
    )


@blueprint.post("/reports/leaks/<leak_id>")
@requires("leak.decide")
def decide(leak_id: str) -> Any:
    """Mark a find as masked since or as no personal data."""
    form = request.form
    try:
        decide_leak(runtime(), current_actor(), leak_id, form.get("decision", ""), form.get("reason", ""))
    except InvalidInput as error:
        db.session.rollback()
        return _leaks(error, leak_id), 422
    flash(gettext("The mark is kept, with its reason."))
    return redirect(url_for("reports.leaks"), code=303)
