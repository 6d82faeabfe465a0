"""What is done with a task beside its form: planned, commented, undone."""

from __future__ import annotations

import hashlib
import re
from typing import Any, BinaryIO, cast

from flask import flash, redirect, request, url_for

from engine import read
from engine.documents.register import store_document
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.tasks import knows_of_task
from engine.runtime.commands import add_comment, apply_quick_action, set_follow_up, set_priority, undo
from engine.runtime.once import Once
from web.access import requires
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.numbers import whole
from web.tasks.routes import blueprint, not_handed_on, task_page
from web.times import parse_local
from web.words import EVENTS, word

_KEY = re.compile(r"[0-9a-f]{32}")


@blueprint.post("/tasks/<task_id>/plan")
@requires("task.work")
def plan(task_id: str) -> Any:
    """Set when to look at a task again, and its priority."""
    actor = current_actor()
    row = read.task(db.session(), actor, task_id)
    at = request.form.get("follow_up_at", "")
    follow_up = parse_local(at, "follow_up_at") if at else None
    if follow_up != row["follow_up_at"]:
        set_follow_up(runtime(), actor, task_id, follow_up)
    priority = whole(request.form.get("priority", ""))
    if priority is None:
        message = gettext("Choose a priority.")
        raise InvalidInput(message, {"priority": [message]})
    if priority != row["priority"]:
        set_priority(runtime(), actor, task_id, priority)
    flash(gettext("The task was planned."))
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@blueprint.post("/tasks/<task_id>/comments")
@requires("task.work")
def comment(task_id: str) -> Any:
    """Write a comment, with a file where one was chosen."""
    actor = current_actor()
    read.task(db.session(), actor, task_id)
    text = request.form.get("text", "")
    try:
        documents = _uploaded(actor)
        add_comment(
            runtime(), actor, task_id, text, documents=documents, idempotency=_once(task_id, text, documents)
        )
    except InvalidInput as error:
        db.session.rollback()
        return task_page(task_id, refused=error), 422
    flash(gettext("The comment was added."))
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="comments-title"), code=303)


def _uploaded(actor: Actor) -> list[str]:
    """Take in the chosen files of the form; each is in the register before the comment names it."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if files:
        actor.require("document.add")
    ids = []
    for file in files:
        with redress().sessions.step() as session:
            stream = cast(BinaryIO, file.stream)
            document = store_document(
                session, redress().vault, stream, file.filename or "", file.mimetype or None, actor
            )
            ids.append(document.id)
    return ids


def _once(task_id: str, text: str, documents: list[str]) -> Once | None:
    """Return the key that the page came with: the same comment sent twice stands there once."""
    key = request.form.get("token", "")
    if not _KEY.fullmatch(key) or documents:
        return None
    return Once(key, hashlib.sha256(f"{task_id}\n{text}".encode()).hexdigest())


@blueprint.post("/tasks/<task_id>/quick")
@requires("task.work")
def quick(task_id: str) -> Any:
    """Carry out a quick action: all of it or, where a part is refused, nothing, and the page says why."""
    actor = current_actor()
    read.task(db.session(), actor, task_id)
    action_id, held_by = request.form.get("action", ""), request.form.get("held_by")
    try:
        apply_quick_action(runtime(), actor, task_id, action_id, shown=held_by)
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        return not_handed_on(task_id, error)
    flash(gettext("The quick action was carried out."))
    db.session.rollback()  # what was read before is not what is true now
    if not knows_of_task(db.session(), actor, task_id):
        return redirect(url_for("tasks.index"), code=303)
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@blueprint.post("/tasks/<task_id>/undo")
@requires("task.work")
def take_back(task_id: str) -> Any:
    """Undo what one just did with a task: claimed it, put it back, gave it away."""
    kind = undo(runtime(), current_actor(), task_id)
    flash(gettext("Undone: %(what)s.", what=word(EVENTS, kind)))
    if request.form.get("from") == "team.board":
        return redirect(url_for("team.board", _anchor=f"card-{task_id}"), code=303)
    return redirect(url_for("tasks.show", task_id=task_id), code=303)
