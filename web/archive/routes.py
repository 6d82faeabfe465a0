"""`/archive`: what is sealed, for how long it is kept, who holds it, how it ends (R33-R35, R62)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine import read
from engine.cases.archive import retention
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.read.archives import STATES
from engine.read.people import display_names
from web.access import requires
from web.archive.export import archive_file
from web.extensions import db, end_reading, redress, runtime
from web.gettext import gettext
from web.identity import current_actor

blueprint = Blueprint("archive", __name__, template_folder="templates")
PAGE = 30


@blueprint.get("/archive")
@requires("archive.read")
def index() -> Any:
    """Show the archives, of one state or all."""
    state = request.args.get("state")
    state = state if state in STATES else None
    found = read.archive_list(
        db.session(), current_actor(), state=state, limit=PAGE, cursor=request.args.get("cursor")
    )
    return render_template("archive/index.html", archives=found.items, next=found.next, state=state)


@blueprint.get("/archive/<no>")
@requires("archive.read")
def show(no: str) -> Any:
    """Show one archive."""
    return _page(no)


def _page(no: str, *, form: str = "", refused: Exception | None = None) -> str:
    db.session.rollback()
    session = db.session()
    found = read.archive_of(session, current_actor(), no)
    people = {found["proposed_by"], found["disposed_by"]}
    people |= {hold[name] for hold in found["holds"] for name in ("placed_by", "lifted_by")}
    return render_template(
        "archive/show.html",
        archive=found,
        names=display_names(session, people),
        parts=_parts(found),
        form=form,
        errors=refused.errors if isinstance(refused, InvalidInput) else {},
        general=str(refused) if refused else "",
        sent=request.form,
    )


def _parts(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what can be handed out, to choose from: the archive itself and what supplements it."""
    numbers = [each["number"] for each in found["supplements"]]
    return [
        ("0", gettext("Archive")),
        *((str(n), gettext("Supplement %(number)s", number=n)) for n in numbers),
    ]


def _change(no: str, form: str, verb: Callable[[], str]) -> Any:
    read.archive_of(db.session(), current_actor(), no)
    try:
        said = verb()
    except (InvalidInput, Conflict, Forbidden) as error:
        return _page(no, form=form, refused=error), 422
    flash(said)
    return redirect(url_for("archive.show", no=no), code=303)


@blueprint.post("/archive/<no>/export")
@requires("archive.export")
def export(no: str) -> Any:
    """Hand the archive out in clear; the trail says to whom and why."""
    return archive_file(no, request.form.get("purpose", ""), request.form.get("part", ""))


@blueprint.post("/archive/<no>/hold")
@requires("archive.hold")
def hold(no: str) -> Any:
    """Keep the case whole, whatever its time."""

    def verb() -> str:
        ground, reference = request.form.get("ground", ""), request.form.get("reference", "")
        retention.place_hold(runtime(), current_actor(), no, ground=ground, reference=reference)
        return gettext("The case is held; nothing of it can be destroyed.")

    return _change(no, "hold", verb)


@blueprint.post("/archive/<no>/holds/<hold_id>/lift")
@requires("archive.hold")
def lift(no: str, hold_id: str) -> Any:
    """End a hold that a colleague placed."""

    def verb() -> str:
        retention.lift_hold(runtime(), current_actor(), hold_id)
        return gettext("The hold was lifted.")

    return _change(no, "lift", verb)


@blueprint.post("/archive/<no>/propose")
@requires("archive.dispose")
def propose(no: str) -> Any:
    """Propose to destroy what need not be kept any longer."""

    def verb() -> str:
        retention.propose_disposal(runtime(), current_actor(), no)
        return gettext("The disposal was proposed; a colleague decides.")

    return _change(no, "dispose", verb)


@blueprint.post("/archive/<no>/dispose")
@requires("archive.dispose")
def dispose(no: str) -> Any:
    """Destroy it, as a colleague proposed."""

    def verb() -> str:
        end_reading()
        retention.dispose(runtime(), redress().vault, current_actor(), no)
        return gettext("The archive was disposed of; the certificate is below.")

    return _change(no, "dispose", verb)
