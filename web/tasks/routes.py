"""`/tasks/<id>`: one task with its form, and handing it on."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine import read
from engine.audit.canonical import canonical
from engine.domain.deadlines import end_of_day
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput, NotFound, RedressError
from engine.people.accounts import list_people
from engine.people.actor import Actor
from engine.people.quick_actions import quick_actions
from engine.people.seen import mark_seen
from engine.quality.reading import file_of
from engine.read.people import display_names
from engine.read.seen import unseen
from engine.read.takers import takers
from engine.read.visibility import READS_RESTRICTED
from engine.runtime.commands import assign, claim, complete, delegate, release
from engine.runtime.form_context import TaskForm, task_form
from engine.runtime.once import Once
from web import measures
from web.access import logged_in, requires
from web.assets import asset
from web.casefile import CaseFile, note_reveal, open_case
from web.comments import shown_comments
from web.contested import contested
from web.documents import document_names
from web.errors import status_of
from web.events import case_events
from web.extensions import db, redress, runtime
from web.file_beside import beside
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language, label_of
from web.presence import arrive, go_on
from web.task_rows import why_not, with_limits
from web.tasks.filters import TABS
from web.times import local_input, zone

blueprint = Blueprint("tasks", __name__, template_folder="templates")
EVENTS = 15


@blueprint.get("/tasks/<task_id>")
@logged_in
def show(task_id: str) -> Any:
    """Show one task: its form, and the case beside it."""
    return task_page(task_id)


@blueprint.post("/tasks/<task_id>/reveal")
@requires("personal.read")
def reveal(task_id: str) -> Any:
    """Show the task with the customer's data in clear; the trail says who looked and why."""
    row = read.task(db.session(), current_actor(), task_id)
    if row["complaint_no"] is None:
        raise NotFound(gettext("This task belongs to no complaint."))
    read.complaint(db.session(), current_actor(), row["complaint_no"])
    note_reveal(current_actor(), row["complaint_no"], request.form.get("purpose", ""))
    return task_page(task_id, reveal=True)


def task_page(
    task_id: str,
    *,
    reveal: bool = False,
    refused: InvalidInput | None = None,
    stays: RedressError | None = None,
) -> Any:
    """Return the page of a task; `refused` says what is wrong with the comment that was sent, `stays` why the
    task was not handed on.
    """
    actor, session = current_actor(), db.session()
    row = read.task(session, actor, task_id)
    _note_seen(actor, row)
    form = _form(actor, row)
    case = _case(actor, row["complaint_no"], reveal=reveal)
    writer = form.draft.saved_by if form is not None and form.draft is not None else None
    file_no = file_of(session, actor, row["instance_id"])
    names = display_names(session, (row["assignee"], row["owner"], row["completed_by"], writer))
    return render_template(
        "tasks/show.html",
        task=with_limits([row], names)[0],
        names=names,
        definition=_definition(row, form) if form is not None and form.form_id else None,
        explanation=form.explanation if form is not None else "",
        draft=form.draft if form is not None else None,
        withheld=form is None,
        case=case,
        file_no=file_no,
        contested=contested(file_no) if file_no is not None else None,
        measures=measures,
        beside=beside(file_no) if file_no is not None and row["is_mine"] else None,
        events=case_events(row["instance_id"], EVENTS) if case is not None else [],
        diagram=_diagram(actor, row),
        colleagues=_colleagues(actor, row),
        comments=shown_comments(session, row["instance_id"], row["complaint_no"], reveal=reveal),
        refused=refused,
        stays=stays,
        token=secrets.token_hex(16),
        comment_text=request.form.get("text", "") if refused else "",
        follow_up=local_input(row["follow_up_at"]),
        revealing=url_for("tasks.reveal", task_id=task_id),
        presence=_presence(row),
        quick=_quick_actions(actor, row),
    )


@blueprint.post("/tasks/<task_id>/presence")
@requires("task.read")
def presence(task_id: str) -> Any:
    """Keep one's window on a task present, and tell who else has it open."""
    row = read.task(db.session(), current_actor(), task_id)
    if row["restricted"]:
        raise NotFound(gettext("Who has this task open is told to nobody."))
    return go_on(f"task:{task_id}")


