"""The page that tells of an error: what it means, what to do, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flask import render_template, request
from werkzeug.exceptions import HTTPException

from web.gettext import gettext
from web.gettext import lazy_gettext as _

_MEANINGS: Final[Mapping[int, Any]] = {
    400: _("Something in it is missing or cannot be understood. Go back, load the page anew and repeat."),
    403: _("Your role does not allow it, or it is up to somebody else."),
    404: _("There is nothing at this address. It may be mistyped, or what was here has moved."),
    405: _("This address takes what a form sends, not a visit of its own. Go back and use the form there."),
    413: _("Go back and choose a smaller file, or several small ones. An administrator can raise the bound."),
    415: _("Go back, load the page anew and repeat."),
}


def show(status: int, title: str, *, meaning: str, detail: str = "", foreign: bool = False) -> str:
    """Return the page. `detail` is what the error itself says, in English where `foreign`."""
    return render_template(
        "error.html",
        status=status,
        title=title,
        meaning=meaning,
        detail=detail,
        foreign=foreign,
        back=before(),
    )


def title_of(error: HTTPException, title: str) -> str:
    """Return the title: of a status that we have no words for, words of ours instead of English ones."""
    return gettext("This cannot be answered") if title == error.name else title


def meaning_of(error: HTTPException) -> str:
    """Return what a status means for who reads the page, and what to do."""
    return str(_MEANINGS.get(error.code or 0, _MEANINGS[415]))


def before() -> str | None:
    """Return the page of ours that led here, as the browser tells it; none where that was this address."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    found = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return None if found == request.full_path.rstrip("?") else found
