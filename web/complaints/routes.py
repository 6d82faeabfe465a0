"""`/complaints`: the register and the page of a case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from engine import read
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.read.people import display_names
from web import words
from web.access import logged_in, requires
from web.casefile import note_reveal, open_case, stop_of
from web.channels import channel_words
from web.complaints.rest_days import hints
from web.conversation import conversation
from web.events import case_events
from web.extensions import db
from web.identity import current_actor
from web.presence import arrive, go_on
from web.task_rows import with_limits
from web.times import working_limit

blueprint = Blueprint("complaints", __name__, template_folder="templates")
PAGE = 30
EVENTS = 60


@blueprint.get("/complaints")
@logged_in
def index() -> Any:
    """Show the register."""
    actor, session = current_actor(), db.session()
    arguments = {key: value.strip() for key, value in request.args.items() if value.strip()}
    refused: InvalidInput | None = None
    try:
        found = read.complaint_list(
            session, actor, **_filters(arguments), limit=PAGE, cursor=arguments.get("cursor")
        )
    except InvalidInput as error:
        found, refused = read.Page([]), error
    names = display_names(session, (row["handler"] for row in found.items))
    for row in found.items:
        row["limit"] = working_limit(row["due_at"], row["received_at"], **stop_of(row))
        row["handler_name"] = names.get(row["handler"], row["handler"])
    arguments.pop("cursor", None)
    return render_template(
        "complaints/index.html", complaints=found.items, next=found.next, arguments=arguments, refused=refused
    )


def _filters(arguments: dict[str, str]) -> dict[str, Any]:
    filters: dict[str, Any] = {"sort": arguments.get("sort", "received")}
    for name, allowed in (
        ("status", words.STATUSES),
        ("category", words.CATEGORIES),
        ("sub_code", words.SUB_CODES),
        ("channel", channel_words()),
    ):
        if arguments.get(name) in allowed:
            filters[name] = arguments[name]
    if arguments.get("grade") in words.GRADES:
        filters["grade"] = int(arguments["grade"])
    if "number" in arguments:
        filters["number"] = arguments["number"]
    filters["overdue"] = arguments.get("overdue") == "1"
    if arguments.get("handler") == "me":
        filters["handler"] = "me"
    return filters


@blueprint.get("/complaints/<no>")
@logged_in
def show(no: str) -> Any:
    """Show a case."""
    return case_page(current_actor(), no)


@blueprint.post("/complaints/<no>/reveal")
@requires("personal.read")
def reveal(no: str) -> Any:
    """Show the case with the customer's data in clear; the trail says who looked and why."""
    read.complaint(db.session(), current_actor(), no)
    note_reveal(current_actor(), no, request.form.get("purpose", ""))
    return case_page(current_actor(), no, reveal=True)


@blueprint.post("/complaints/<no>/presence")
@requires("complaint.read")
def presence(no: str) -> Any:
    """Keep one's window on a case present, and tell who else has it open."""
    read.complaint(db.session(), current_actor(), no)
    return go_on(f"case:{no}")


def case_page(
    actor: Actor,
    no: str,
    *,
    reveal: bool = False,
    refused: tuple[str, InvalidInput | Conflict] | None = None,
) -> str:
    """Return the page of a case; `refused` names the form that was sent and what is wrong with it."""
    session = db.session()
    row = read.complaint(session, actor, no)
    tasks = read.task_list(session, actor, complaint_no=no, limit=50).items
    names = display_names(session, (task[name] for task in tasks for name in ("assignee", "owner")))
    case = open_case(session, actor, row, reveal=reveal)
    events = case_events(row["instance_id"], EVENTS)
    return render_template(
        "complaints/show.html",
        case=case,
        conversation=conversation(case),
        tasks=with_limits(tasks, names),
        events=events,
        may_open_trail=_may_open_trail(actor, row["instance_id"]),
        refused=refused,
        form=request.form,
        revealing=url_for("complaints.reveal", no=no),
        presence=arrive(f"case:{no}", url_for("complaints.presence", no=no)),
        rest_days=hints(row) if actor.may("complaint.extend") else {},
    )


def _may_open_trail(actor: Actor, instance_id: str | None) -> bool:
    from engine.errors import NotFound

    if instance_id is None:
        return False
    try:
        read.instance(db.session(), actor, instance_id)
    except NotFound:
        return False
    return True
