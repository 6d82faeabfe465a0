"""`/policy/partners`: third parties that work for the company, and by what names complaints know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput
from engine.people.departments import department_name, list_departments
from engine.people.partners import FIELDS, add_name, save_partner
from engine.read.partners import one_partner, partner_list, unknown_names
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language
from web.policy.routes import blueprint
from web.times import zone

PAGE = 50


@blueprint.get("/policy/partners")
@requires("partner.read")
def partners() -> Any:
    """Show the register, and names in complaints that are nobody's yet."""
    session, actor = db.session(), current_actor()
    found = partner_list(session, actor, limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "policy/partners.html",
        partners=found.items,
        next=found.next,
        unknown=unknown_names(session, actor),
        departments=_departments(),
        today=clock.now().astimezone(zone()).date(),
    )


@blueprint.get("/policy/partners/new")
@requires("partner.manage")
def new_partner() -> Any:
    """Show an empty form."""
    return _form({"id": "", "name": request.args.get("name", "")[:100]})


@blueprint.post("/policy/partners/new")
@requires("partner.manage")
def add_partner() -> Any:
    """Add a partner."""
    sent = _sent() | {"id": request.form.get("id", "").strip()}
    try:
        _change(lambda session: save_partner(session, current_actor(), sent["id"], sent, new=True))
    except (InvalidInput, Conflict) as error:
        return _form(sent, error), 422
    flash(gettext("The partner is in the register."))
    return _back(sent["id"])


@blueprint.get("/policy/partners/<partner_id>")
@requires("partner.read")
def partner(partner_id: str) -> Any:
    """Show a partner with what was changed, when and by whom."""
    return _partner(partner_id)


@blueprint.post("/policy/partners/<partner_id>")
@requires("partner.manage")
def change_partner(partner_id: str) -> Any:
    """Change a partner."""
    sent = _sent()
    try:
        _change(lambda session: save_partner(session, current_actor(), partner_id, sent, new=False))
    except (InvalidInput, Conflict) as error:
        return _partner(partner_id, sent, error), 422
    flash(gettext("The partner was saved."))
    return _back(partner_id)


@blueprint.post("/policy/partners/<partner_id>/names")
@requires("partner.manage")
def name_partner(partner_id: str) -> Any:
    """Let complaints under another name count as the partner's."""
    name = request.form.get("other_name", "")
    try:
        _change(lambda session: add_name(session, current_actor(), partner_id, name))
    except (InvalidInput, Conflict) as error:
        return _partner(partner_id, None, error), 422
    flash(gettext("Complaints under this name count as the partner's."))
    return _back(partner_id)


def _change(verb: Callable[[Session], object]) -> None:
    with redress().sessions.step() as session:
        verb(session)


def _back(partner_id: str) -> Any:
    return redirect(url_for("policy.partner", partner_id=partner_id), code=303)


def _sent() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in FIELDS}


def _departments() -> dict[str, str]:
    language = current_language()
    return {
        row["id"]: department_name(row["id"], row["name"], language) for row in list_departments(db.session())
    }


def _form(sent: dict[str, str], refused: Exception | None = None) -> str:
    return render_template(
        "policy/new_partner.html", sent=sent, departments=_departments(), **_errors(refused)
    )


def _partner(partner_id: str, sent: dict[str, str] | None = None, refused: Exception | None = None) -> str:
    db.session.rollback()
    session = db.session()
    found = one_partner(session, current_actor(), partner_id)
    return render_template(
        "policy/partner.html",
        partner=found,
        sent=sent or {name: "" if found[name] is None else str(found[name]) for name in FIELDS},
        departments=_departments(),
        names=display_names(session, {each["by"] for each in found["changes"]}),
        **_errors(refused),
    )


def _errors(refused: Exception | None) -> dict[str, Any]:
    errors = refused.errors if isinstance(refused, InvalidInput) else {}
    return {"errors": errors, "general": str(refused) if refused else ""}
