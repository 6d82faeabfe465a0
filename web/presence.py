"""Who else has a task or a case open: a line on its page, kept up by a script where there is one."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import request

from engine.errors import InvalidInput
from engine.people.presence import LOOKS_EVERY_S, Window, leave, others, stay
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor

_WINDOW = re.compile(r"[0-9a-f]{32}")


def arrive(place: str, url: str) -> dict[str, Any]:
    """Note that the actor has opened `place` and return what its page says: who else is there, and with what
    a script goes on asking `url`. The caller has checked that they may see it.
    """
    window = Window(place, secrets.token_hex(16))
    stay(redress().sessions, db.session(), current_actor(), window)
    return {"url": url, "window": window.id, "every": LOOKS_EVERY_S, "others": _others(place)}


def go_on(place: str) -> dict[str, Any]:
    """Take in what the script of a page says of its window and answer who else is there.

    Raises InvalidInput for a body that none of our pages sends.
    """
    number, state = request.form.get("window", ""), request.form.get("state", "")
    if not _WINDOW.fullmatch(number) or state not in ("open", "typing", "gone"):
        raise InvalidInput(gettext("The page carries no key. Load it anew."))
    window = Window(place, number, typing=state == "typing")
    if state == "gone":
        leave(redress().sessions, current_actor(), window)
        return {"others": []}
    stay(redress().sessions, db.session(), current_actor(), window)
    return {"others": _others(place)}


def _others(place: str) -> list[dict[str, str]]:
    return [
        {
            "username": person["username"],
            "initial": person["display_name"][:1],
            "text": gettext("%(name)s is typing", name=person["display_name"])
            if person["typing"]
            else gettext("%(name)s has it open", name=person["display_name"]),
        }
        for person in others(db.session(), current_actor(), place)
    ]
