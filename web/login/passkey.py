"""Logging in with a passkey: the challenge, and the device's answer to it. The page's script calls both."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, session

from engine.errors import InvalidInput
from engine.people.passkeys import log_in_with_passkey, login_options
from web.access import public
from web.extensions import redress
from web.identity import begin_session
from web.login.screen import blueprint, own_address
from web.site import site


@blueprint.post("/login/passkey/options")
@public
def passkey_options() -> Any:
    """Give a fresh challenge to any passkey of this site."""
    return fresh_challenge()


@blueprint.post("/login/passkey")
@public
def passkey() -> Any:
    """Log in by the device's answer; a challenge is good for one answer."""
    challenge, answer = answered()
    with redress().sessions.step() as step:
        actor = log_in_with_passkey(step, site(), challenge, answer.get("credential") or {})
    begin_session(actor, by_password=False)
    return jsonify({"next": own_address(str(answer.get("next") or ""))})


def fresh_challenge() -> Response:
    """Return what the page's script asks a device, and remember the challenge until it is answered."""
    options, challenge = login_options(site())
    session["challenge"] = challenge
    return Response(options, mimetype="application/json")


def answered() -> tuple[str, dict[str, Any]]:
    """Return the challenge that was given, good once, and the device's answer. Raises InvalidInput."""
    challenge, answer = session.pop("challenge", None), request.get_json(silent=True)
    if not isinstance(challenge, str) or not isinstance(answer, dict):
        raise InvalidInput("begin anew: there is no challenge to answer", {})
    return challenge, answer
