"""The address under which browsers know this installation."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from engine.people.passkeys import Site
from web.extensions import redress


def public_url() -> str:
    """Return the address without a slash at its end: the setting's, else the one that the request came to."""
    return redress().config.public_url or request.host_url.rstrip("/")


def site() -> Site:
    """Return what passkeys are bound to."""
    origin = public_url()
    return Site(urlsplit(origin).hostname or "localhost", origin)
