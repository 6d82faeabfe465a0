"""`/complaints/new`: registering a complaint that reached an agent (R10, R17, R20)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from engine import clock
from engine.cases.registration import register_complaint
from engine.errors import InvalidInput
from engine.people.departments import department_name, list_departments
from web.access import requires
from web.complaints.routes import blueprint
from web.complaints.schemas import RegistrationSchema
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language
from web.repetition import once
from web.times import zone

_SCHEMA = RegistrationSchema()


@blueprint.get("/complaints/new")
@requires("complaint.register")
def new() -> Any:
    """Show the registration form."""
    now = clock.now().astimezone(zone()).strftime("%Y-%m-%dT%H:%M")
    return _page(MultiDict({"received_at": now, "channel": "hotline"}), {})


@blueprint.post("/complaints/new")
@requires("complaint.register")
def create() -> Any:
    """Register; the same form sent twice registers once."""
    actor = current_actor()
    try:
        intake = _SCHEMA.load(request.form.to_dict())
    except ValidationError as error:
        return _page(request.form, error.messages_dict), 422
    try:
        answer = once(
            actor,
            request.form.get("token", ""),
            request.form,
            lambda: {"complaint_no": register_complaint(runtime(), actor, intake).complaint_no},
        )
    except InvalidInput as error:
        db.session.rollback()
        return _page(request.form, _by_field(error.errors), str(error)), 422
    flash(gettext("Complaint %(no)s was registered.", no=answer["complaint_no"]))
    return redirect(url_for("complaints.show", no=answer["complaint_no"]), code=303)


def _by_field(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    """Name the fields as this form does: the customer's without their prefix."""
    return {path.removeprefix("customer."): texts for path, texts in errors.items()}


def _page(form: MultiDict[str, str], errors: Any, general: str = "") -> str:
    language = current_language()
    departments = [
        (row["id"], department_name(row["id"], row["name"], language))
        for row in list_departments(db.session())
    ]
    return render_template(
        "complaints/new.html",
        form=form,
        errors=errors,
        general=general,
        departments=departments,
        token=form.get("token") or secrets.token_hex(16),
    )
