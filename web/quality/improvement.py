"""`/improvement`: measures, their quality entries, and what they came to (R54-R59)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine.errors import InvalidInput
from engine.quality.improvement.measures import propose_measure
from engine.quality.improvement.register import quality_entries
from engine.quality.kinds import IMPROVEMENT
from engine.quality.reading import file_list
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.quality import terms
from web.quality.file import file_page
from web.quality.routes import blueprint

PAGE = 30


@blueprint.get("/improvement")
@requires("improvement.read")
def measures() -> Any:
    """List the measures, of one status or all."""
    return _measures()


def _measures(refused: InvalidInput | None = None) -> str:
    session, actor = db.session(), current_actor()
    status = request.args.get("status") or None
    status = status if status in (*IMPROVEMENT.statuses, "open") else None
    mine = request.args.get("mine") == "1"
    cursor = request.args.get("cursor")
    found = file_list(session, actor, IMPROVEMENT, status=status, mine=mine, limit=PAGE, cursor=cursor)
    arguments = {"status": status} if status else {}
    return render_template(
        "quality/measures.html",
        files=found.items,
        next=found.next,
        status=status,
        statuses=[(name, terms.STATUSES[name]) for name in IMPROVEMENT.statuses],
        mine=mine,
        arguments=arguments | ({"mine": "1"} if mine else {}),
        names=display_names(session, (row["owner"] for row in found.items)),
        refused=refused,
        sent=request.form,
        terms=terms,
    )


@blueprint.get("/improvement/register")
@requires("improvement.read_all")
def entries() -> Any:
    """List what measures changed in the quality system: documents, versions, process models (R56)."""
    found = quality_entries(db.session(), current_actor(), limit=PAGE, cursor=request.args.get("cursor"))
    return render_template("quality/entries.html", entries=found.items, next=found.next, terms=terms)


@blueprint.get("/improvement/<no>")
@requires("improvement.read")
def measure(no: str) -> Any:
    """Show one measure: what it promised, what was done, what it came to."""
    return file_page("quality/measure.html", no, IMPROVEMENT)


@blueprint.post("/improvement")
@requires("improvement.propose")
def propose() -> Any:
    """Open a measure for a problem."""
    try:
        opened = propose_measure(runtime(), current_actor(), request.form.get("problem", ""))
    except InvalidInput as error:
        db.session.rollback()
        return _measures(error), 422
    said = gettext(
        "The measure %(no)s was opened; its definition waits for complaint management.", no=opened.no
    )
    flash(said)
    return redirect(url_for("quality.measure", no=opened.no), code=303)
