"""`/login`, `/logout` and `/language`."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from engine.audit import note
from engine.errors import TooMany
from engine.people.accounts import set_locale
from engine.people.login import authenticate, needs_code
from web.access import logged_in, public
from web.extensions import redress
from web.gettext import gettext
from web.identity import actor_or_none, begin_session, current_actor, log_out
from web.language import COOKIE, LANGUAGES
from web.login import confirm, passkey, place, second, single_sign_on, unsent
from web.login.screen import blueprint, wanted_address

__all__ = ["blueprint", "confirm", "passkey", "single_sign_on", "unsent"]

_A_YEAR_S = 365 * 24 * 60 * 60


@blueprint.get("/login")
@public
def form() -> Any:
    """Show the login form, or go on where somebody is logged in already."""
    if actor_or_none() is not None:
        return redirect(wanted_address())
    return render_template("login/form.html", username="", wanted=wanted_address())


@blueprint.post("/login")
@public
def submit() -> Any:
    """Log in. Every refusal is answered alike."""
    username = request.form.get("username", "").strip()[:64]
    try:
        place.check()
        actor = authenticate(redress().sessions, username, request.form.get("password", ""))
        if actor is None:
            place.count()
            error = gettext(
                "User name and password do not match, or the account is locked for fifteen minutes."
            )
            return _again(username, error), 422
    except TooMany as late:
        return _again(username, place.told(late)), 429, {"Retry-After": str(late.retry_after_s)}
    if needs_code(redress().sessions, actor.id):
        return second.ask_for_code(actor)
    begin_session(actor, by_password=True)
    return redirect(wanted_address(), code=303)


@blueprint.get("/session")
@public
def standing() -> Any:
    """Tell a page that has stood open who is logged in by now ('' for nobody), and its forms' fresh token."""
    actor = actor_or_none()
    return {"person": actor.username if actor else "", "csrf_token": generate_csrf()}


def _again(username: str, error: str) -> str:
    return render_template("login/form.html", username=username, wanted=wanted_address(), error=error)


@blueprint.post("/logout")
@logged_in
def leave() -> Any:
    """Log out."""
    username = current_actor().username
    with redress().sessions.step() as session:
        note(session, username, "login.ended", {})
        log_out(session)
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
    response = make_response(redirect(wanted_address(), code=303))
    secure = redress().config.environment == "production"
    response.set_cookie(COOKIE, chosen, max_age=_A_YEAR_S, samesite="Lax", httponly=True, secure=secure)
    return response


@blueprint.context_processor
def _ways_in() -> dict[str, Any]:
    """What the login's pages offer beside the password."""
    config = redress().config
    return {"demo": config.environment == "demo", "single_sign_on": config.oidc_issuer is not None}
