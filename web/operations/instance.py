"""`/operations/instances/<id>`: one instance, what it waits for, and what can be done with it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from engine import read
from engine.errors import RedressError, StateUnreadable
from engine.runtime.commands import preview_migration
from engine.runtime.declared import declared_names
from engine.runtime.form_context import read_step
from engine.runtime.migrating import Outlook
from engine.runtime.step import Step
from web.access import requires
from web.extensions import db, runtime
from web.identity import current_actor
from web.language import current_language
from web.numbers import whole
from web.operations.routes import blueprint

RUNNING = ("active", "suspended")
TARGETS = (
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "scriptTask",
    "callActivity",
)
OTHER_TARGETS = (
    "task",
    "manualTask",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "endEvent",
)
"""Those that are offered where they are named."""


@blueprint.get("/operations/instances/<instance_id>")
@requires("operation.read")
def one(instance_id: str) -> Any:
    """Show an instance; `version` asks what migrating it to that version would do."""
    return instance_page(instance_id)


def instance_page(instance_id: str, refused: tuple[str, RedressError] | None = None) -> str:
    """Return the page of an instance; `refused` names the verb that was asked for and what is against it."""
    session, actor = db.session(), current_actor()
    found = read.instance(session, actor, instance_id)
    step, unreadable = None, ""
    if found["state"] in RUNNING:
        try:
            step = read_step(runtime(), session, instance_id, actor)
        except StateUnreadable as error:
            unreadable = str(error)
    outlook, against = _outlook(instance_id)
    return render_template(
        "operations/instance.html",
        instance=found,
        waits=_waits(step) if step else [],
        targets=_targets(step) if step else [],
        variables=sorted(declared_names([step.bundle])) if step else [],
        versions=_versions(found),
        outlook=outlook,
        against=against,
        refused=refused,
        unreadable=unreadable,
        form=request.form,
        may=actor.may("instance.operate"),
    )


def _outlook(instance_id: str) -> tuple[Outlook | None, str]:
    version = whole(request.args.get("version", "") or request.form.get("version", ""))
    if version is None or not current_actor().may("instance.operate"):
        return None, ""
    try:
        return preview_migration(
            runtime(), current_actor(), instance_id, version=version, mapping=read_mapping()
        ), ""
    except RedressError as error:
        return None, str(error)


def read_mapping() -> dict[str, str]:
    """Return the pairs `old = new` that were typed, one a line; a line without both counts as nothing."""
    text = request.values.get("mapping", "")
    pairs = [line.partition("=") for line in text.splitlines()]
    return {old.strip(): new.strip() for old, equals, new in pairs if equals and old.strip() and new.strip()}


def _waits(step: Step) -> list[dict[str, Any]]:
    language = current_language()
    return [
        {
            "element_id": wait.element.element_id,
            "name": wait.element.label(language),
            "kind": wait.kind,
            "token": wait.token,
            "watches": wait.element.kind in ("boundaryEvent", "startEvent"),
        }
        for wait in step.workflow.waits()
    ]


def _targets(step: Step) -> list[tuple[str, str]]:
    """Return the elements that a token may be moved to, by name; the verb judges each again."""
    language, found = current_language(), {}
    for process_id in step.bundle.compiled.process_ids:
        for element in step.bundle.compiled.elements(process_id).values():
            if element.kind in TARGETS or (element.kind in OTHER_TARGETS and element.name):
                found[element.element_id] = f"{element.label(language)} ({element.element_id})"
    return sorted(found.items(), key=lambda item: item[1])


def _versions(found: dict[str, Any]) -> list[tuple[str, str]]:
    rows = read.definitions(db.session(), process_id=found["process_id"], limit=100).items
    return [
        (str(row["version"]), f"{row['version']} · {row['note'] or row['deployed_by']}")
        for row in rows
        if row["bundle_id"] != found["bundle_id"] and row["executable"]
    ]
