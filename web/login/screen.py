"""What the pages of the login share: their blueprint, and where to go on."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, request, url_for

blueprint = Blueprint("login", __name__, template_folder="templates")


def wanted_address() -> str:
    """Return the address to go on to: one of ours, never another site's."""
    return own_address(request.values.get("next", ""))


def own_address(wanted: str) -> str:
    """Return `wanted` where it is an address of this site, else the first page."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return url_for("home.index")
    if (
        wanted.startswith("/")
        and wanted.isprintable()
        and not wanted.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    ):
        return wanted
    return url_for("home.index")


def typed(name: str, most: int) -> str:
    """Return what was typed into a field, without spaces around it, cut to `most` characters."""
    return request.form.get(name, "").strip()[:most]
