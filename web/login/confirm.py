"""`/login/confirm`: whoever sits at a browser that stands open shows that it is still them.

By the password (and the code, where the log-in asks for one), a passkey of theirs, or a fresh log-in at the
provider; asked before what would give somebody a way in of their own.
"""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, render_template, request

from engine.audit import note
from engine.errors import Forbidden, InvalidInput
from engine.people.login import confirm_password
from engine.people.passkeys import list_passkeys, passkey_holder
from web.access import logged_in
from web.extensions import db, end_reading, redress
from web.identity import current_actor, mark_confirmed
from web.login.passkey import answered, fresh_challenge
from web.login.screen import blueprint, own_address, wanted_address
from web.site import site


@blueprint.get("/login/confirm")
@logged_in
def confirm() -> Any:
    """Ask."""
    return _page()


@blueprint.post("/login/confirm")
@logged_in
def confirm_by_password() -> Any:
    """Take the password."""
    system, actor = redress(), current_actor()
    end_reading()
    try:
        confirm_password(system.sessions, actor, request.form.get("current", ""))
    except InvalidInput as error:
        return _page(error), 422
    with system.sessions.step() as step:
        note(step, actor.username, "login.confirmed", {"by": "password"})
    mark_confirmed()
    return redirect(wanted_address(), code=303)


@blueprint.post("/login/confirm/passkey/options")
@logged_in
def confirm_options() -> Any:
    """Give a fresh challenge to the person's passkeys."""
    return fresh_challenge()


@blueprint.post("/login/confirm/passkey")
@logged_in
def confirm_by_passkey() -> Any:
    """Take the device's answer, if the passkey is the person's own."""
    challenge, answer = answered()
    actor = current_actor()
    end_reading()
    with redress().sessions.step() as step:
        if passkey_holder(step, site(), challenge, answer.get("credential") or {}).id != actor.id:
            raise Forbidden("this passkey is somebody else's")
        note(step, actor.username, "login.confirmed", {"by": "passkey"})
    mark_confirmed()
    return jsonify({"next": own_address(str(answer.get("next") or ""))})


def _page(refused: InvalidInput | None = None) -> str:
    return render_template(
        "login/confirm.html",
        wanted=wanted_address(),
        errors=refused.errors if refused else {},
        passkeys=list_passkeys(db.session(), current_actor().id),
        single_sign_on=redress().config.oidc_issuer is not None,
    )
