"""Where a form was sent from: what another site's page sends is refused, whatever token it carries.

The form's token alone does not hold against somebody who can set cookies for this host (a neighbour on the
same domain, the network where there is no TLS) and so knows one. Browsers say where a request comes from, and
no page can make them say otherwise: `Sec-Fetch-Site`, and where that is not sent (plain http), `Origin`.
Programs send neither; they have bearer tokens, and no cookie that a page could use.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from engine.errors import RedressError
from web.site import public_url

_OURS = frozenset({"same-origin", "none"})


class SentFromElsewhere(RedressError):
    """A page of another site sent it; or a proxy in front tells another host than browsers see."""


def check_origin() -> None:
    """Let through what our own pages send. Raises SentFromElsewhere."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in _OURS if site is not None else origin is None or _host(origin) in _hosts()
    if not ours:
        raise SentFromElsewhere("a page of another site sent this")


def is_own_form() -> bool:
    """Whether this is a form of a page of ours, with the token that the page was given under this cookie."""
    if request.method != "POST":
        return False
    try:
        check_origin()
        validate_csrf(request.form.get("csrf_token"))
    except (SentFromElsewhere, ValidationError, HTTPException):
        return False
    return True


def _hosts() -> set[str]:
    return {request.host.lower(), _host(public_url())}


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
