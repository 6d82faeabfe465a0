"""`/policy`: what carries out each clause, the terms that it leaves open, and its versions (R1, R3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from engine import clock
from engine.cases.coverage import groups_of_tasks
from engine.cases.matrix import Row, deployed_files, policy_matrix
from engine.cases.policy import InForce, decide_parameter, enter_version, parameters_in_force, versions
from engine.errors import Conflict, InvalidInput
from engine.read.coverage import coverage_gaps
from engine.read.people import display_names
from engine.runtime.parameters import policy_version_on
from web.access import requires
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language

blueprint = Blueprint("policy", __name__, template_folder="templates")


@blueprint.get("/policy")
@requires("policy.read")
def index() -> Any:
    """Show the matrix of clauses."""
    rows = policy_matrix(deployed_files(db.session()))
    only = request.args.get("kind", "")
    shown = [row for row in rows if only in ("", row.kind)]
    return render_template(
        "policy/index.html", rows=shown, counts=_counts(rows), only=only, text_language=current_language()
    )


@blueprint.get("/policy/coverage")
@requires("policy.read")
def coverage() -> Any:
    """Show which groups the tasks go to, who is in them, and open work that nobody can do (R2)."""
    session, language = db.session(), current_language()
    groups = groups_of_tasks(session, deployed_files(session))
    return render_template(
        "policy/coverage.html",
        groups=groups,
        names={each.group: [element.label(language) for element in each.elements] for each in groups},
        gaps=coverage_gaps(session),
    )


@blueprint.get("/policy/settings")
@requires("policy.read")
def settings() -> Any:
    """Show the parameters and the versions of the policy."""
    return _settings()


@blueprint.post("/policy/settings/<name>")
@requires("policy.decide")
def decide(name: str) -> Any:
    """Give a parameter another value from a day on."""

    def verb() -> str:
        decide_parameter(
            runtime(),
            current_actor(),
            name,
            request.form.get("value", ""),
            effective_from=_day(),
            reason=request.form.get("reason", ""),
        )
        return gettext("The decision was entered; the trail keeps it.")

    return _change(name, verb)


@blueprint.post("/policy/versions")
@requires("policy.decide")
def enter() -> Any:
    """Enter a version of the policy."""

    def verb() -> str:
        enter_version(
            runtime(),
            current_actor(),
            request.form.get("label", "").strip(),
            effective_from=_day(),
            reason=request.form.get("reason", ""),
        )
        return gettext("The version was entered; complaints received from that day on carry it.")

    return _change("version", verb)


def _change(form: str, verb: Callable[[], str]) -> Any:
    try:
        said = verb()
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return _settings(refused=(form, error)), 422
    flash(said)
    return redirect(url_for("policy.settings"), code=303)


def _settings(*, refused: tuple[str, InvalidInput | Conflict] | None = None) -> str:
    session = db.session()
    found, editions = parameters_in_force(runtime(), session), versions(session)
    today = clock.now().astimezone(redress().config.timezone).date()
    return render_template(
        "policy/settings.html",
        groups=_groups(found),
        versions=editions,
        version_today=policy_version_on(session, today),
        names=display_names(session, _people(found, editions)),
        today=today.isoformat(),
        text_language=current_language(),
        refused=refused,
        form=request.form,
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("effective_from", ""))
    except ValueError as error:
        message = gettext("Give a date, such as 2026-11-24.")
        raise InvalidInput(message, {"effective_from": [message]}) from error


def _counts(rows: list[Row]) -> dict[str, int]:
    counts = dict.fromkeys(("element", "decision", "form", "guard", "open"), 0)
    for row in rows:
        counts[row.kind] += 1
    return counts


def _groups(found: list[InForce]) -> dict[str, list[InForce]]:
    groups: dict[str, list[InForce]] = {}
    for each in found:
        groups.setdefault(each.parameter.name.partition(".")[0], []).append(each)
    return groups


def _people(found: list[InForce], editions: list[dict[str, Any]]) -> Iterable[str]:
    yield from (edition["decided_by"] for edition in editions)
    for each in found:
        yield from (decision["decided_by"] for decision in each.decisions)
