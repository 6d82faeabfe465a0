"""Finding a customer's complaints by what identifies them: by form, so that no address ever holds it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from engine.audit import note
from engine.errors import InvalidInput
from engine.read.customers import complaints_of, kind_of_identifier
from engine.read.people import display_names
from web.access import requires
from web.complaints.routes import blueprint
from web.extensions import db, redress
from web.identity import current_actor


@blueprint.post("/complaints/find")
@requires("personal.read")
def find() -> Any:
    """Show the complaints of whoever has this phone, e-mail or identity number; the trail says who looked."""
    actor, given = current_actor(), request.form.get("identifier", "")
    try:
        rows = complaints_of(db.session(), redress().keyring, actor, given)
    except InvalidInput as error:
        return render_template("complaints/found.html", rows=[], names={}, refused=error), 422
    with redress().sessions.step() as session:
        data = {"by": kind_of_identifier(given), "found": len(rows)}
        note(session, actor.username, "personal.searched", data)
    names = display_names(db.session(), (row["handler"] for row in rows))
    return render_template("complaints/found.html", rows=rows, names=names, refused=None)
