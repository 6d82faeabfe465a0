"""Adding people and changing their accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import clock
from engine.cases.leaving import leave, who_counts_on
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.people import administration
from engine.people.accounts import count_tokens, list_people, revoke_tokens
from engine.people.actor import Actor
from engine.people.departments import department_name, list_departments
from engine.people.log_ins import end_log_in, log_ins_of
from engine.people.passkeys import list_passkeys
from engine.people.roles import ROLES
from engine.people.second_factor import has_second_factor
from engine.people.skills import KINDS, set_skills, skills_of
from engine.read.people import display_names
from web import words
from web.access import requires
from web.admin.routes import blueprint
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import LANGUAGES, current_language


@blueprint.get("/admin/people/new")
@requires("people.manage")
def new_person() -> Any:
    """Show an empty form."""
    return _form({})


@blueprint.post("/admin/people/new")
@requires("people.manage")
def add_person() -> Any:
    """Add somebody, and show the password to hand over."""
    sent = _sent()
    username = request.form.get("username", "").strip()
    try:
        with redress().sessions.step() as step:
            password = administration.add_account(step, current_actor(), username, **sent)
    except (InvalidInput, Conflict) as error:
        return _form(sent | {"username": username}, error), 422
    return _handed_over(username, password)


@blueprint.get("/admin/people/<username>")
@requires("people.read")
def person(username: str) -> Any:
    """Show an account."""
    return _person(username)


@blueprint.post("/admin/people/<username>")
@requires("people.manage")
def change_person(username: str) -> Any:
    """Change who somebody is in the company."""
    sent = _sent()
    try:
        with redress().sessions.step() as step:
            administration.change_account(step, current_actor(), username, **sent)
    except (InvalidInput, Conflict, Forbidden) as error:
        return _person(username, sent, error), 422
    flash(gettext("The account was changed."))
    return _back(username)


Verb = Callable[[Session, Actor, str], Any]
_VERBS: dict[str, Verb] = {
    "open": administration.open_account,
    "unlock": administration.unlock_account,
    "end-sessions": administration.end_sessions,
    "remove-factors": administration.remove_factors,
    "revoke-tokens": lambda session, _by, username: revoke_tokens(session, username),
}


@blueprint.post("/admin/people/<username>/<verb>")
@requires("people.manage")
def act_on_person(username: str, verb: str) -> Any:
    """Close, open or unlock an account; end sessions; remove lost devices; give a new password."""
    actor = current_actor()
    if verb == "close":
        return _close(actor, username)
    try:
        with redress().sessions.step() as step:
            if verb == "new-password":
                password = administration.give_new_password(step, actor, username)
            elif verb in _VERBS:
                _VERBS[verb](step, actor, username)
            else:
                abort(404)
    except (Conflict, Forbidden) as error:
        return _person(username, refused=error), 422
    if verb == "new-password":
        return _handed_over(username, password)
    flash(gettext("Done."))
    return _back(username)


@blueprint.post("/admin/people/<username>/log-ins/<log_in>/end")
@requires("people.manage")
def end_one_log_in(username: str, log_in: str) -> Any:
    """Log one of somebody's browsers out."""
    with redress().sessions.step() as step:
        end_log_in(step, current_actor(), username, log_in)
    flash(gettext("That browser is logged out."))
    return _back(username)


def _close(actor: Actor, username: str) -> Any:
    """Close an account and give back what was theirs; a second try carries on where one was broken off."""
    try:
        left = leave(runtime(), actor, username)
    except (Conflict, Forbidden) as error:
        return _person(username, refused=error), 422
    flash(
        gettext(
            "Account closed. Tasks given back: %(tasks)d; cases that wait for another handler: %(cases)d.",
            tasks=left.tasks,
            cases=left.cases,
        )
    )
    return _back(username)


def _back(username: str) -> Response:
    return redirect(url_for("admin.person", username=username), code=303)


def _handed_over(username: str, password: str) -> str:
    return render_template("admin/password.html", username=username, password=password)


@blueprint.post("/admin/people/<username>/skills")
@requires("people.manage")
def keep_skills(username: str) -> Any:
    """Keep what somebody is good at: one product line a line, languages and categories ticked."""
    given = request.form
    skills = [("product", line) for line in given.get("products", "").splitlines() if line.strip()]
    skills += [(kind, value) for kind in ("language", "category") for value in given.getlist(kind)]
    try:
        with redress().sessions.step() as step:
            set_skills(step, current_actor(), username, skills)
    except InvalidInput as error:
        return _person(username, refused=error), 422
    flash(gettext("The skills were kept; they count for the next complaint."))
    return _back(username)


def _sent() -> dict[str, Any]:
    return {
        "display_name": request.form.get("display_name", "").strip(),
        "roles": request.form.getlist("roles"),
        "department_id": request.form.get("department_id") or None,
        "superior": request.form.get("superior") or None,
    }


def _form(sent: dict[str, Any], refused: Exception | None = None) -> str:
    return render_template("admin/new_person.html", sent=sent, **_choices(), **_errors(refused))


def _person(username: str, sent: dict[str, Any] | None = None, refused: Exception | None = None) -> str:
    db.session.rollback()
    session = db.session()
    found = administration.account(session, username)
    reports, absent = ([], []) if found["active"] else who_counts_on(session, username)
    return render_template(
        "admin/person.html",
        person=found,
        sent=sent or found,
        now=clock.now(),
        generator=has_second_factor(session, found["id"]),
        passkeys=list_passkeys(session, found["id"]),
        tokens=count_tokens(session, found["id"]),
        skills=_skills(session, found["id"]),
        languages=LANGUAGES,
        reports=reports,
        absent=absent,
        names=display_names(session, {*reports, *absent}),
        log_ins=log_ins_of(session, found["id"]),
        may_manage=current_actor().may("people.manage"),
        **_choices(username),
        **_errors(refused),
    )


def _skills(session: Session, person_id: str) -> dict[str, list[str]]:
    """Return the values by kind, as the form shows them."""
    held = skills_of(session, [person_id]).get(person_id, [])
    return {kind: [value for of, value in held if of == kind] for kind in KINDS}


def _errors(refused: Exception | None) -> dict[str, Any]:
    errors = refused.errors if isinstance(refused, InvalidInput) else {}
    return {"errors": errors, "general": str(refused) if refused else ""}


def _choices(username: str = "") -> dict[str, Any]:
    session, language = db.session(), current_language()
    return {
        "roles": [(role, words.word(words.ROLES, role)) for role in ROLES],
        "departments": [
            (row["id"], department_name(row["id"], row["name"], language))
            for row in list_departments(session)
        ],
        "superiors": [
            (row["username"], f"{row['display_name']} ({row['username']})")
            for row in list_people(session)
            if row["active"] and row["username"] != username
        ],
    }
