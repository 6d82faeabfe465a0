"""`/training`: one's own training, the sessions of the plan, and who is covered (R67, R68)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.quality.training import reading
from engine.quality.training.records import CONTENTS, Attended, enter_training
from engine.quality.training.sessions import begin_plan, plan_session
from engine.read.people import display_names
from engine.runtime.options import OrganisationOptions
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.numbers import whole
from web.training import words

blueprint = Blueprint("training", __name__, template_folder="templates")
PAGE = 30


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"training_words": words}


@blueprint.get("/training")
@requires("training.read")
def index() -> Any:
    """Show one's own training: until when it counts, what covers it, and the sessions to come."""
    session, actor = db.session(), current_actor()
    coming = [each for each in reading.session_list(session, actor, limit=PAGE).items if not each["held_on"]]
    return render_template(
        "training/index.html",
        own=reading.training_of(session, actor),
        coming=coming[::-1],
        names=display_names(session, [each["trainer"] for each in coming]),
    )


@blueprint.get("/training/people/<username>")
@requires("training.read_all")
def person(username: str) -> Any:
    """Show the training of somebody else."""
    own = reading.training_of(db.session(), current_actor(), username)
    return render_template("training/index.html", own=own, coming=None, names={})


@blueprint.get("/training/sessions")
@requires("training.read")
def sessions() -> Any:
    """Show what is planned and what was held."""
    return _sessions({}, {})


def _sessions(sent: Mapping[str, Any], errors: Mapping[str, Any], general: str = "") -> str:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    found = reading.session_list(session, actor, limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "training/sessions.html",
        sessions=found.items,
        next=found.next,
        names=display_names(session, [each["trainer"] for each in found.items]),
        people=_people(),
        sent=sent,
        errors=errors,
        general=general,
    )


@blueprint.get("/training/coverage")
@requires("training.read_all")
def coverage() -> Any:
    """Show who is covered by which of the three contents, drawn as a matrix."""
    return _coverage({}, {})


def _coverage(sent: Mapping[str, Any], errors: Mapping[str, Any], general: str = "") -> str:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    everybody = request.args.get("who") == "all"
    found = reading.coverage(
        session, actor, everybody=everybody, limit=PAGE, cursor=request.args.get("cursor")
    )
    return render_template(
        "training/coverage.html",
        people=found.items,
        next=found.next,
        everybody=everybody,
        totals=reading.coverage_totals(session, actor),
        everyone=_people(),
        sent=sent,
        errors=errors,
        general=general,
    )


def _people() -> list[tuple[str, str]]:
    """Return whom the forms offer, for those who may use them."""
    if not current_actor().may("training.keep"):
        return []
    people = OrganisationOptions(db.session(), "").options("people.all")
    return [(each["value"], each["label"]) for each in people]


def _change(again: Callable[..., str], verb: Callable[[], str], leads_to: str) -> Any:
    try:
        said = verb()
    except (InvalidInput, Conflict, Forbidden, NotFound) as error:
        errors = error.errors if isinstance(error, InvalidInput) else {}
        return again(_sent(), errors, str(error)), 422
    flash(said)
    return redirect(url_for(leads_to), code=303)


def _sent() -> dict[str, Any]:
    return {**request.form.to_dict(), **{f"covers_{each}": True for each in _contents()}}


def _contents() -> tuple[str, ...]:
    return tuple(each for each in CONTENTS if request.form.get(f"covers_{each}"))


def _date(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        message = "Not a valid date."
        raise InvalidInput("the training cannot be entered: see the fields", {name: [message]}) from error


@blueprint.post("/training/plan")
@requires("training.keep")
def plan() -> Any:
    """Begin the plan of a year: its first task is complaint management's."""

    def verb() -> str:
        begin_plan(runtime(), current_actor())
        return gettext("The plan is begun: draw it up in your group's tasks.")

    return _change(_sessions, verb, "training.sessions")


@blueprint.post("/training/sessions")
@requires("training.keep")
def add_session() -> Any:
    """Plan a session beside the plan of the year."""

    def verb() -> str:
        plan_session(
            runtime(),
            current_actor(),
            title=request.form.get("title", ""),
            contents=_contents(),
            planned_on=_date("planned_on"),
            trainer=request.form.get("trainer") or None,
        )
        return gettext("The session is planned; it appears here in a moment.")

    return _change(_sessions, verb, "training.sessions")


@blueprint.post("/training/coverage")
@requires("training.keep")
def enter() -> Any:
    """Enter a training that was held elsewhere, with where its proof lies."""

    def verb() -> str:
        score = whole(request.form.get("score", "").strip())
        attended = Attended(
            username=request.form.get("person", ""),
            contents=_contents(),
            held_on=_date("held_on"),
            score=-1 if score is None else score,
            reference=request.form.get("reference", "")[:100],
        )
        row = enter_training(runtime(), current_actor(), attended)
        if row["passed"]:
            return gettext("The training stands in the register.")
        return gettext("The training stands in the register; the score does not pass.")

    return _change(_coverage, verb, "training.coverage")
