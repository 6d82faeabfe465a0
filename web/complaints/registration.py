"""`/complaints/new`: registering a complaint that reached an agent (R10, R17, R20)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from engine import clock
from engine.cases.intake import read_intake
from engine.cases.letters import script
from engine.cases.registration import most_representatives, register_complaint
from engine.cases.registration_drafts import KEPT_FOR, begun_by, drop_begun, keep_begun, read_begun
from engine.errors import InvalidInput, NewerDraft, NotFound
from engine.people.accounts import list_people
from engine.people.departments import department_name, list_departments
from engine.people.roles import HANDLERS
from engine.privacy.masking import mask
from engine.read.partners import partner_choices
from engine.runtime.drafts import Continued
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
_OF_THE_PAGE = frozenset({"csrf_token", "token", "revision", "next_revision"})


@blueprint.get("/complaints/new")
@requires("complaint.register")
def new() -> Any:
    """Show the registration form: empty, or as somebody left it."""
    if (draft_id := request.args.get("draft")) is not None:
        begun = read_begun(db.session(), runtime().keyring, current_actor(), draft_id)
        opened = MultiDict({**begun.values, "token": begun.id, "revision": begun.revision})
        return _page(opened, {}, saved_at=begun.saved_at)
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
        return _page(request.form, {**_further_errors(error), **error.messages_dict}), 422
    once = _once()
    try:
        done = register_complaint(
            runtime(), actor, intake, idempotency=once, draft_id=once.key, continued=_continued(request.form)
        )
    except NewerDraft as newer:
        return _asked(newer)
    except InvalidInput as error:
        db.session.rollback()
        return _page(request.form, _by_field(error.errors), str(error)), 422
    flash(gettext("Complaint %(no)s was registered.", no=done.complaint_no))
    return redirect(url_for("complaints.show", no=done.complaint_no), code=303)


def _further_errors(error: ValidationError) -> dict[str, list[str]]:
    """Return what else would be refused, so that everything is corrected at once."""
    valid = error.valid_data if isinstance(error.valid_data, dict) else {}
    try:
        read_intake(_SCHEMA.as_intake(dict(valid)))
    except InvalidInput as refused:
        return _by_field(refused.errors)
    return {}


@blueprint.post("/complaints/new/drafts/<draft_id>")
@requires("complaint.register")
def keep_draft(draft_id: str) -> Any:
    """Keep what was typed so far: by itself while it is typed, or for who has to do something else first."""
    if not _KEY.fullmatch(draft_id):
        raise NotFound("no draft has such an id")
    sent = request.get_json() if request.is_json else request.form
    typed = _typed(sent)
    try:
        saved_at = keep_begun(runtime(), current_actor(), draft_id, typed, _continued(sent))
    except NewerDraft as newer:
        if request.is_json:
            raise
        return _asked(newer)
    if request.is_json:
        return {"saved_at": saved_at.isoformat()}
    flash(gettext("What you typed is kept. It waits for you where complaints are registered."))
    return redirect(url_for("complaints.new"), code=303)


@blueprint.post("/complaints/new/drafts/<draft_id>/discard")
@requires("complaint.register")
def discard_draft(draft_id: str) -> Any:
    """Throw away what was begun, as far as it is what the page showed."""
    drop_begun(runtime(), current_actor(), draft_id, _continued(request.form))
    flash(gettext("What was begun is thrown away."))
    return redirect(url_for("complaints.new"), code=303)


def _typed(sent: Any) -> dict[str, str]:
    """Return the form's fields out of what came; the rest is the page's affair."""
    values = sent
    if request.is_json:
        values = sent.get("variables") if isinstance(sent, dict) else None
    if not isinstance(values, Mapping):
        raise InvalidInput("the values must be a JSON object")
    return {name: str(values[name]) for name in _SCHEMA.fields if name in values}


def _continued(sent: Mapping[str, Any]) -> Continued:
    """Return which draft the page goes on from, '' for none; one that names none takes the place of any."""
    name = str(sent.get("next_revision", ""))
    next_revision = name if _KEY.fullmatch(name) else secrets.token_hex(16)
    return Continued(str(sent.get("revision")), next_revision, takes_any="revision" not in sent)


def _asked(newer: NewerDraft) -> tuple[str, int]:
    """Show what was typed here and where the newer one is; sent once more, it takes the place of that one."""
    db.session.rollback()
    draft_id = request.form.get("token", "")
    known = read_begun(db.session(), runtime().keyring, current_actor(), draft_id)
    form = MultiDict({**request.form.to_dict(), "revision": known.revision})
    return _page(form, {}, str(newer), newer_draft=True), 409


def _once() -> Once:
    """Return the key that the page came with and what was sent, so that a double submit registers once."""
    sent = sorted((name, value) for name, value in request.form.items() if name not in _OF_THE_PAGE)
    key = request.form.get("token", "")
    if not _KEY.fullmatch(key):
        raise InvalidInput(gettext("The page carries no key. Load it anew."))
    return Once(key, hashlib.sha256(repr(sent).encode()).hexdigest())


def _by_field(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    """Name the fields as this form does: the customer's without their prefix."""
    return {path.removeprefix("customer."): texts for path, texts in errors.items()}


def _page(
    form: MultiDict[str, str],
    errors: Any,
    general: str = "",
    *,
    saved_at: datetime | None = None,
    newer_draft: bool = False,
) -> str:
    language, token = current_language(), form.get("token") or secrets.token_hex(16)
    begun = begun_by(db.session(), runtime().keyring, current_actor())
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
        token=token,
        revision=_shown(form, {each.id: each.revision for each in begun}.get(token)),
        next_revision=secrets.token_hex(16),
        newer_draft=newer_draft,
        begun=[each for each in begun if each.id != token],
        saved_at=saved_at,
        mask=mask,
        days_kept=KEPT_FOR.days,
    )


def _shown(form: Mapping[str, str], kept: str | None) -> str:
    """Return the revision that the page goes on from: the kept one, where this page kept it."""
    shown = form.get("revision", "")
    return kept if kept is not None and kept == form.get("next_revision") else shown


def _partners() -> list[tuple[str, str]]:
    """Return the partners to choose from; complaints about one whose cooperation has ended may still come."""
    on = clock.now().astimezone(zone()).date()
    return [
        (partner, name if runs else gettext("%(name)s (not at present)", name=name))
        for partner, name, runs in partner_choices(db.session(), on)
    ]


def _choice(person: Mapping[str, Any]) -> tuple[str, str]:
    return person["username"], person["display_name"]
