"""`/team/absences`: who of one's people is away and who stands in, arranged for them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine.errors import Conflict, InvalidInput
from engine.people.absence import arrange_absence, end_absence
from engine.people.accounts import list_people
from engine.people.actor import Actor
from engine.read.absences import absence_list
from engine.read.team import people_below
from web.access import requires
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.team.routes import blueprint
from web.times import parse_local

PAGE = 50


@blueprint.get("/team/absences")
@requires("task.assign")
def absences() -> Any:
    """Show who is away, now and later, with the form to arrange an absence."""
    return _page()


def _page(refused: InvalidInput | None = None) -> str:
    actor, session = current_actor(), db.session()
    found = absence_list(session, actor, limit=PAGE, cursor=request.args.get("cursor"))
    active = [person for person in list_people(session) if person["active"]]
    return render_template(
        "team/absences.html",
        absences=found.items,
        next=found.next,
        people=_arranged_for(actor, active),
        substitutes=[(person["username"], person["display_name"]) for person in active],
        errors=refused.errors if refused else {},
        form=request.form,
    )


def _arranged_for(actor: Actor, active: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Those for whom the actor may arrange it: everybody, or everybody below."""
    people = active if actor.may("people.manage") else people_below(db.session(), actor)
    return [(person["username"], person["display_name"]) for person in people]


@blueprint.post("/team/absences")
@requires("task.assign")
def arrange() -> Any:
    """Arrange an absence for somebody."""
    form = request.form
    try:
        begins, ends = (parse_local(form.get(name, ""), name) for name in ("begins_at", "ends_at"))
        who, substitute = form.get("username", ""), form.get("substitute", "")
        with redress().sessions.step() as session:
            arrange_absence(session, current_actor(), who, substitute, begins, ends)
    except InvalidInput as error:
        db.session.rollback()
        return _page(error), 422
    except Conflict as error:
        db.session.rollback()
        return _page(InvalidInput(str(error), {"username": [str(error)]})), 409
    flash(gettext("The absence was arranged; the substitute sees the tasks from its beginning."))
    return redirect(url_for("team.absences"), code=303)


@blueprint.post("/team/absences/<absence_id>/end")
@requires("task.assign")
def end(absence_id: str) -> Any:
    """Let somebody's absence end now."""
    with redress().sessions.step() as session:
        end_absence(session, current_actor(), absence_id)
    flash(gettext("The absence has ended."))
    return redirect(url_for("team.absences"), code=303)
