"""`/notices`: what one was told, and taking note of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from engine.people.notices import acknowledge
from engine.read.notices import notice_list
from web.access import logged_in
from web.extensions import db, redress
from web.identity import current_actor

blueprint = Blueprint("notices", __name__, template_folder="templates")
PAGE = 50


@blueprint.get("/notices")
@logged_in
def index() -> Any:
    """Show one's notices, the newest first."""
    found = notice_list(db.session(), current_actor(), limit=PAGE, cursor=request.args.get("cursor") or None)
    return render_template("notices/index.html", notices=found.items, next=found.next)


@blueprint.post("/notices")
@logged_in
def take_note() -> Any:
    """Mark one notice as read, or all."""
    with redress().sessions.step() as session:
        acknowledge(session, current_actor(), request.form.get("notice") or None)
    return redirect(url_for("notices.index"), code=303)
