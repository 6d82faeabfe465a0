"""Finding a customer's complaints by what identifies them: by form, so that no address ever holds it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from engine.audit import note
from engine.errors import InvalidInput
from engine.read.customers import complaints_of
from engine.read.people import display_names
from web.access import requires
from web.complaints.routes import blueprint
from web.extensions import db, redress
from web.identity import current_actor


@blueprint.post("/complaints/find")
@requires("personal.read")
def find() -> Any:
    """Show the complaints of whoever has this number or address; the trail says who looked."""
    actor, given = current_actor(), request.form.get("identifier", "")
    try:
        found = complaints_of(db.session(), redress().keyring, actor, given)
    except InvalidInput as error:
        return render_template("complaints/found.html", rows=[], names={}, refused=error), 422
    with redress().sessions.step() as session:
        data = {"by": found.by, "found": len(found.rows)}
        note(session, actor.username, "personal.searched", data)
    names = display_names(db.session(), (row["handler"] for row in found.rows))
    return render_template("complaints/found.html", rows=found.rows, names=names, refused=None)
