"""`/tasks`: the lists, their saved views, and one thing done with many tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from flask import flash, make_response, redirect, render_template, request, url_for

from engine import clock, read
from engine.domain.deadlines import local_date
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.people.quick_actions import quick_actions
from engine.people.views import delete_view, save_view, views
from engine.read.narrow import NARROW
from engine.read.notices import unread_notices
from engine.read.people import colleagues, display_names
from engine.read.seen import unseen
from engine.read.tasks import steps_of_open_tasks
from engine.read.team import people_below
from engine.runtime.commands import apply_quick_action, assign, claim, in_bulk, release, set_follow_up
from web.access import logged_in, requires
from web.extensions import db, redress, runtime
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.language import colon, label_of
from web.messages import message
from web.page import counts
from web.task_rows import with_limits
from web.tasks.filters import DUE, NAMES, ORDERS, SORTS, TABS, arguments, filters, scope
from web.tasks.routes import blueprint
from web.times import parse_local, zone

PAGE = 30
MOST_TOLD = 20
"""So many refusals of a bulk action are told by name."""


@blueprint.get("/tasks")
@logged_in
def index() -> Any:
    """Show a list of open tasks; a page that looks for news again is told when there is none."""
    actor, session = current_actor(), db.session()
    given = arguments(request.args)
    tab = given.setdefault("tab", "mine")
    if tab not in TABS:
        raise NotFound(gettext("There is no such list of tasks."))
    team = people_below(session, actor)
    found, refused = _found(actor, given, frozenset(person["username"] for person in team))
    new = unseen(session, actor, [row["id"] for row in found.items])
    for row in found.items:
        row["is_new"] = row["id"] in new
    etag = _etag(actor, found)
    if request.if_none_match.contains_weak(etag):
        return make_response("", 304)
    names = display_names(session, (row[name] for row in found.items for name in ("assignee", "owner")))
    response = make_response(
        render_template(
            "tasks/index.html",
            tab=tab,
            tasks=with_limits(found.items, names),
            next=found.next,
            filtered=any(name in given for name in NAMES if name != "sort"),
            steps=steps_of_open_tasks(session, actor),
            processes=_processes(),
            team=team,
            people=_people(actor, team),
            persons=_persons(actor, tab, team),
            views=[_view(each) for each in views(session, actor)],
            given=given,
            quick=quick_actions(session, actor) if actor.may("task.work") else [],
            loans=read.loan_counts(session, actor),
            due=DUE,
            orders=ORDERS,
            sorts=SORTS,
            narrow=NARROW,
            refused=refused,
        )
    )
    response.set_etag(etag)
    return response


def _found(
    actor: Actor, given: dict[str, str], team: frozenset[str]
) -> tuple[read.Page, InvalidInput | None]:
    """Return the page, and why the wish could not be met: then it is the list in its usual order."""
    which = scope(given["tab"], team) | filters(given)
    cursor = request.args.get("cursor") or None
    try:
        sort = given.get("sort", "due")
        return read.task_list(db.session(), actor, **which, sort=sort, limit=PAGE, cursor=cursor), None
    except InvalidInput as error:
        if "cursor" in error.errors:
            raise
        given.pop("sort", None)
        if "text" in error.errors:
            which.pop("text", None)
        return read.task_list(db.session(), actor, **which, limit=PAGE), error


def _etag(actor: Actor, found: read.Page) -> str:
    """Return a mark of everything that the page tells: the rows, the counts, and which day it is."""
    told = (
        "id",
        "assignee",
        "owner",
        "lent_until",
        "due_at",
        "priority",
        "follow_up_at",
        "is_new",
        "is_overdue",
        "can_claim",
        "grade",
    )
    rows = [[row[name] for name in told] for row in found.items]
    today = local_date(clock.now(), zone())
    session = db.session()
    numbers = [counts(actor), read.loan_counts(session, actor), unread_notices(session, actor)]
    state = [rows, found.next, numbers, today, actor.locale]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()[:32]


def _processes() -> list[tuple[str, str]]:
    found = read.definitions(db.session(), latest=True, limit=100).items
    return sorted(((row["process_id"], label_of(row)) for row in found), key=lambda item: item[1])


def _persons(actor: Actor, tab: str, team: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Whose tasks can be in a list, to filter it by; in one's own and those of nobody there is no choice."""
    if tab == "all":
        return colleagues(db.session(), actor)
    return [(person["username"], person["display_name"]) for person in team] if tab == "team" else []


