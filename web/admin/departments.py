"""The departments of the company and of its outsourced partners."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine.errors import Conflict, InvalidInput
from engine.people import administration
from engine.people.departments import department_name, every_department
from web.access import requires
from web.admin.routes import blueprint
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language


@blueprint.get("/admin/departments")
@requires("people.read")
def departments() -> Any:
    """Show the departments, closed ones too."""
    return _page({})


@blueprint.post("/admin/departments")
@requires("people.manage")
def save_department() -> Any:
    """Add a department or change one."""
    sent = {name: request.form.get(name, "").strip() for name in ("id", "name", "parent_id")}
    try:
        with redress().sessions.step() as step:
            administration.save_department(
                step,
                current_actor(),
                sent["id"],
                sent["name"],
                parent_id=sent["parent_id"] or None,
                active=request.form.get("active") == "1",
            )
    except (InvalidInput, Conflict) as error:
        return _page(sent | {"active": request.form.get("active")}, error), 422
    flash(gettext("The department was saved."))
    return redirect(url_for("admin.departments"), code=303)


def _page(sent: dict[str, Any], refused: Exception | None = None) -> str:
    session, language = db.session(), current_language()
    rows = every_department(session)
    names = {row["id"]: department_name(row["id"], row["name"], language) for row in rows}
    return render_template(
        "admin/departments.html",
        departments=rows,
        names=names,
        sent=sent or {"active": "1"},
        errors=refused.errors if isinstance(refused, InvalidInput) else {},
        general=str(refused) if refused else "",
        may_manage=current_actor().may("people.manage"),
    )
