"""Plain forms that came too late: the log-in had run out, or the page's token was too old.

What was typed is not lost. Where the cookie says who filled the form in, and its token is that page's own, it
waits for them behind the log-in; elsewhere the answer holds it. Nothing is sent again but by a click.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, g, render_template, request, session, url_for

from engine.people.unsent import Unsent, forget_unsent, keep_unsent
from web.error_page import before
from web.extensions import end_reading, redress

_NOT_TYPED: Final = frozenset({"csrf_token", "token", "revision", "next_revision", "next", "from"})
_SECRET: Final = frozenset({"login", "account"})
"""Screens whose forms hold passwords and codes: theirs are kept nowhere."""
_OPENED: Final = "unsent"


def what_was_sent() -> Unsent | None:
    """Return the plain form of this request; None where it held nothing that anybody typed."""
    if request.method != "POST" or request.blueprint in _SECRET or request.is_json:
        return None
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name != "csrf_token" and value
    ]
    if not any(name not in _NOT_TYPED for name, _value in fields):
        return None
    files = [each.filename for each in request.files.values() if each.filename]
    return Unsent(request.full_path.rstrip("?"), before(), fields, files)


def wait_for_its_writer() -> str | None:
    """Keep the form for whose log-in ran out; return where it waits, None where nobody is known for it."""
    person, form = g.get("lapsed"), what_was_sent()
    if person is None or form is None:
        return None
    end_reading()
    unsent_id = keep_unsent(redress().sessions, redress().keyring, person, form)
    return url_for("login.unsent", unsent_id=unsent_id) if unsent_id is not None else None


def page(form: Unsent, *, can_send: bool, unsent_id: str | None = None, meaning: str = "") -> str:
    """Return the page that holds a form; without `can_send` it is only there to be read and copied."""
    typed = [value for name, value in form.fields if name not in _NOT_TYPED]
    return render_template(
        "unsent.html", form=form, typed=typed, can_send=can_send, unsent_id=unsent_id, meaning=meaning
    )


def opened(unsent_id: str, form: Unsent) -> None:
    """Remember what this browser has before it, so that it is thrown away once it was sent."""
    session[_OPENED] = {"id": unsent_id, "path": form.path}


def install(app: Flask) -> None:
    """Throw a form away once the server has taken it."""
    app.after_request(_forget_what_was_taken)


def _forget_what_was_taken(response: Response) -> Response:
    known: Any = session.get(_OPENED)
    actor = g.get("past_the_door")
    if actor is None or not isinstance(known, dict) or request.method != "POST":
        return response
    if response.status_code < 400 and known.get("path") == request.full_path.rstrip("?"):
        session.pop(_OPENED)
        end_reading()
        forget_unsent(redress().sessions, actor.id, str(known.get("id")))
    return response
