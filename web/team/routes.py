"""`/team`: the supervisor's board, and moving tasks on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine import clock, read
from engine.domain.deadlines import end_of_day, local_date
from engine.people.actor import Actor
from engine.read.absences import away
from engine.read.people import display_names
from engine.read.team import loads, people_below
from engine.runtime.commands import assign, release
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import label_of
from web.task_rows import with_limits
from web.times import calendar, zone

blueprint = Blueprint("team", __name__, template_folder="templates")
CARDS = 8
"""So many tasks are laid out of each person, the soonest limit first; the rest is a link away."""
SOON_DAYS = 2


@blueprint.get("/team")
@requires("task.assign")
def board() -> Any:
    """Show who of one's people has how much, what is late, and what waits for them."""
    actor, session = current_actor(), db.session()
    people = [person for person in people_below(session, actor) if not person["roles"].isdisjoint(_WORKING)]
    names = [person["username"] for person in people]
    load, absent = loads(session, actor, names, _soon()), away(session, names, clock.now())
    columns = [
        {
            **person,
            "load": load[person["username"]],
            "away": absent.get(person["username"]),
            "tasks": _cards(actor, people, holder=person["username"]),
        }
        for person in people
    ]
    waiting = _waiting(actor, people)
    most = max([1, *(column["load"]["open"] for column in columns)])
    return render_template("team/board.html", columns=columns, waiting=waiting, most=most)


_WORKING = frozenset({"agents", "handlers", "supervisors", "management", "supervision-group", "compliance"})


def _soon() -> Any:
    return end_of_day(calendar().working_days_after(local_date(clock.now(), zone()), SOON_DAYS), zone())


def _cards(actor: Actor, people: list[dict[str, Any]], *, holder: str) -> list[dict[str, Any]]:
    found = read.task_list(db.session(), actor, assignee=holder, limit=CARDS)
    return [_card(row, people, holder) for row in with_limits(found.items, {})]


def _card(row: dict[str, Any], people: list[dict[str, Any]], holder: str) -> dict[str, Any]:
    """Return a task as its card shows it; `takers` are the people who could have it instead."""
    takers = [
        (person["username"], person["display_name"])
        for person in people
        if person["username"] != holder and not person["roles"].isdisjoint(row["candidate_groups"])
    ]
    return row | {"label": label_of(row), "takers": takers}


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
    return [_card(row, people, "") for row in with_limits(soonest, {})]


@blueprint.post("/team/move")
@requires("task.assign")
def move() -> Any:
    """Give a task of the board to somebody, or put it back; by form or by dragging its card."""
    task_id, to = request.form.get("task", ""), request.form.get("to", "")
    read.task(db.session(), current_actor(), task_id)
    if to:
        assign(runtime(), current_actor(), task_id, to)
        name = display_names(db.session(), [to]).get(to, to)
        flash(gettext("The task was given to %(name)s.", name=name), f"undo {task_id}")
    else:
        release(runtime(), current_actor(), task_id)
        flash(gettext("The task was put back."), f"undo {task_id}")
    return redirect(url_for("team.board", _anchor=f"card-{task_id}"), code=303)
