"""What changes a case from its page: a contact, another grade, a later date, a withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for

from engine import read
from engine.cases.contact import record_contact
from engine.cases.erasure import erase_customer
from engine.cases.extension import request_extension
from engine.cases.regrading import regrade
from engine.cases.second_review import request_review
from engine.cases.withdrawal import withdraw
from engine.errors import Conflict, InvalidInput, NotFound
from web.access import requires
from web.complaints.rest_days import require_meant
from web.complaints.routes import blueprint, case_page
from web.errors import status_of
from web.extensions import db, end_reading, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.times import parse_local


def _change(no: str, form: str, verb: Callable[[], str]) -> Any:
    """Carry out a verb on a case that the actor may see; what it refuses is shown at its form."""
    read.complaint(db.session(), current_actor(), no)
    try:
        said = verb()
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return case_page(current_actor(), no, refused=(form, error)), status_of(error)[0]
    flash(said)
    return redirect(_case_or_register(no), code=303)


def _case_or_register(no: str) -> str:
    """Return the case's page; the register for whom a verb has left nothing to do with the case."""
    db.session.rollback()  # what was read before does not know what the verb did
    try:
        read.complaint(db.session(), current_actor(), no)
    except NotFound:
        return url_for("complaints.index")
    return url_for("complaints.show", no=no)


@blueprint.post("/complaints/<no>/contacts")
@requires("complaint.contact")
def add_contact(no: str) -> Any:
    """Note a contact with the customer (R28)."""

    def verb() -> str:
        at = request.form.get("at", "")
        record_contact(
            runtime(),
            current_actor(),
            no,
            channel=request.form.get("channel", ""),
            direction=request.form.get("direction", ""),
            reached=request.form.get("reached") == "1",
            summary=request.form.get("summary", ""),
            at=parse_local(at, "at") if at else None,
        )
        return gettext("The contact was noted.")

    return _change(no, "contact", verb)


@blueprint.post("/complaints/<no>/regrade")
@requires("complaint.regrade")
def change_grade(no: str) -> Any:
    """Give the complaint another grade, or ask for a milder one (R15)."""

    def verb() -> str:
        grade = request.form.get("grade", "")
        done = regrade(runtime(), current_actor(), no, grade, request.form.get("reason", ""))  # type: ignore[arg-type]
        if done.applied:
            return gettext("The grade was changed; the limit counts from the day of receipt.")
        return gettext("A milder grade needs a supervisor's approval; it was asked for.")

    return _change(no, "regrade", verb)


@blueprint.post("/complaints/<no>/extend")
@requires("complaint.extend")
def tell_later_date(no: str) -> Any:
    """Ask for a later date, which a superior approves and the customer is told (R39)."""

    def verb() -> str:
        try:
            day = date.fromisoformat(request.form.get("new_date", ""))
        except ValueError as error:
            message = gettext("Give a date, such as 2026-11-24.")
            raise InvalidInput(message, {"new_date": [message]}) from error
        require_meant(day)
        request_extension(runtime(), current_actor(), no, reason=request.form.get("reason", ""), new_date=day)
        return gettext("The later date was asked for; approval and notice to the customer follow as tasks.")

    return _change(no, "extend", verb)


@blueprint.post("/complaints/<no>/erase")
@requires("personal.erase")
def erase(no: str) -> Any:
    """Destroy the keys of the customer of a closed case (R62)."""

    def verb() -> str:
        if request.form.get("sure") != "1":
            message = gettext("Say that you are sure: this cannot be undone.")
            raise InvalidInput(message, {"sure": [message]})
        system = redress()
        reason = request.form.get("reason", "")
        end_reading()
        done = erase_customer(system.runtime, system.vault, current_actor(), no, reason=reason)
        said = gettext(
            "The personal data was erased, with %(documents)s documents.", documents=done.documents
        )
        if done.also_in:
            said += " " + gettext("The same person is held in %(numbers)s.", numbers=", ".join(done.also_in))
        return said

    return _change(no, "erase", verb)


@blueprint.post("/complaints/<no>/review")
@requires("complaint.review")
def ask_for_review(no: str) -> Any:
    """Begin the second instance: the customer does not accept the decision (Art. 20)."""

    def verb() -> str:
        request_review(runtime(), current_actor(), no, request.form.get("reason", ""))
        return gettext("The review was asked for; an independent department decides on it.")

    return _change(no, "review", verb)


@blueprint.post("/complaints/<no>/withdraw")
@requires("complaint.withdraw")
def take_back(no: str) -> Any:
    """Note that the customer withdraws the complaint (Art. 15)."""

    def verb() -> str:
        withdraw(runtime(), current_actor(), no, request.form.get("reason", ""))
        return gettext("The complaint was withdrawn.")

    return _change(no, "withdraw", verb)
