"""`/login`, `/logout` and `/language`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for

from engine.audit import note
from engine.people.accounts import set_locale
from engine.people.login import authenticate
from web.access import logged_in, public
from web.extensions import redress
from web.gettext import gettext
from web.identity import actor_or_none, begin_session, current_actor, end_session
from web.language import COOKIE, LANGUAGES

blueprint = Blueprint("login", __name__, template_folder="templates")
_A_YEAR_S = 365 * 24 * 60 * 60


@blueprint.get("/login")
@public
def form() -> Any:
    """Show the login form, or go on where somebody is logged in already."""
    if actor_or_none() is not None:
        return redirect(_wanted())
    return render_template("login/form.html", username="", wanted=_wanted(), demo=_is_demo())


@blueprint.post("/login")
@public
def submit() -> Any:
    """Log in. Every refusal is answered alike."""
    username = request.form.get("username", "").strip()[:64]
    actor = authenticate(redress().sessions, username, request.form.get("password", ""))
    if actor is None:
        error = gettext("User name and password do not match, or the account is locked for fifteen minutes.")
        page = render_template(
            "login/form.html", username=username, wanted=_wanted(), error=error, demo=_is_demo()
        )
        return page, 422
    begin_session(actor)
    return redirect(_wanted(), code=303)


@blueprint.post("/logout")
@logged_in
def leave() -> Any:
    """Log out."""
    username = current_actor().username
    with redress().sessions.step() as session:
        note(session, username, "login.ended", {})
    end_session()
    return redirect(url_for("login.form"), code=303)


@blueprint.post("/language")
@public
def language() -> Any:
    """Choose the language of the pages: for the person, and for this browser."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    actor = actor_or_none()
    if actor is not None:
        with redress().sessions.step() as session:
            set_locale(session, actor.id, chosen)
    response = make_response(redirect(_wanted(), code=303))
    secure = redress().config.environment == "production"
    response.set_cookie(COOKIE, chosen, max_age=_A_YEAR_S, samesite="Lax", httponly=True, secure=secure)
    return response


def _is_demo() -> bool:
    return redress().config.environment == "demo"


def _wanted() -> str:
    """Return the address to go on to: one of ours, never another site's."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    if (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    ):
        return wanted
    return url_for("home.index")
