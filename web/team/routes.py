"""`/team`: the supervisor's board, and moving tasks on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from engine import clock, read
from engine.domain.deadlines import end_of_day, local_date
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, RedressError
from engine.people.actor import Actor
from engine.read.absences import away
from engine.read.notices import unread_notices
from engine.read.people import display_names
from engine.read.takers import takers
from engine.read.team import loads, people_below
from engine.runtime.commands import assign, release
from web.access import requires
from web.errors import status_of
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import colon, current_language, label_of
from web.messages import message
from web.page import counts
from web.task_rows import why_not, with_limits
from web.times import calendar, zone

blueprint = Blueprint("team", __name__, template_folder="templates")
CARDS = 8
"""So many tasks are laid out of each person, the soonest limit first; the rest is a link away."""
SOON_DAYS = 2


@blueprint.get("/team")
@requires("task.assign")
def board() -> Any:
    """Show who of one's people has how much, what is late, and what waits for them."""
    return _page()


@dataclass(frozen=True, slots=True)
class _Refused:
    """A move that was not made: of which task, to whom, and why in words."""

    task_id: str
    to: str
    why: str


def _page(refused: _Refused | None = None) -> Any:
    columns, waiting = _columns()
    laid_out = [*waiting, *(task for column in columns for task in column["tasks"])]
    _add_takers(columns, laid_out)
    etag = _etag(columns, waiting)
    if refused is None and request.if_none_match.contains_weak(etag):
        return make_response("", 304)
    response = make_response(
        render_template(
            "team/board.html",
            columns=columns,
            waiting=waiting,
            most=max([1, *(column["load"]["open"] for column in columns)]),
            away={column["username"] for column in columns if column["away"]},
            owners=display_names(db.session(), (task["owner"] for task in laid_out)),
            refused=refused,
            refused_is_here=refused is not None and refused.task_id in {task["id"] for task in laid_out},
        )
    )
    if refused is None:
        response.set_etag(etag)
    return response


def _columns() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a column for each of the actor's people, and what waits for them."""
    actor, session = current_actor(), db.session()
    people = [person for person in people_below(session, actor) if not person["roles"].isdisjoint(_WORKING)]
    names = [person["username"] for person in people]
    load, absent = loads(session, actor, names, _soon()), away(session, names, clock.now())
    columns = [
        {
            **person,
            "load": load[person["username"]],
            "away": absent.get(person["username"]),
            "tasks": _cards(actor, holder=person["username"]),
        }
        for person in people
    ]
    return columns, _waiting(actor, people)


def _etag(columns: list[dict[str, Any]], waiting: list[dict[str, Any]]) -> str:
    """Return a mark of everything that the board tells."""
    told = ("id", "due_at", "priority", "grade", "is_overdue", "takers", "barred_from")
    state = [
        [[column[name] for name in ("username", "load", "away")] for column in columns],
        [[[task[name] for name in told] for task in of] for of in (waiting, *(c["tasks"] for c in columns))],
        counts(current_actor()),
        unread_notices(db.session(), current_actor()),
        local_date(clock.now(), zone()),
        current_language(),
    ]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()[:32]


_WORKING = frozenset({"agents", "handlers", "supervisors", "management", "supervision-group", "compliance"})


def _soon() -> Any:
    return end_of_day(calendar().working_days_after(local_date(clock.now(), zone()), SOON_DAYS), zone())


def _cards(actor: Actor, *, holder: str) -> list[dict[str, Any]]:
    found = read.task_list(db.session(), actor, assignee=holder, limit=CARDS)
    return [row | {"label": label_of(row)} for row in with_limits(found.items, {})]


def _add_takers(columns: list[dict[str, Any]], tasks: list[dict[str, Any]]) -> None:
    """Add to each task the people who could have it instead (`takers`), those of its groups who may not with
    the reason (`kept`), and the columns that do not take it with why (`barred_from`).
    """
    names = {column["username"]: column["display_name"] for column in columns}
    roles = {column["username"]: column["roles"] for column in columns}
    bars = takers(db.session(), roles, (task["id"] for task in tasks))
    for task in tasks:
        found = {name: bar for name, bar in bars.get(task["id"], {}).items() if name != task["assignee"]}
        kept = {name: why_not(bar) for name, bar in found.items() if bar is not None}
        task["takers"] = [(name, names[name]) for name, bar in found.items() if bar is None]
        task["kept"] = [
            (names[name], why)
            for name, why in kept.items()
            if not roles[name].isdisjoint(task["candidate_groups"])
        ]
        back = {"": gettext("it is open to no group")} if task["assignee"] and _stays(task) else {}
        task["barred_from"] = kept | back


def _stays(task: dict[str, Any]) -> bool:
    return task["owner"] is None and not task["candidate_groups"]


def _waiting(actor: Actor, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks that nobody has and one of the people could take, the soonest limit first."""
    groups = sorted({role for person in people for role in person["roles"]})
    rows = [
        row
        for group in groups
        for row in read.task_list(db.session(), actor, group=group, unassigned=True, limit=CARDS).items
    ]
    unique = {row["id"]: row for row in rows}
    far = clock.now() + timedelta(days=36500)
    soonest = sorted(unique.values(), key=lambda row: (row["due_at"] or far, row["id"]))[: CARDS * 2]
    return [row | {"label": label_of(row)} for row in with_limits(soonest, {})]


@blueprint.post("/team/move")
@requires("task.assign")
def move() -> Any:
    """Give a task of the board to somebody, or put it back; by form or by dragging its card.

    A refusal is told on the board, beside the card.
    """
    task_id, to = request.form.get("task", ""), request.form.get("to", "")
    try:
        read.task(db.session(), current_actor(), task_id)
        _move(task_id, to, request.form.get("held_by"))
    except (Forbidden, Conflict, InvalidInput, NotFound) as error:
        db.session.rollback()
        return _page(_Refused(task_id, to, _why(error, task_id, to))), status_of(error)[0]
    return redirect(url_for("team.board", _anchor=f"card-{task_id}"), code=303)


def _why(error: RedressError, task_id: str, to: str) -> str:
    """Return why a move was refused: of the person, where it is something about them."""
    person = next(
        (each for each in people_below(db.session(), current_actor()) if each["username"] == to), None
    )
    if person is not None:
        bar = takers(db.session(), {to: person["roles"]}, [task_id]).get(task_id, {}).get(to)
        if bar is not None:
            return gettext("%(name)s cannot have it", name=person["display_name"]) + colon() + why_not(bar)
    return message(error.message)


def _move(task_id: str, to: str, shown: str | None) -> None:
    if to:
        assign(runtime(), current_actor(), task_id, to, shown=shown)
        name = display_names(db.session(), [to]).get(to, to)
        flash(gettext("The task was given to %(name)s.", name=name), f"undo {task_id}")
    else:
        release(runtime(), current_actor(), task_id, shown=shown)
        flash(gettext("The task was put back."), f"undo {task_id}")
