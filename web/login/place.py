"""How many passwords may be guessed from one place, whatever the names: one password tried on every account
locks none of them.
"""

from __future__ import annotations

from flask import request

from engine.channels.throttle import Bound, count_against, is_open, place_of
from engine.errors import TooMany
from web.extensions import redress
from web.gettext import ngettext

MOST_FAILURES = 100
"""An hour's wrong passwords from one address: more than an office of hundreds mistypes behind one."""


def check() -> None:
    """Let on who comes from a place that has guesses left. Raises TooMany.

    Guesses at the same moment may go past the bound, by as many as there are threads that answer.
    """
    with redress().sessions.read() as session:
        fits = is_open(session, redress().keyring, _bound())
    if not fits:
        count()


def count() -> None:
    """Count a wrong password. Raises TooMany."""
    count_against(redress().sessions, redress().keyring, [_bound()])


def told(error: TooMany) -> str:
    """Return what to tell, and what to do."""
    minutes = error.retry_after_s // 60 + 1
    return ngettext(
        "Too many wrong passwords from your network. Try again in %(num)d minute, or log in with a passkey.",
        "Too many wrong passwords from your network. Try again in %(num)d minutes, or log in with a passkey.",
        minutes,
    )


def _bound() -> Bound:
    return Bound("login", place_of(request.remote_addr), MOST_FAILURES)
