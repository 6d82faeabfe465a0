"""Who is asking: a browser session that the server verifies at each request, or a bearer token.

The cookie is signed and says which session it is, whose, since when, and under which credential version;
logging out, a new password, a closed account or lost time ends it, copies of the cookie too. Times here are
real time: setting the demo's clock logs nobody out.
"""

from __future__ import annotations

from flask import g, request, session
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Forbidden, RedressError
from engine.people.acting import actor_of_session, actor_of_token
from engine.people.actor import Actor
from engine.people.browser_sessions import LONGEST, end_browser_session
from engine.people.log_ins import note_log_in
from engine.people.login import credential_version, password_expired
from engine.store.ids import new_id
from web.browsers import browser_named
from web.extensions import db, redress
from web.origin import is_own_form

IDLE_LIMIT_S = 60 * 60
ABSOLUTE_LIMIT_S = int(LONGEST.total_seconds())
CONFIRMED_FOR_S = 10 * 60
"""So long after somebody showed who they are, they may give themselves another way in."""
_REFRESH_S = 60
_NOTED_S = 5 * 60
"""So often the list of log-ins learns that a browser is in use."""
POLL = "X-Poll"
"""The header of a page that looks for news by itself: that nobody is there must not keep a session open."""
_BEARER = "bearer "


class NotLoggedIn(RedressError):
    """Nobody is logged in, or no longer: the page leads to the login, the API answers 401."""


class NotConfirmed(RedressError):
    """Somebody is to show again who they are: the page leads to where that is done, the API answers 403."""


class PasswordExpired(RedressError):
    """The password was handed over by an administrator: the page leads to where it is changed."""


def current_actor() -> Actor:
    """Return who is asking. Raises NotLoggedIn."""
    actor = actor_or_none()
    if actor is None:
        raise NotLoggedIn("log in first")
    return actor


def actor_or_none() -> Actor | None:
    """Return who is asking, or None. Raises NotLoggedIn for a bearer token that is not valid."""
    if "actor" not in g:
        g.actor = _of_token() if has_token() else _of_session()
    found: Actor | None = g.actor
    return found


def has_token() -> bool:
    """Whether the request carries a bearer token: then no cookie counts, and no forged form can use it."""
    return request.headers.get("Authorization", "")[: len(_BEARER)].lower() == _BEARER


def begin_session(actor: Actor, *, by_password: bool, confirmed_at: int | None = None) -> None:
    """Start a session under a new identity; nothing of an earlier one survives, its CSRF token included.

    Who came in by a password that was handed over must choose another; who came by a passkey or single
    sign-on need not even know it. `confirmed_at` (Unix seconds) is when they showed who they are, where that
    was not just now.
    """
    now = _real_now()
    session.clear()
    session["id"] = new_id()
    session["person"] = actor.id
    session["credential"] = credential_version(db.session(), actor.id)
    session["began"] = session["seen"] = now
    session["handed_over"] = by_password and password_expired(db.session(), actor.id)
    session["confirmed"] = now if confirmed_at is None else min(now, confirmed_at)
    g.actor = actor
    _note_log_in(actor)


def is_confirmed() -> bool:
    """Whether who sits at this browser showed who they are within the last minutes; no token does that."""
    return not has_token() and _real_now() - session.get("confirmed", 0) <= CONFIRMED_FOR_S


def require_confirmed() -> None:
    """Let on who showed just now that it is still them. Raises NotConfirmed."""
    if not is_confirmed():
        raise NotConfirmed("confirm that it is you first")


def mark_confirmed() -> None:
    """Keep that somebody showed just now who they are."""
    session["confirmed"] = _real_now()


def own_log_in() -> str:
    """Return the number of this browser's log-in; '' for a token."""
    return "" if has_token() else str(session.get("id", ""))


def must_change_password() -> bool:
    """Whether this browser logged in with a password that somebody handed over, and must choose its own."""
    return bool(session.get("handed_over")) and not has_token()


def renew_session(actor: Actor) -> None:
    """Go on in this browser after a change that ends the person's other sessions."""
    session["credential"] = credential_version(db.session(), actor.id)
    session["handed_over"] = False
    _note_log_in(actor)


def log_out(step: Session) -> None:
    """End the session of this browser in `step`, for every copy of its cookie."""
    if (number := session.get("id")) is not None and not has_token():
        end_browser_session(step, number)
    _forget_session()


def _forget_session() -> None:
    session.clear()
    g.actor = None


def _of_token() -> Actor:
    token = request.headers["Authorization"][len(_BEARER) :].strip()
    try:
        with redress().sessions.glance() as session:
            return actor_of_token(session, token)
    except Forbidden as error:
        raise NotLoggedIn(str(error)) from error


def _of_session() -> Actor | None:
    person, number, version = session.get("person"), session.get("id"), session.get("credential")
    if not isinstance(person, str) or not isinstance(number, str) or not isinstance(version, int):
        return None
    now = _real_now()
    if now - session.get("began", 0) > ABSOLUTE_LIMIT_S or now - session.get("seen", 0) > IDLE_LIMIT_S:
        g.lapsed = person if is_own_form() else None
        _forget_session()
        return None
    actor = actor_of_session(db.session(), person, number, version)
    if actor is None:
        _forget_session()
    elif now - session["seen"] > _REFRESH_S and POLL not in request.headers:
        session["seen"] = now
        if now - session.get("noted", 0) > _NOTED_S:
            _note_log_in(actor)
    return actor


def _note_log_in(actor: Actor) -> None:
    """Let the list of log-ins say that this browser is in use, from where."""
    session["noted"] = _real_now()
    with redress().sessions.step() as step:
        note_log_in(
            step,
            actor.id,
            session["id"],
            credential_version=session["credential"],
            browser=browser_named(request.user_agent.string),
            address=request.remote_addr or "",
        )


def _real_now() -> int:
    return int(clock.real_now().timestamp())
