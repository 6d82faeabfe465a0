"""The second step of a login: a code, after the password was right."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for

from engine import clock
from engine.people.actor import Actor
from engine.people.login import second_step
from web.access import public
from web.extensions import redress
from web.gettext import gettext
from web.identity import begin_session
from web.login.screen import blueprint, wanted_address
from web.login.screen import typed as typed_text

PENDING_S = 5 * 60


def ask_for_code(actor: Actor) -> Any:
    """Remember whose password was right, for five minutes, and lead to the page that asks for the code."""
    wanted = wanted_address()
    session.clear()
    session["pending"] = {"person": actor.id, "until": _now() + PENDING_S, "next": wanted}
    return redirect(url_for("login.code"), code=303)


@blueprint.get("/login/code")
@public
def code() -> Any:
    """Ask for the code, or lead back to the login where no password was given."""
    if _pending() is None:
        return redirect(url_for("login.form"))
    return render_template("login/code.html")


@blueprint.post("/login/code")
@public
def submit_code() -> Any:
    """Log in with the code."""
    pending = _pending()
    if pending is None:
        return redirect(url_for("login.form"), code=303)
    system = redress()
    actor = second_step(system.sessions, system.keyring, pending["person"], typed_text("code", 40))
    if actor is None:
        error = gettext("This code is not right, was used before, or the account is locked for now.")
        return render_template("login/code.html", error=error), 422
    begin_session(actor, by_password=True)
    return redirect(pending["next"], code=303)


def _pending() -> dict[str, Any] | None:
    found = session.get("pending")
    if not isinstance(found, dict) or found.get("until", 0) < _now():
        session.pop("pending", None)
        return None
    return found


def _now() -> int:
    return int(clock.real_now().timestamp())