def _presence(row: dict[str, Any]) -> dict[str, Any] | None:
    """Who else has an open task open; nobody is told of what only its parties see."""
    if row["state"] != "open" or row["restricted"]:
        return None
    return arrive(f"task:{row['id']}", url_for("tasks.presence", task_id=row["id"]))


def _quick_actions(actor: Actor, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The quick actions that can be tried on an open task; what they do is refused as by hand."""
    if row["state"] != "open" or row["restricted"] or not actor.may("task.work"):
        return []
    return quick_actions(db.session(), actor)


def _note_seen(actor: Actor, row: dict[str, Any]) -> None:
    if row["state"] == "open" and unseen(db.session(), actor, [row["id"]]):
        with redress().sessions.step() as session:
            mark_seen(session, actor, row["id"])


def _form(actor: Actor, row: dict[str, Any]) -> TaskForm | None:
    """Return the form, None where it is not for the actor or the task has ended.

    What it shows of the customer is noted.
    """
    if row["state"] != "open":
        return None
    try:
        form = task_form(runtime(), db.session(), actor, row["id"], current_language())
    except Forbidden:
        return None
    if row["complaint_no"] is not None and form.shows_personal:
        note_reveal(actor, row["complaint_no"], "handling", task_id=row["id"])
    return form


def _definition(row: dict[str, Any], form: TaskForm) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "schema": form.schema,
        "values": form.values,
        "documents": "/api/v1/documents",
        "files": document_names(
            db.session(),
            current_actor(),
            form.documents,
            form.complaint_no,
            drafted=form.draft is not None,
            noted=form.shows_personal,
        ),
        "mostBytes": redress().config.upload_limit_bytes,
    }
    if row["is_mine"]:
        url = url_for("tasks.finish", task_id=row["id"])
        definition["submit"] = {"url": url, "wrap": "variables", "after": url_for("tasks.index")}
        definition["draft"] = f"/api/v1/tasks/{row['id']}/draft"
        definition["draftRevision"] = form.draft.revision if form.draft is not None else None
    return definition


def _diagram(actor: Actor, row: dict[str, Any]) -> dict[str, Any] | None:
    """Where the picture of the task's process is and what it needs; None where the actor may not see it."""
    try:
        read.instance(db.session(), actor, row["instance_id"])
    except NotFound:
        return None
    return {
        "url": url_for(
            "trail.picture",
            instance_id=row["instance_id"],
            process_id=row["process_id"],
            at=row["element_id"],
        ),
        "assets": asset("diagram"),
    }


def _case(actor: Actor, complaint_no: str | None, *, reveal: bool) -> CaseFile | None:
    if complaint_no is None:
        return None
    try:
        row = read.complaint(db.session(), actor, complaint_no)
    except NotFound:
        return None  # who may see the task only, sees the task only
    return open_case(db.session(), actor, row, reveal=reveal)


def _colleagues(actor: Actor, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The people of the task's groups, each with what keeps them from it in words (`kept`, '' for nothing).

    Those who may have it stand first.
    """
    if row["state"] != "open" or not (row["is_mine"] or actor.may("task.assign")):
        return []
    if row["restricted"] and not actor.may(READS_RESTRICTED):
        return []
    people: dict[str, dict[str, Any]] = {}
    for group in row["candidate_groups"]:
        people |= {person["username"]: person for person in list_people(db.session(), group)}
    people.pop(row["assignee"] or "", None)
    roles = {name: person["roles"] for name, person in people.items() if person["active"]}
    bars = takers(db.session(), roles, [row["id"]]).get(row["id"], {})
    found = [people[name] | {"kept": why_not(bar) if bar is not None else ""} for name, bar in bars.items()]
    return sorted(found, key=lambda person: (person["kept"] != "", person["username"]))


@blueprint.post("/tasks/<task_id>/claim")
@requires("task.work")
def take(task_id: str) -> Any:
    """Take a task of one's group."""
    read.task(db.session(), current_actor(), task_id)
    claim(runtime(), current_actor(), task_id)
    flash(gettext("The task is yours now."), f"undo {task_id}")
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@blueprint.post("/tasks/<task_id>/release")
@requires("task.work")
def put_back(task_id: str) -> Any:
    """Put a task back to its group, or to who delegated it; who delegated it takes it back.

    A refusal is told on the task's page.
    """
    actor = current_actor()
    owner = read.task(db.session(), actor, task_id)["owner"]
    try:
        release(runtime(), actor, task_id, shown=request.form.get("held_by"))
    except (Conflict, Forbidden) as error:
        return not_handed_on(task_id, error)
    flash(_handed_back(actor, owner), f"undo {task_id}")
    tab = request.form.get("tab", "")
    return redirect(url_for("tasks.index", tab=tab if tab in TABS else None), code=303)


def _handed_back(actor: Actor, owner: str | None) -> str:
    if owner is None:
        return gettext("The task was put back.")
    if owner in actor.desks:
        return gettext("You have the task back.")
    name = display_names(db.session(), [owner]).get(owner, owner)
    return gettext("The task was handed back to %(name)s.", name=name)


@blueprint.post("/tasks/<task_id>/assign")
@requires("task.work")
def give(task_id: str) -> Any:
    """Give a task to somebody else: for good, or to get it back. A refusal is told on the task's page."""
    read.task(db.session(), current_actor(), task_id)
    username = request.form.get("username", "")
    if not username:
        return not_handed_on(task_id, InvalidInput(gettext("Choose who gets the task.")))
    try:
        if request.form.get("way") == "delegate":
            held_by = request.form.get("held_by")
            delegate(runtime(), current_actor(), task_id, username, until=_until(), shown=held_by)
        else:
            assign(runtime(), current_actor(), task_id, username, shown=request.form.get("held_by"))
    except (Conflict, Forbidden, InvalidInput) as error:
        return not_handed_on(task_id, error)
    names = display_names(db.session(), [username])
    flash(gettext("The task was given to %(name)s.", name=names.get(username, username)), f"undo {task_id}")
    return redirect(url_for("tasks.index"), code=303)


def _until() -> datetime | None:
    """Return the end of the day until which a task is lent, None where none was said. Raises InvalidInput."""
    if not (day := request.form.get("until", "")):
        return None
    try:
        return end_of_day(date.fromisoformat(day), zone())
    except (ValueError, OverflowError) as error:
        message = gettext("Give a date, such as 2026-11-24.")
        raise InvalidInput(message, {"until": [message]}) from error


def not_handed_on(task_id: str, why: RedressError) -> Any:
    """Return the page of a task that says why it stays as it is, with the status of the refusal."""
    db.session.rollback()  # what was read before is not what is true now
    return task_page(task_id, stays=why), status_of(why)[0]


@blueprint.post("/tasks/<task_id>/complete")
@requires("task.work")
def finish(task_id: str) -> Any:
    """Complete a task with its form's values, sent as JSON `{"variables": {...}}`; answers `{location}`."""
    actor, session = current_actor(), db.session()
    row = read.task(session, actor, task_id)
    values = _values()
    complete(runtime(), actor, task_id, values, idempotency=_once(task_id, values))
    session.rollback()  # what was read before is not what is true now
    flash(gettext("“%(task)s” is done.", task=label_of(row)))
    following = url_for("tasks.index")
    open_ones = read.task_list(session, actor, instance_id=row["instance_id"], assignee="me", limit=1)
    if open_ones.items:
        following = url_for("tasks.show", task_id=open_ones.items[0]["id"])
    if request.is_json:
        return {"location": following}
    return redirect(following, code=303)


def _once(task_id: str, values: dict[str, Any]) -> Once | None:
    """Return the key that the form sends each attempt under: sent again by a bad line it acts once."""
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        return None
    return Once(key, hashlib.sha256(canonical([task_id, values])).hexdigest())


def _values() -> dict[str, Any]:
    if not request.is_json:
        return {}
    body = request.get_json()
    values = body.get("variables") if isinstance(body, dict) else None
    if not isinstance(values, dict):
        raise FormRefused('the body is to be {"variables": {...}}')
    return values
