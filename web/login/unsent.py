"""`/unsent/<id>`: what somebody sent when their log-in had run out, to be sent now or thrown away."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for

from engine.people.unsent import forget_unsent, read_unsent
from web import unsent
from web.access import logged_in
from web.extensions import db, end_reading, redress
from web.gettext import gettext
from web.identity import current_actor
from web.login.screen import blueprint


@blueprint.get("/unsent/<unsent_id>", endpoint="unsent")
@logged_in
def show(unsent_id: str) -> Any:
    """Show what was typed; it is sent by a click alone."""
    form = read_unsent(db.session(), redress().keyring, current_actor(), unsent_id)
    unsent.opened(unsent_id, form)
    return unsent.page(form, can_send=True, unsent_id=unsent_id)


@blueprint.post("/unsent/<unsent_id>/discard")
@logged_in
def discard_unsent(unsent_id: str) -> Any:
    """Throw it away."""
    actor = current_actor()
    end_reading()
    forget_unsent(redress().sessions, actor.id, unsent_id)
    flash(gettext("What was not sent is thrown away."))
    return redirect(url_for("home.index"), code=303)
