"""`/trail`: instances, and one of them with diagram and events."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from engine import clock, read
from engine.audit.verify import Report, verify
from engine.errors import Conflict, NotFound
from engine.quality.verification import begin_verification, last_complete, verifications
from engine.read.history import element_events
from engine.read.people import display_names
from web import verification_words, words
from web.access import logged_in, requires
from web.events import MACHINERY, described
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language, label_of
from web.trail.states import element_states, processes_of

blueprint = Blueprint("trail", __name__, template_folder="templates")
PAGE = 30
EVENTS = 100


@blueprint.get("/trail")
@logged_in
def index() -> Any:
    """Show the instances that one may see, the newest first."""
    arguments = {key: value.strip() for key, value in request.args.items() if value.strip()}
    state = arguments.get("state")
    found = read.instance_list(
        db.session(),
        current_actor(),
        state=state if state in words.INSTANCE_STATES else None,
        process_id=arguments.get("process"),
        business_key=arguments.get("key"),
        limit=PAGE,
        cursor=arguments.pop("cursor", None),
    )
    return render_template(
        "trail/index.html",
        processes=_processes(),
        instances=found.items,
        next=found.next,
        arguments=arguments,
    )


def _processes() -> list[tuple[str, str]]:
    found = read.definitions(db.session(), latest=True, limit=100).items
    return sorted(((row["process_id"], label_of(row)) for row in found), key=lambda item: item[1])


@blueprint.get("/trail/verifications")
@requires("audit.verify")
def verification_list() -> Any:
    """List what verifications of the trail saw."""
    return _verifications()


def _verifications(refused: Conflict | None = None) -> str:
    session = db.session()
    found = verifications(session, current_actor(), limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "trail/verifications.html",
        runs=found.items,
        next=found.next,
        last=last_complete(session),
        now=clock.now(),
        people=display_names(session, (row["by"] for row in found.items)),
        words_of=verification_words,
        refused=refused,
    )


@blueprint.post("/trail/verifications")
@requires("audit.verify")
def verify_all() -> Any:
    """Have the whole trail verified, part by part."""
    try:
        begin_verification(runtime(), current_actor())
    except Conflict as error:
        db.session.rollback()
        return _verifications(error), 409
    flash(gettext("The verification of the whole trail has begun; its result follows here."))
    return redirect(url_for("trail.verification_list"), code=303)


@blueprint.get("/trail/<instance_id>")
@logged_in
def show(instance_id: str) -> Any:
    """Show what happened in an instance, in the diagram and as a list."""
    return _page(instance_id)


@blueprint.get("/trail/<instance_id>/verify")
@requires("audit.verify")
def check(instance_id: str) -> Any:
    """Show the same with the result of checking the chain of hashes."""
    read.instance(db.session(), current_actor(), instance_id)
    return _page(instance_id, verify(db.session(), instance_id))


@blueprint.get("/trail/<instance_id>/diagram/<process_id>")
@logged_in
def diagram(instance_id: str, process_id: str) -> Any:
    """Give the BPMN file that draws a process of the instance's bundle."""
    instance = read.instance(db.session(), current_actor(), instance_id)
    known = _definitions(instance["bundle_id"])
    if process_id not in known:
        raise NotFound(gettext("This version has no such process."))
    bundle = runtime().bundles.get(db.session(), instance["bundle_id"])
    return Response(bundle.files[known[process_id]["file"]], mimetype="application/xml")


@blueprint.get("/trail/<instance_id>/picture/<process_id>")
@logged_in
def picture(instance_id: str, process_id: str) -> Any:
    """Give the part of a page that draws where an instance is, `at` an element, for other screens."""
    instance = read.instance(db.session(), current_actor(), instance_id)
    known = _definitions(instance["bundle_id"])
    if process_id not in known:
        raise NotFound(gettext("This version has no such process."))
    happened = element_events(db.session(), instance_id)
    definition = _drawing(instance, known, process_id, happened) | {"focus": request.args.get("at", "")}
    return render_template("trail/picture.html", definition=definition)


def _definitions(bundle_id: str) -> dict[str, dict[str, Any]]:
    found = read.definitions(db.session(), bundle_id=bundle_id, limit=read.MAXIMUM_LIMIT)
    return {row["process_id"]: row for row in found.items}


def _page(instance_id: str, report: Report | None = None) -> Any:
    session = db.session()
    instance = read.instance(session, current_actor(), instance_id)
    known = _definitions(instance["bundle_id"])
    happened = element_events(session, instance_id)
    processes = processes_of(instance["process_id"], happened, known)
    shown = request.args.get("process", instance["process_id"])
    if shown not in processes:
        raise NotFound(gettext("This instance has not been in that process."))
    short = request.args.get("events") == "short"
    events = read.history(
        session,
        instance_id,
        limit=EVENTS,
        cursor=request.args.get("cursor") or None,
        leave_out=MACHINERY if short else (),
    )
    return render_template(
        "trail/show.html",
        instance=instance,
        processes=[(each, label_of(known[each])) for each in processes],
        shown=shown,
        short=short,
        definition=_drawing(instance, known, shown, happened),
        events=described(events.items, instance_id),
        next=events.next,
        report=report,
    )


def _drawing(
    instance: dict[str, Any],
    known: dict[str, dict[str, Any]],
    process_id: str,
    happened: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return what the browser draws of a process with the states of an instance."""
    bundle = runtime().bundles.get(db.session(), instance["bundle_id"])
    elements, language = bundle.compiled.elements(process_id), current_language()
    return {
        "url": url_for("trail.diagram", instance_id=instance["id"], process_id=process_id),
        "title": label_of(known[process_id]),
        "states": element_states(process_id, happened, instance, elements),
        "stateNames": {state: str(name) for state, name in words.ELEMENT_STATES.items()},
        "labels": {each.element_id: each.label(language) for each in elements.values() if each.name},
    }
