"""What operators do from the pages, each with its reason; what is refused is told where it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for

from engine import read
from engine.errors import Conflict, InvalidInput, NotFound, RedressError, StepFailed
from engine.runtime import commands
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.messages import message
from web.numbers import whole
from web.operations.instance import instance_page, read_mapping
from web.operations.routes import blueprint
from web.times import parse_local

REFUSALS = (Conflict, InvalidInput, StepFailed)
OPERATORS = requires("instance.operate")


def _reason() -> str:
    return request.form.get("reason", "")


def _text(name: str) -> str | None:
    return request.form.get(name, "").strip() or None


def _seen() -> int | None:
    """The revision of the instance on the page that was filled in, where the page names it."""
    return whole(request.form.get("revision", ""))


@blueprint.post("/operations/instances/<instance_id>/<verb>")
@OPERATORS
def act(instance_id: str, verb: str) -> Any:
    """Carry out a verb on an instance; a refusal is shown on its page."""
    read.instance(db.session(), current_actor(), instance_id)
    if verb not in _VERBS:
        raise NotFound(gettext("There is no such operation."))
    try:
        said = _VERBS[verb](instance_id)
    except REFUSALS as error:
        db.session.rollback()
        status = 409 if isinstance(error, Conflict) else 422
        return instance_page(instance_id, (verb, error)), status
    flash(said)
    return redirect(url_for("operations.one", instance_id=instance_id), code=303)


def _suspend(instance_id: str) -> str:
    commands.suspend_instance(runtime(), current_actor(), instance_id, _reason())
    return gettext("The instance stands still until it is resumed.")


def _resume(instance_id: str) -> str:
    commands.resume_instance(runtime(), current_actor(), instance_id, _reason())
    return gettext("The instance goes on; what fell due meanwhile follows in order.")


def _cancel(instance_id: str) -> str:
    commands.cancel_instance(runtime(), current_actor(), instance_id, _reason())
    return gettext("The instance was cancelled.")


def _variables(instance_id: str) -> str:
    name, text = request.form.get("name", ""), request.form.get("value", "")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    done = commands.set_variables(
        runtime(),
        current_actor(),
        instance_id,
        {name: value},
        _reason(),
        element_id=_text("element_id"),
        revision=_seen(),
    )
    return gettext("The variable was set.") if done["changed"] else gettext("It had that value already.")


def _move(instance_id: str) -> str:
    source, _, token = request.form.get("from", "").partition("#")
    commands.move_token(
        runtime(),
        current_actor(),
        instance_id,
        source,
        request.form.get("to", ""),
        _reason(),
        token=whole(token),
        leave=request.form.get("leave") == "1",
        revision=_seen(),
    )
    return gettext("The token was moved.")


def _migrate(instance_id: str) -> str:
    done = commands.migrate_instance(
        runtime(),
        current_actor(),
        instance_id,
        _reason(),
        version=whole(request.form.get("version", "")),
        mapping=read_mapping(),
        revision=_seen(),
    )
    return gettext("The instance runs on version %(number)s now.", number=done["version"])


_VERBS: dict[str, Callable[[str], str]] = {
    "suspend": _suspend,
    "resume": _resume,
    "cancel": _cancel,
    "variables": _variables,
    "move": _move,
    "migrate": _migrate,
}


def _back(verb: Callable[[], str], **view: Any) -> Any:
    """Carry out a verb of a list and go back to it; what is refused is told there."""
    try:
        flash(verb())
    except REFUSALS as error:
        flash(_told(error), "warning")
    instance_id = _text("instance_id")
    if instance_id:
        return redirect(url_for("operations.one", instance_id=instance_id), code=303)
    return redirect(url_for("operations.index", **view), code=303)


def _told(error: RedressError) -> str:
    fields = getattr(error, "errors", {})
    return "; ".join(
        [message(error.message), *(message(text) for texts in fields.values() for text in texts)]
    )


@blueprint.post("/operations/timers/<timer_id>")
@OPERATORS
def reschedule(timer_id: str) -> Any:
    """Give a timer another instant."""

    def verb() -> str:
        due_at = parse_local(request.form.get("due_at", ""), "due_at")
        commands.reschedule_timer(runtime(), current_actor(), timer_id, due_at, _reason(), revision=_seen())
        return gettext("The timer has its new time.")

    return _back(verb, view="timers")


@blueprint.post("/operations/incidents/<incident_id>/retry")
@OPERATORS
def retry(incident_id: str) -> Any:
    """Retry one incident."""

    def verb() -> str:
        done = commands.retry_incident(runtime(), current_actor(), incident_id, _reason())
        if done["retried"]:
            return gettext("It is tried again now.")
        return gettext("Nothing was left to try again; the incident is resolved.")

    return _back(verb, view="incidents")


@blueprint.post("/operations/incidents/<incident_id>/resolve")
@OPERATORS
def resolve(incident_id: str) -> Any:
    """Close one incident with a reason, without trying again."""

    def verb() -> str:
        commands.resolve_incident(runtime(), current_actor(), incident_id, _reason())
        return gettext("The incident is resolved; nothing is tried again.")

    return _back(verb, view="incidents")


@blueprint.post("/operations/incidents/retry")
@OPERATORS
def retry_all() -> Any:
    """Retry every open incident of a kind."""

    def verb() -> str:
        count = commands.retry_incidents(
            runtime(),
            current_actor(),
            _reason(),
            kind=_text("kind"),
            process_id=_text("process"),
            element_id=_text("element"),
        )
        return ngettext("%(num)d incident is tried again.", "%(num)d incidents are tried again.", count)

    return _back(verb)


@blueprint.post("/operations/migrations")
@OPERATORS
def migrate_all() -> Any:
    """Tell what migrating all instances of a process would do; with `begin`, begin it."""
    target: dict[str, Any] = {
        "version": whole(request.form.get("version", "")),
        "mapping": read_mapping(),
    }
    process_id = request.form.get("process", "")
    try:
        if request.form.get("begin") != "1":
            found = commands.preview_migration_of_all(runtime(), current_actor(), process_id, **target)
            return render_template("operations/outlook.html", found=found, form=request.form)
        made = commands.start_migration(runtime(), current_actor(), process_id, _reason(), **target)
    except (*REFUSALS, NotFound) as error:
        flash(_told(error), "warning")
        return redirect(url_for("operations.index", view="migrations"), code=303)
    return redirect(url_for("operations.one_migration", migration_id=made), code=303)


@blueprint.post("/operations/migrations/<migration_id>/stop")
@OPERATORS
def stop_migration(migration_id: str) -> Any:
    """Migrate no further instance."""
    try:
        commands.stop_migration(runtime(), current_actor(), migration_id)
    except Conflict as error:
        flash(_told(error), "warning")
    return redirect(url_for("operations.one_migration", migration_id=migration_id), code=303)
