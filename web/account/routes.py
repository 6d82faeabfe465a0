"""`/account`: one's own password, code generator, passkeys, sessions and tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, session, url_for

from engine.errors import InvalidInput
from engine.people.accounts import count_tokens, create_token, revoke_tokens
from engine.people.administration import change_own_password, end_sessions
from engine.people.log_ins import end_log_in, log_ins_of
from engine.people.login import confirm_password
from engine.people.passkeys import add_passkey, list_passkeys, registration_options, remove_passkey
from engine.people.second_factor import (
    Enrolment,
    begin_enrolment,
    begun_enrolment,
    confirm_enrolment,
    has_second_factor,
    recovery_codes_left,
    remove_second_factor,
)
from web.access import logged_in
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import (
    current_actor,
    is_confirmed,
    must_change_password,
    own_log_in,
    renew_session,
    require_confirmed,
)
from web.site import site

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.get("/account")
@logged_in
def index() -> Any:
    """Show what can be settled."""
    return _page()


def _page(*, form: str = "", refused: InvalidInput | None = None, **shown: Any) -> str:
    reading, actor = db.session(), current_actor()
    return render_template(
        "account/index.html",
        form=form,
        errors=refused.errors if refused else {},
        general=str(refused) if refused else "",
        generator=has_second_factor(reading, actor.id),
        recovery_left=recovery_codes_left(reading, actor.id),
        passkeys=list_passkeys(reading, actor.id),
        tokens=count_tokens(reading, actor.id),
        confirmed=is_confirmed(),
        log_ins=log_ins_of(reading, actor.id),
        own_log_in=own_log_in(),
        expired=must_change_password(),
        **shown,
    )


def _settle(form: str, verb: Callable[[], str]) -> Any:
    """Carry out a verb; what it refuses is shown at its form."""
    try:
        said = verb()
    except InvalidInput as error:
        db.session.rollback()
        return _page(form=form, refused=error), 422
    flash(said)
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/account/password")
@logged_in
def password() -> Any:
    """Give oneself a new password; the other browsers are logged out."""

    def verb() -> str:
        system, actor = redress(), current_actor()
        new = request.form.get("password", "")
        if new != request.form.get("again", ""):
            message = gettext("The two passwords differ.")
            raise InvalidInput(message, {"again": [message]})
        current = request.form.get("current", "")
        confirm_password(system.sessions, actor, current)
        if new == current:
            message = gettext("Choose another password than the present one.")
            raise InvalidInput(message, {"password": [message]})
        with system.sessions.step() as step:
            change_own_password(step, actor, new)
        db.session.rollback()
        renew_session(actor)
        return gettext("Your password was changed; other browsers are logged out.")

    return _settle("password", verb)


@blueprint.post("/account/generator")
@logged_in
def begin_generator() -> Any:
    """Show the secret as a QR code and in letters; a first code has to follow."""
    require_confirmed()
    system = redress()
    with system.sessions.step() as step:
        enrolment = begin_enrolment(step, system.keyring, current_actor())
    return _generator(enrolment)


def _generator(enrolment: Enrolment, refused: InvalidInput | None = None) -> str:
    drawn = segno.make(enrolment.address, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    errors = refused.errors if refused else {}
    return render_template("account/generator.html", secret=enrolment.secret, drawn=drawn, errors=errors)


@blueprint.post("/account/generator/confirm")
@logged_in
def confirm_generator() -> Any:
    """Let the generator count, and show the recovery codes this once.

    After a wrong code the same secret is shown again: the app has it by now.
    """
    require_confirmed()
    system = redress()
    try:
        with system.sessions.step() as step:
            codes = confirm_enrolment(step, system.keyring, current_actor(), request.form.get("code", ""))
    except InvalidInput as error:
        with system.sessions.step() as step:
            return _generator(begun_enrolment(step, system.keyring, current_actor()), error), 422
    return render_template("account/recovery.html", codes=codes)


@blueprint.post("/account/generator/remove")
@logged_in
def remove_generator() -> Any:
    """Ask for no code any more."""

    def verb() -> str:
        system, actor = redress(), current_actor()
        confirm_password(system.sessions, actor, request.form.get("current", ""))
        with system.sessions.step() as step:
            remove_second_factor(step, actor.id, actor.username, actor)
        return gettext("The second step was removed.")

    return _settle("generator", verb)


@blueprint.post("/account/passkeys/options")
@logged_in
def passkey_options() -> Any:
    """Give the browser what it needs to make a passkey."""
    require_confirmed()
    options, challenge = registration_options(db.session(), current_actor(), site())
    session["challenge"] = challenge
    return Response(options, mimetype="application/json")


@blueprint.post("/account/passkeys")
@logged_in
def keep_passkey() -> Any:
    """Keep the passkey that the browser made; called by the page's script."""
    require_confirmed()
    challenge = session.pop("challenge", None)
    answer = request.get_json(silent=True)
    if not isinstance(challenge, str) or not isinstance(answer, dict):
        raise InvalidInput("begin anew: there is no challenge to answer", {})
    name = str(answer.get("name") or gettext("Passkey"))
    with redress().sessions.step() as step:
        add_passkey(step, current_actor(), site(), challenge, answer.get("credential") or {}, name)
    flash(gettext("The passkey was added."))
    return jsonify({"next": url_for("account.index")})


@blueprint.post("/account/passkeys/<passkey_id>/remove")
@logged_in
def forget_passkey(passkey_id: str) -> Any:
    """Forget one of one's own passkeys."""

    def verb() -> str:
        with redress().sessions.step() as step:
            remove_passkey(step, current_actor(), passkey_id)
        return gettext("The passkey was removed.")

    return _settle("passkeys", verb)


@blueprint.post("/account/sessions/<log_in>/end")
@logged_in
def end_one(log_in: str) -> Any:
    """Log one other browser out."""

    def verb() -> str:
        actor = current_actor()
        with redress().sessions.step() as step:
            end_log_in(step, actor, actor.username, log_in)
        return gettext("That browser is logged out.")

    return _settle("sessions", verb)


@blueprint.post("/account/sessions/end")
@logged_in
def leave_elsewhere() -> Any:
    """Log out every other browser."""

    def verb() -> str:
        actor = current_actor()
        with redress().sessions.step() as step:
            end_sessions(step, actor, actor.username)
        db.session.rollback()
        renew_session(actor)
        return gettext("All other browsers are logged out.")

    return _settle("sessions", verb)


@blueprint.post("/account/tokens")
@logged_in
def make_token() -> Any:
    """Make a token for the API and show it this once."""
    actor = current_actor()
    try:
        confirm_password(redress().sessions, actor, request.form.get("current", ""))
    except InvalidInput as error:
        return _page(form="tokens", refused=error), 422
    with redress().sessions.step() as step:
        token = create_token(step, actor.username)
    db.session.rollback()
    return _page(form="tokens", token=token)


@blueprint.post("/account/tokens/revoke")
@logged_in
def drop_tokens() -> Any:
    """Make all one's tokens invalid."""

    def verb() -> str:
        with redress().sessions.step() as step:
            count = revoke_tokens(step, current_actor().username)
        return gettext("%(count)s tokens are no longer valid.", count=count)

    return _settle("tokens", verb)
