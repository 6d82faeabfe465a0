"""`/complaints/new`: registering a complaint that reached an agent (R10, R17, R20)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from engine import clock
from engine.cases.letters import script
from engine.cases.registration import most_representatives, register_complaint
from engine.errors import InvalidInput
from engine.people.accounts import list_people
from engine.people.departments import department_name, list_departments
from engine.people.roles import HANDLERS
from engine.read.partners import partner_choices
from engine.runtime.once import Once
from web.access import requires
from web.complaints.routes import blueprint
from web.complaints.schemas import RegistrationSchema
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import LANGUAGES, current_language
from web.times import zone

_SCHEMA = RegistrationSchema()
_KEY = re.compile(r"[0-9a-f]{32}")


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
        done = register_complaint(runtime(), actor, intake, idempotency=_once())
    except InvalidInput as error:
        db.session.rollback()
        return _page(request.form, _by_field(error.errors), str(error)), 422
    flash(gettext("Complaint %(no)s was registered.", no=done.complaint_no))
    return redirect(url_for("complaints.show", no=done.complaint_no), code=303)


def _once() -> Once:
    """Return the key that the page came with and what was sent, so that a double submit registers once."""
    sent = sorted(
        (name, value) for name, value in request.form.items() if name not in ("csrf_token", "token")
    )
    key = request.form.get("token", "")
    if not _KEY.fullmatch(key):
        raise InvalidInput(gettext("The page carries no key. Load it anew."))
    return Once(key, hashlib.sha256(repr(sent).encode()).hexdigest())


def _by_field(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    """Name the fields as this form does: the customer's without their prefix."""
    return {path.removeprefix("customer."): texts for path, texts in errors.items()}


def _page(form: MultiDict[str, str], errors: Any, general: str = "") -> str:
    language = current_language()
    departments = [
        (row["id"], department_name(row["id"], row["name"], language))
        for row in list_departments(db.session())
    ]
    staff = [each for each in list_people(db.session()) if each["active"]]
    return render_template(
        "complaints/new.html",
        script=script(runtime(), db.session(), "hotline-script", language),
        form=form,
        errors=errors,
        general=general,
        departments=departments,
        handlers=[_choice(each) for each in staff if HANDLERS in each["roles"]],
        staff=[_choice(each) for each in staff],
        partners=_partners(),
        languages=LANGUAGES,
        most_representatives=most_representatives(runtime(), db.session(), clock.now()),
        token=form.get("token") or secrets.token_hex(16),
    )


def _partners() -> list[tuple[str, str]]:
    """Return the partners to choose from; complaints about one whose cooperation has ended may still come."""
    on = clock.now().astimezone(zone()).date()
    return [
        (partner, name if runs else gettext("%(name)s (not at present)", name=name))
        for partner, name, runs in partner_choices(db.session(), on)
    ]


def _choice(person: Mapping[str, Any]) -> tuple[str, str]:
    return person["username"], person["display_name"]
