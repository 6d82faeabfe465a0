"""Single sign-on by OpenID Connect: the provider says who somebody is, our accounts say what they may.

Code flow with PKCE, state and nonce, by Authlib. Nobody gets an account by this way; who has none here, or a
closed one, is refused. The provider answers for the second factor.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, redirect, render_template, request, session, url_for

from engine import clock
from engine.audit import note
from engine.config import Config
from engine.errors import NotFound
from engine.people.acting import load_actor
from engine.people.actor import Actor
from web.access import public
from web.extensions import redress
from web.gettext import gettext
from web.identity import CONFIRMED_FOR_S, begin_session
from web.login.screen import blueprint, own_address, wanted_address
from web.site import public_url

_NAME = "sso"
_TIMEOUT_S = 10


def install(app: Flask, config: Config) -> None:
    """Tell Authlib of the provider, where one is set. It is asked for its addresses at the first login.

    Elsewhere Authlib is not even loaded: it takes a tenth of the time in which the web starts.
    """
    if not config.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth  # type: ignore[import-untyped]

    oauth = OAuth(app)
    app.extensions["redress-oauth"] = oauth
    oauth.register(
        _NAME,
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret,
        server_metadata_url=f"{config.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_S,
        },
    )


@blueprint.get("/login/sso")
@public
def sso() -> Any:
    """Lead to the provider; with `fresh` it is told to ask for the password, or what it uses, once more."""
    client = _client()
    from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
    from requests import RequestException

    session["sso_next"] = wanted_address()
    session["sso_fresh"] = "fresh" in request.args
    asked = {"prompt": "login", "max_age": 0} if session["sso_fresh"] else {}
    try:
        return client.authorize_redirect(public_url() + url_for("login.sso_callback"), **asked)
    except (AuthlibBaseError, RequestException):
        return _refused(gettext("The sign-on provider cannot be reached; log in with your password."))


@blueprint.get("/login/sso/callback")
@public
def sso_callback() -> Any:
    """Log in whom the provider names, if there is such an account."""
    client, wanted, is_fresh = _client(), session.pop("sso_next", ""), session.pop("sso_fresh", False)
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        claims = client.authorize_access_token()["userinfo"]
    except (AuthlibBaseError, JoseError, RequestException, KeyError):
        return _refused(gettext("The sign-on provider did not confirm who you are; try again."))
    username = str(claims.get(redress().config.oidc_claim) or "")
    actor = _account(username)
    if actor is None:
        return _refused(gettext("There is no open account here under the name that the provider gives."))
    begin_session(actor, by_password=False, confirmed_at=_shown_at(claims, is_fresh=is_fresh))
    return redirect(own_address(wanted), code=303)


def _shown_at(claims: Any, *, is_fresh: bool) -> int:
    """Return when (Unix seconds) they showed the provider who they are: what it says; else, where it was told
    to ask just now, now.
    """
    now = int(clock.real_now().timestamp())
    told = claims.get("auth_time")
    if isinstance(told, int):
        return told
    return now if is_fresh else now - CONFIRMED_FOR_S - 1


def _account(username: str) -> Actor | None:
    """Return whose user name it is; an id is none, and closed accounts are nobody's."""
    with redress().sessions.step() as step:
        try:
            actor = load_actor(step, username)
        except NotFound:
            return None
        if actor.username != username:
            return None
        note(step, actor.username, "login.succeeded", {"by": "single sign-on"})
        return actor


def _client() -> Any:
    from flask import current_app

    if not redress().config.oidc_issuer:
        abort(404)
    return current_app.extensions["redress-oauth"].create_client(_NAME)


def _refused(error: str) -> tuple[str, int]:
    return render_template("login/form.html", username="", wanted="", error=error), 422
