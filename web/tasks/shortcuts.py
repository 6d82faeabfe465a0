"""`/tasks/shortcuts`: quick actions and text modules, kept for oneself or shared with a role."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine.cases.text_modules import (
    NAMES,
    drop_text_module,
    filled_text_modules,
    keep_text_module,
    text_modules,
)
from engine.errors import InvalidInput
from engine.people.accounts import list_people
from engine.people.quick_actions import HANDS, Steps, drop_quick_action, keep_quick_action, quick_actions
from engine.read.people import display_names
from web import words
from web.access import requires
from web.desk_words import HANDS_ON
from web.extensions import db, redress, runtime
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.language import colon
from web.numbers import whole
from web.tasks.routes import blueprint


@blueprint.get("/tasks/shortcuts")
@requires("task.work")
def shortcuts() -> Any:
    """Show what one may use, with the forms to add to it or, where an address names one, to change it."""
    return _page()


def _page(refused: tuple[str, InvalidInput] | None = None) -> Any:
    actor, session = current_actor(), db.session()
    actions, texts = quick_actions(session, actor), text_modules(session, actor)
    of = refused[0] if refused else ""
    return render_template(
        "tasks/shortcuts.html",
        actions=[row | {"does": _told(row["steps"])} for row in actions],
        texts=texts,
        action=request.form if of == "action" else _of_action(_named(actions, "action")),
        text=request.form if of == "text" else _named(texts, "text"),
        errors={of: refused[1].errors} if refused else {},
        roles=sorted(words.ROLES.items()) if actor.may("desk.share") else [],
        people=[(each["username"], each["display_name"]) for each in list_people(session) if each["active"]],
        hands=HANDS_ON,
        placeholders=", ".join(f"{{{{\u00a0{name}\u00a0}}}}" for name in NAMES),
    )


def _told(steps: Steps) -> list[str]:
    """What a quick action does, in words, in its order."""
    told: list[str] = []
    if steps.hand == "claim":
        told.append(words.word(HANDS_ON, steps.hand))
    if steps.comment is not None:
        told.append(gettext("Comment") + colon() + steps.comment)
    if days := steps.follow_up_days:
        told.append(ngettext("look again in %(num)d working day", "look again in %(num)d working days", days))
    if steps.priority is not None:
        told.append(gettext("Priority") + colon() + words.word(words.PRIORITIES, steps.priority))
    if steps.hand == "release":
        told.append(words.word(HANDS_ON, steps.hand))
    if steps.username is not None:
        name = display_names(db.session(), [steps.username]).get(steps.username, steps.username)
        told.append(words.word(HANDS_ON, "assign") + colon() + name)
    return told


def _named(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The row that the address names, as its form takes it; an empty one else."""
    found = next((row for row in rows if row["may_change"] and row["id"] == request.args.get(name)), None)
    return {key: "" if value is None else value for key, value in found.items()} if found else {}


def _of_action(row: dict[str, Any]) -> dict[str, Any]:
    steps: Steps = row.get("steps") or Steps()
    names = ("comment", "follow_up_days", "priority", "hand", "username")
    return row | {name: str(getattr(steps, name)) for name in names if getattr(steps, name) is not None}


@blueprint.post("/tasks/shortcuts/actions")
@requires("task.work")
def keep_action() -> Any:
    """Keep a quick action."""
    form = request.form
    hand = form.get("hand") or None
    try:
        steps = Steps(
            comment=form.get("comment", "").strip() or None,
            follow_up_days=_number("follow_up_days"),
            priority=_number("priority"),
            hand=hand if hand in HANDS else None,
            username=(form.get("username") or None) if hand == "assign" else None,
        )
        with redress().sessions.step() as session:
            keep_quick_action(
                session,
                current_actor(),
                form.get("name", ""),
                steps,
                role=form.get("role") or None,
                action_id=form.get("id") or None,
            )
    except InvalidInput as error:
        return _page(("action", error)), 422
    flash(gettext("The quick action was kept."))
    return redirect(url_for("tasks.shortcuts"), code=303)


def _number(field: str) -> int | None:
    """Return a whole number of the form, None where it was left empty. Raises InvalidInput."""
    given = request.form.get(field, "").strip()
    found = whole(given)
    if given and found is None:
        message = gettext("Give a whole number.")
        raise InvalidInput(message, {field: [message]})
    return found


@blueprint.post("/tasks/shortcuts/actions/<action_id>/delete")
@requires("task.work")
def drop_action(action_id: str) -> Any:
    """Delete a quick action."""
    with redress().sessions.step() as session:
        drop_quick_action(session, current_actor(), action_id)
    flash(gettext("The quick action was deleted."))
    return redirect(url_for("tasks.shortcuts"), code=303)


@blueprint.post("/tasks/shortcuts/texts")
@requires("task.work")
def keep_text() -> Any:
    """Keep a text module."""
    form = request.form
    try:
        with redress().sessions.step() as session:
            keep_text_module(
                session,
                current_actor(),
                form.get("word", ""),
                form.get("text", ""),
                role=form.get("role") or None,
                module_id=form.get("id") or None,
            )
    except InvalidInput as error:
        return _page(("text", error)), 422
    flash(gettext("The text was kept."))
    return redirect(url_for("tasks.shortcuts", _anchor="texts-title"), code=303)


@blueprint.post("/tasks/shortcuts/texts/<module_id>/delete")
@requires("task.work")
def drop_text(module_id: str) -> Any:
    """Delete a text module."""
    with redress().sessions.step() as session:
        drop_text_module(session, current_actor(), module_id)
    flash(gettext("The text was deleted."))
    return redirect(url_for("tasks.shortcuts", _anchor="texts-title"), code=303)


@blueprint.get("/tasks/shortcuts/texts")
@requires("task.work")
def texts() -> Any:
    """Give the texts that one may insert, filled in for the page's case, and the words of the chooser."""
    found = filled_text_modules(
        runtime(), db.session(), current_actor(), request.args.get("complaint") or None
    )
    said = {
        "title": gettext("Insert a text"),
        "search": gettext("Word or part of the text"),
        "none": gettext("No text fits. They are kept under Tasks, Quick actions and texts."),
        "close": gettext("Close"),
    }
    return {"items": found, "words": said}