def _people(actor: Actor, team: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Whom tasks can be given to: one's people, and oneself."""
    own = [(actor.username, actor.display_name)]
    return own + [(person["username"], person["display_name"]) for person in team]


def _address(given: dict[str, str]) -> str:
    values: dict[str, Any] = dict(given)
    return url_for("tasks.index", **values)


def _view(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"url": _address(arguments(row["arguments"]))}


@blueprint.post("/tasks/views")
@logged_in
def keep_view() -> Any:
    """Keep the list as it is set up under a name, for oneself or for a role."""
    given = arguments(request.form)
    with redress().sessions.step() as session:
        name, role = request.form.get("name", ""), request.form.get("role") or None
        save_view(session, current_actor(), name, given, role=role)
    flash(gettext("The view was kept."))
    return redirect(_address(given), code=303)


@blueprint.post("/tasks/views/<view_id>/delete")
@logged_in
def drop_view(view_id: str) -> Any:
    """Delete a view of one's own."""
    with redress().sessions.step() as session:
        delete_view(session, current_actor(), view_id)
    flash(gettext("The view was deleted."))
    return redirect(url_for("tasks.index"), code=303)


@blueprint.post("/tasks/bulk")
@requires("task.work")
def many() -> Any:
    """Do one thing with the chosen tasks, each in a step of its own, and tell what came of each."""
    back = redirect(_address(arguments(request.form)), code=303)
    chosen = request.form.getlist("task")
    if not chosen:
        flash(gettext("Choose tasks first."), "warning")
        return back
    results = in_bulk(chosen, _verb(current_actor()))
    done = sum(result.done for result in results)
    if done:
        flash(ngettext("Done with %(num)d task.", "Done with %(num)d tasks.", done))
    for result in [each for each in results if not each.done][:MOST_TOLD]:
        flash(_told(result.id, result.detail or ""), "warning")
    return back


def _told(task_id: str, detail: str) -> str:
    try:
        row = read.task(db.session(), current_actor(), task_id)
    except NotFound:
        return message(detail)
    return " ".join(part for part in (label_of(row), row["complaint_no"]) if part) + colon() + message(detail)


def _verb(actor: Actor) -> Callable[[str], None]:
    rt, action = runtime(), request.form.get("action", "")
    held = dict(each.split(" ", 1) for each in request.form.getlist("held_by") if " " in each)
    if action == "assign":
        username = request.form.get("username", "")
        if not username:
            missing = gettext("Choose who gets the task.")
            raise InvalidInput(missing, {"username": [missing]})
        return lambda task_id: assign(rt, actor, task_id, username, shown=held.get(task_id))
    if action == "follow-up":
        at = request.form.get("follow_up_at", "")
        instant = parse_local(at, "follow_up_at") if at else None
        return lambda task_id: set_follow_up(rt, actor, task_id, instant)
    if action == "release":
        return lambda task_id: release(rt, actor, task_id, shown=held.get(task_id))
    if action.startswith("quick "):
        return lambda task_id: apply_quick_action(
            rt, actor, task_id, action.removeprefix("quick "), shown=held.get(task_id)
        )
    if action != "claim":
        unknown = gettext("Choose what to do.")
        raise InvalidInput(unknown, {"action": [unknown]})
    return partial(claim, rt, actor)
