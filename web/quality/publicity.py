"""`/publicity`: what is published where and until when, held against the channels of the software (R69)."""

from __future__ import annotations

from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine.errors import InvalidInput
from engine.quality.kinds import PUBLICATION
from engine.quality.publicity import open_publication, publication_check
from engine.quality.reading import file_list
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.quality import publicity_terms, terms
from web.quality.file import file_page
from web.quality.routes import blueprint

PAGE: Final = 30


@blueprint.get("/publicity")
@requires("publicity.read")
def publications() -> Any:
    """Show what each place has to publish and has, and the register of publications."""
    return _publications()


def _publications(refused: InvalidInput | None = None) -> str:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    found = file_list(session, actor, PUBLICATION, limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "quality/publications.html",
        checked=publication_check(runtime(), session, actor),
        files=found.items,
        next=found.next,
        errors=refused.errors if refused else {},
        sent=request.form,
        terms=terms,
        publicity_terms=publicity_terms,
    )


@blueprint.get("/publicity/<no>")
@requires("publicity.read")
def publication(no: str) -> Any:
    """Show one publication with its approvals and proof."""
    return file_page("quality/publication.html", no, PUBLICATION, publicity_terms=publicity_terms)


@blueprint.post("/publicity")
@requires("publicity.open")
def publish() -> Any:
    """Begin to publish something."""
    try:
        opened = open_publication(runtime(), current_actor(), request.form.get("title", ""))
    except InvalidInput as error:
        return _publications(error), 422
    flash(gettext("%(no)s was opened; its first task waits in the list of tasks.", no=opened.no))
    return redirect(url_for("quality.publication", no=opened.no), code=303)
