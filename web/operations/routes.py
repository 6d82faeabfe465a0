"""`/operations`: what is wrong now, and every instance, incident, job, timer and migration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request

from engine import read
from engine.read.migrations import migration, migration_list
from engine.read.operations import (
    MOST_COUNTED,
    incident_groups,
    incident_list,
    job_list,
    operation_counts,
    timer_list,
    trouble,
)
from engine.read.paging import Page
from web import words
from web.access import requires
from web.extensions import db, runtime
from web.identity import current_actor
from web.language import current_language, label_of

blueprint = Blueprint("operations", __name__, template_folder="templates")
PAGE = 30
VIEWS = ("now", "instances", "incidents", "jobs", "timers", "migrations")


@blueprint.get("/operations")
@requires("operation.read")
def index() -> Any:
    """Show what is wrong now, or one of the lists, with the counts of all."""
    arguments = {key: value.strip() for key, value in request.args.items() if value.strip()}
    view = arguments.pop("view", "now")
    view = view if view in VIEWS else "now"
    cursor = arguments.pop("cursor", None)
    session = db.session()
    found = _LISTS[view](arguments, cursor) if view in _LISTS else Page([])
    return render_template(
        "operations/index.html",
        view=view,
        rows=found.items,
        next=found.next,
        arguments=arguments,
        counts=operation_counts(session),
        most=MOST_COUNTED,
        processes=processes() if view in ("instances", "migrations") else [],
        steps=_steps(found) if view == "timers" else {},
        names=_names() if view in ("now", "incidents", "jobs", "timers") else {},
        **({"groups": incident_groups(session), **trouble(session)} if view == "now" else {}),
    )


@blueprint.get("/operations/migrations/<migration_id>")
@requires("operation.read")
def one_migration(migration_id: str) -> Any:
    """Show how far a migration is, and which instances it could not migrate."""
    return render_template("operations/migration.html", found=migration(db.session(), migration_id))


def processes() -> list[tuple[str, str]]:
    """Return the processes in force, (id, name), by name."""
    found = read.definitions(db.session(), latest=True, limit=200).items
    return sorted(((row["process_id"], label_of(row)) for row in found), key=lambda item: item[1])


def _steps(found: Page) -> dict[str, str]:
    """Return what is drawn at the elements of these timers, by the id of the timer; some have no name."""
    session, language, steps = db.session(), current_language(), {}
    for row in found.items:
        bundle = runtime().bundles.get(session, row["bundle_id"]).compiled
        drawn = (bundle.elements(process_id).get(row["element_id"]) for process_id in bundle.process_ids)
        element = next((each for each in drawn if each is not None), None)
        steps[row["id"]] = element.label(language) if element is not None else ""
    return steps


def _names() -> dict[str, str]:
    return dict(processes())


def _instances(arguments: dict[str, str], cursor: str | None) -> Page:
    state = arguments.get("state", "")
    return read.instance_list(
        db.session(),
        current_actor(),
        state=state if state in words.INSTANCE_STATES else None,
        process_id=arguments.get("process"),
        business_key=arguments.get("key"),
        limit=PAGE,
        cursor=cursor,
    )


def _incidents(arguments: dict[str, str], cursor: str | None) -> Page:
    state = arguments.get("state", "open")
    return incident_list(
        db.session(),
        current_actor(),
        state=state if state in words.INCIDENT_STATES else "open",
        kind=arguments.get("kind"),
        process_id=arguments.get("process"),
        element_id=arguments.get("element"),
        limit=PAGE,
        cursor=cursor,
    )


def _jobs(arguments: dict[str, str], cursor: str | None) -> Page:
    state = arguments.get("state", "ready")
    state = state if state in words.JOB_STATES else "ready"
    return job_list(db.session(), current_actor(), state=state, limit=PAGE, cursor=cursor)


def _timers(arguments: dict[str, str], cursor: str | None) -> Page:
    state = arguments.get("state", "")
    due, state = state == "due", state if state in words.TIMER_STATES else ""
    return timer_list(
        db.session(), current_actor(), due_only=due, state=state or None, limit=PAGE, cursor=cursor
    )


def _migrations(_arguments: dict[str, str], cursor: str | None) -> Page:
    return migration_list(db.session(), limit=PAGE, cursor=cursor)


_LISTS: dict[str, Callable[[dict[str, str], str | None], Page]] = {
    "instances": _instances,
    "incidents": _incidents,
    "jobs": _jobs,
    "timers": _timers,
    "migrations": _migrations,
}
