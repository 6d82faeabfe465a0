"""`/channels/hotline` and `/channels/chats`: rosters, calls and chats as records (R6, R8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine import clock
from engine.audit import note
from engine.cases.incoming.chats import make_complaint, read_chat
from engine.cases.incoming.hotline import WEEK, drop_shift, link_call, plan_shift, roster_gaps
from engine.errors import Conflict, InvalidInput
from engine.people.roles import AGENTS
from engine.read.channels import (
    call_figures,
    calls_without_case,
    chat_list,
    chat_of,
    response_figures,
    shifts,
)
from engine.read.people import display_names, people_with
from web.access import requires
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.intake.routes import PAGE, blueprint
from web.messages import message
from web.numbers import whole
from web.times import zone


@blueprint.get("/channels/hotline")
@requires("channel.read")
def hotline() -> Any:
    """Show the roster of the coming week with its gaps, the figures, and complaint calls without a case."""
    return _hotline()


@blueprint.post("/channels/hotline/shifts")
@requires("channel.manage")
def add_shift() -> Any:
    """Add a shift, in so many weeks on end."""
    given = request.form
    try:
        begins, ends = _instant("begins_at"), _instant("ends_at")
        weeks = whole(given.get("weeks") or "1") or 0
        plan_shift(runtime(), current_actor(), given.get("person", ""), begins, ends, weeks=weeks)
    except InvalidInput as error:
        return _hotline(error), 422
    flash(gettext("The shift is in the roster."))
    return redirect(url_for("intake.hotline"), code=303)


@blueprint.post("/channels/hotline/shifts/<shift_id>/drop")
@requires("channel.manage")
def remove_shift(shift_id: str) -> Any:
    """Take a shift out of the roster."""
    drop_shift(runtime(), current_actor(), shift_id)
    flash(gettext("The shift is out of the roster."))
    return redirect(url_for("intake.hotline"), code=303)


@blueprint.post("/channels/hotline/calls/<call_id>")
@requires("channel.work")
def say_case(call_id: str) -> Any:
    """Say which case a complaint call became."""
    try:
        link_call(
            runtime(), current_actor(), call_id, request.form.get("complaint_no", "").strip().upper()[:24]
        )
    except (InvalidInput, Conflict) as error:
        flash(message(str(error)), "warning")
    else:
        flash(gettext("The call belongs to its case now."))
    return redirect(url_for("intake.hotline"), code=303)


@blueprint.get("/channels/chats")
@requires("channel.read")
def chats() -> Any:
    """Show how quickly chats were answered, and each of them."""
    session, actor = db.session(), current_actor()
    found = chat_list(session, actor, limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "intake/chats.html",
        chats=found.items,
        next=found.next,
        figures=response_figures(session, actor),
    )


@blueprint.get("/channels/chats/<chat_id>")
@requires("channel.work")
def chat(chat_id: str) -> Any:
    """Show what was said in a chat; the trail keeps who read it."""
    row = chat_of(db.session(), current_actor(), chat_id)
    said = read_chat(db.session(), redress().vault, row)
    with redress().sessions.step() as step:
        data = {"document": row.document_id, "complaint_no": row.complaint_no, "chat": row.id}
        note(step, current_actor().username, "document.opened", data)
    turns = [each | {"at": datetime.fromisoformat(each["at"])} for each in said["turns"]]
    return render_template("intake/chat.html", row=row, customer=said["customer"], turns=turns)


@blueprint.post("/channels/chats/<chat_id>")
@requires("channel.work")
def convert(chat_id: str) -> Any:
    """Register the complaint that a chat turned out to be."""
    number = make_complaint(runtime(), redress().vault, current_actor(), chat_id)
    flash(gettext("The chat became the case %(no)s.", no=number))
    return redirect(url_for("complaints.show", no=number), code=303)


def _hotline(refused: InvalidInput | None = None) -> str:
    session, actor = db.session(), current_actor()
    now = clock.now()
    planned = shifts(session, actor, now, now + WEEK)
    gaps = roster_gaps([(each["begins_at"], each["ends_at"]) for each in planned], now, now + WEEK)
    uncovered = sum((ends - begins).total_seconds() for begins, ends in gaps)
    return render_template(
        "intake/hotline.html",
        shifts=planned,
        gaps=gaps,
        covered=round((WEEK.total_seconds() - uncovered) / 3600),
        figures=call_figures(session, actor),
        calls=calls_without_case(session, actor),
        names=display_names(session, {each["person"] for each in planned}),
        agents=people_with(session, AGENTS) if actor.may("channel.manage") else [],
        errors=refused.errors if refused else {},
        sent=request.form,
    )


def _instant(name: str) -> datetime:
    """Read a field of the form `2026-03-02T09:00`, in the company's zone. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(request.form.get(name, "")).replace(tzinfo=zone())
    except ValueError as error:
        told = "takes a date and time"
        raise InvalidInput("some fields need correction", {name: [told]}) from error
