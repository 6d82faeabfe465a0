"""What every page shows around its content: navigation by role, counts, languages, the bundle's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, g, request
from markupsafe import Markup, escape

from engine import read
from engine.people.actor import MAILBOX, PORTAL, SYSTEM, Actor
from engine.read.notices import unread_notices
from web import times, words
from web.assets import asset
from web.channels import channel_words
from web.extensions import db
from web.file_pages import file_page_of
from web.gettext import gettext
from web.gettext import lazy_gettext as _
from web.identity import NotLoggedIn, actor_or_none
from web.language import LANGUAGES, colon, current_language, label_of
from web.messages import message

# Address, what it is called, and the permission without which it is not shown.
NAVIGATION: Final[tuple[tuple[str, Any, str], ...]] = (
    ("tasks.index", _("Tasks"), "task.read"),
    ("team.board", _("Team"), "task.assign"),
    ("complaints.index", _("Complaints"), "complaint.read"),
    ("intake.index", _("Channels"), "channel.read"),
    ("archive.index", _("Archive"), "archive.read"),
    ("trail.index", _("Trail"), "instance.read"),
    ("reports.index", _("Reports"), "report.read"),
    ("quality.index", _("Quality"), "quality.read"),
    ("training.index", _("Training"), "training.read"),
    ("models.index", _("Models"), "model.read"),
    ("policy.index", _("Policy"), "policy.read"),
    ("operations.index", _("Operations"), "operation.read"),
    ("admin.index", _("Administration"), "people.read"),
)
GO_KEYS: Final = "1234567890abc"
"""The key that follows `g` for each entry that somebody has, in order."""


def install(app: Flask) -> None:
    """Make the frame's parts known to every template."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        who=_who,
        asset=asset,
        word=words.word,
        words=words,
        label_of=label_of,
        message=message,
        channel_words=channel_words,
        languages=LANGUAGES,
        day_text=times.day_text,
        file_page_of=file_page_of,
        last_day=times.last_day,
    )
    app.jinja_env.filters.update(local=times.local, iso=times.iso, code=_with_code)
    app.context_processor(_frame)


def _with_code(text: str) -> Markup:
    """Return a text in which what stands between backticks is set as code, and nothing else is markup."""
    parts = str(text).split("`")
    marked = (
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )
    return Markup("").join(marked)


def _who(names: Mapping[str, str], username: str | None) -> str:
    """Return what somebody is called; the system itself has no name of a person."""
    if username == SYSTEM.username:
        return gettext("System")
    if username in (PORTAL.username, MAILBOX.username):
        return gettext("The customer")
    return names.get(username or "", username or "—")


def _frame() -> dict[str, Any]:
    actor = _actor()
    return {
        "actor": actor,
        "language": current_language(),
        "colon": colon(),
        "time_zone": times.zone().key,
        "navigation": _navigation(actor) if actor else [],
        "task_counts": counts(actor) if actor else {},
        "unread": unread_notices(db.session(), actor) if actor else 0,
    }


def _actor() -> Actor | None:
    try:
        return actor_or_none()
    except NotLoggedIn:
        return None


def _navigation(actor: Actor) -> list[dict[str, Any]]:
    here = (request.endpoint or "").partition(".")[0]
    shown = [(endpoint, label) for endpoint, label, permission in NAVIGATION if actor.may(permission)]
    return [
        {"endpoint": endpoint, "label": label, "key": key, "current": endpoint.partition(".")[0] == here}
        for (endpoint, label), key in zip(shown, GO_KEYS, strict=False)
    ]


def counts(actor: Actor) -> dict[str, int]:
    """Count once a request, as the verb that it may have carried out left things."""
    if "task_counts" not in g:
        g.task_counts = read.task_counts(db.session(), actor)
    found: dict[str, int] = g.task_counts
    return found
