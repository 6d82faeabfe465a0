"""`/admin`: who can log in, and as what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine import clock
from engine.people.accounts import list_people
from engine.people.departments import department_name, list_departments
from engine.people.roles import ROLES
from engine.read.people import display_names
from web.access import requires
from web.extensions import db
from web.language import current_language

blueprint = Blueprint("admin", __name__, template_folder="templates")


@blueprint.get("/admin")
@requires("people.read")
def index() -> Any:
    """Show the people, of one role or all."""
    session, language = db.session(), current_language()
    role = request.args.get("role")
    departments = {
        row["id"]: department_name(row["id"], row["name"], language) for row in list_departments(session)
    }
    people = list_people(session, role if role in ROLES else None)
    return render_template(
        "admin/index.html",
        people=people,
        names=display_names(session, (person["superior"] for person in people)),
        departments=departments,
        role=role,
        roles=ROLES,
        now=clock.now(),
    )
