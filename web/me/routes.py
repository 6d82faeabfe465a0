"""`/me`: one's own matters, such as being away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine.channels.push.sender import sender_public_key
from engine.errors import Conflict, InvalidInput
from engine.people.absence import arrange_absence, end_absence
from engine.people.accounts import list_people
from engine.people.actor import Actor
from engine.people.notice_choices import USUAL, Ways, choices, choose, email_of, set_email
from engine.people.push_devices import devices
from engine.read.absences import absence_list
from engine.read.paging import MAXIMUM_LIMIT
from engine.read.team import people_below
from web.access import logged_in
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor, is_confirmed
from web.times import parse_local

blueprint = Blueprint("me", __name__, template_folder="templates")


@blueprint.get("/me")
@logged_in
def index() -> Any:
    """Show one's absences and how one is told of things."""
    return me_page()


def me_page(refused: tuple[str, InvalidInput] | None = None) -> str:
    """Return the page; `refused` names the form that was sent and what is wrong with it."""
    actor, session = current_actor(), db.session()
    team = people_below(session, actor)
    return render_template(
        "me/index.html",
        absences=absence_list(session, actor, limit=MAXIMUM_LIMIT).items,
        people=[(actor.username, actor.display_name)]
        + [(person["username"], person["display_name"]) for person in team],
        substitutes=_substitutes(actor, team),
        ways=choices(session, actor),
        email=email_of(session, actor.id),
        confirmed=is_confirmed(),
        mails=redress().config.smtp_url is not None,
        devices=devices(session, actor),
        push_key=sender_public_key(redress().keyring) if redress().config.push_services else "",
        refused=refused,
        form=request.form,
    )


def _substitutes(actor: Actor, team: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Those who share a role with somebody that the actor arranges absences for."""
    roles = actor.roles.union(*(person["roles"] for person in team))
    found = {
        person["username"]: person["display_name"]
        for role in sorted(roles)
        for person in list_people(db.session(), role)
        if person["active"]
    }
    return sorted(found.items())


@blueprint.post("/me/notices")
@logged_in
def tell_me() -> Any:
    """Choose how one is told of what, and where mail goes."""
    form, actor = request.form, current_actor()
    ways = {kind: Ways(*(f"{way}-{kind}" in form for way in ("page", "mail", "push"))) for kind in USUAL}
    try:
        _check_address(actor, form.get("email", "").strip())
        with redress().sessions.step() as session:
            set_email(session, actor, form.get("email", ""))
            choose(session, actor, ways)
    except InvalidInput as error:
        db.session.rollback()
        return me_page(("notices", error)), 422
    flash(gettext("That is how you will be told of things."))
    return redirect(url_for("me.index"), code=303)


def _check_address(actor: Actor, email: str) -> None:
    """Let mails go elsewhere only where somebody showed just now that it is them. Raises InvalidInput."""
    if email != email_of(db.session(), actor.id) and not is_confirmed():
        message = gettext("Confirm first that it is you; then change the address.")
        raise InvalidInput(message, {"email": [message]})
    db.session.rollback()


@blueprint.post("/me/absences")
@logged_in
def arrange() -> Any:
    """Arrange an absence: one's own, or of one's people."""
    form = request.form
    try:
        begins, ends = (parse_local(form.get(name, ""), name) for name in ("begins_at", "ends_at"))
        with redress().sessions.step() as session:
            who = form.get("username") or current_actor().username
            arrange_absence(session, current_actor(), who, form.get("substitute", ""), begins, ends)
    except InvalidInput as error:
        db.session.rollback()
        return me_page(("absence", error)), 422
    except Conflict as error:
        db.session.rollback()
        return me_page(("absence", InvalidInput(str(error), {"username": [str(error)]}))), 409
    flash(gettext("The absence was arranged; the substitute sees the tasks from its beginning."))
    return redirect(url_for("me.index"), code=303)


@blueprint.post("/me/absences/<absence_id>/end")
@logged_in
def end(absence_id: str) -> Any:
    """Let an absence end now."""
    with redress().sessions.step() as session:
        end_absence(session, current_actor(), absence_id)
    flash(gettext("The absence has ended."))
    return redirect(url_for("me.index"), code=303)
