"""`/second-coding`: samples of closed cases that are coded again without seeing the first coding (R14)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.kpi import month_of
from engine.errors import Conflict, InvalidInput
from engine.quality.supervision.coding import (
    enter_coding,
    samples_to_code,
    sub_codes_in_force,
)
from engine.quality.supervision.coding_samples import close_sample, draw_sample_to_code, draws_the_same
from engine.quality.supervision.definitions import definitions_in_force
from engine.read.people import display_names
from web import words
from web.access import requires
from web.case_to_code import place_of, shown_to_coder
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language
from web.messages import message
from web.quality import terms
from web.quality.routes import blueprint


@blueprint.get("/second-coding")
@requires("coding.read")
def codings() -> Any:
    """List the samples, and draw another."""
    return _codings()


def _codings(refused: InvalidInput | None = None) -> str:
    session = db.session()
    samples = samples_to_code(session, current_actor())
    return render_template(
        "quality/codings.html",
        samples=samples,
        names=display_names(session, {each.drawn_by for each in samples}),
        month=month_of(local_date(clock.now(), redress().config.timezone)).name,
        errors=refused.errors if refused else {},
        sent=request.form,
    )


@blueprint.post("/second-coding")
@requires("coding.draw")
def draw_codings() -> Any:
    """Draw a sample."""
    form = request.form
    try:
        drawn = draw_sample_to_code(
            runtime(), current_actor(), form.get("period", "").strip(), form.get("size")
        )
    except InvalidInput as error:
        db.session.rollback()
        return _codings(error), 422
    flash(gettext("The sample was drawn."))
    return redirect(url_for("quality.coding_sample", sample_id=drawn), code=303)


@blueprint.get("/second-coding/<sample_id>")
@requires("coding.read")
def coding_sample(sample_id: str) -> Any:
    """Show a sample: how far it is, and the way to the next case."""
    session = db.session()
    (sample,) = samples_to_code(session, current_actor(), sample=sample_id)
    return render_template(
        "quality/coding_sample.html",
        sample=sample,
        same=draws_the_same(session, sample.id) if "again" in request.args else None,
        names=display_names(session, {sample.drawn_by, sample.closed_by}),
    )


@blueprint.post("/second-coding/<sample_id>/close")
@requires("coding.draw")
def close_codings(sample_id: str) -> Any:
    """Close a sample: its codings count from now on."""
    try:
        close_sample(runtime(), current_actor(), sample_id)
    except Conflict as error:
        return _gone(sample_id, error)
    flash(gettext("The sample is closed; its codings count."))
    return redirect(url_for("quality.coding_sample", sample_id=sample_id), code=303)


@blueprint.post("/second-coding/<sample_id>/<place>/read")
@requires("coding.work")
def read_coding(sample_id: str, place: str) -> Any:
    """Show the content of a case to its coder, with numbers and names masked; the trail says who read it."""
    try:
        return _to_code(sample_id, place)
    except Conflict as error:
        return _gone(sample_id, error)


@blueprint.post("/second-coding/<sample_id>/<place>")
@requires("coding.work")
def code_again(sample_id: str, place: str) -> Any:
    """Keep the second coding of a case, and go on to the next."""
    try:
        corrected = enter_coding(runtime(), current_actor(), sample_id, place_of(place), request.form)
    except InvalidInput as error:
        db.session.rollback()
        return _to_code(sample_id, place, error), 422
    except Conflict as error:
        return _gone(sample_id, error)
    flash(gettext("The correction is kept.") if corrected else gettext("The coding is kept."))
    return redirect(url_for("quality.coding_sample", sample_id=sample_id), code=303)


def _gone(sample_id: str, error: Conflict) -> Any:
    """Somebody was quicker, or the content is no more: tell so on the page of the sample."""
    db.session.rollback()
    flash(message(str(error)), "warning")
    return redirect(url_for("quality.coding_sample", sample_id=sample_id), code=303)


def _to_code(sample_id: str, place: str, refused: InvalidInput | None = None) -> str:
    case, content = shown_to_coder(sample_id, place_of(place))
    classes, grades = definitions_in_force(runtime(), db.session(), case.received_at, current_language())
    return render_template(
        "quality/coding.html",
        sample_id=sample_id,
        place=place,
        case=case,
        another=_another(sample_id, place_of(place)),
        content=content,
        facts=[(words.word(words.FACTS, name), _said(value)) for name, value in case.facts.items()],
        sub_codes=_sub_codes(),
        meanings={"category": classes, "grade": grades},
        terms=terms,
        errors=refused.errors if refused else {},
        sent=request.form if refused else case.codes,
    )


def _another(sample_id: str, place: int) -> int | None:
    """Return the place to go on with where the coder leaves this one, or None."""
    (sample,) = samples_to_code(db.session(), current_actor(), sample=sample_id)
    at = sample.waiting.index(place) + 1 if place in sample.waiting else 0
    others = [*sample.waiting[at:], *sample.waiting[:at]]
    return others[0] if others and others[0] != place else None


def _said(value: Any) -> str:
    return words.yes_no(value) if isinstance(value, bool) else str(value)


def _sub_codes() -> list[tuple[str, str]]:
    """Return what the registration form offers: ours in the language of the page, an owner's as written."""
    found = sub_codes_in_force(runtime(), db.session())
    return [
        (code, words.word(words.SUB_CODES, code) if code in words.SUB_CODES else label)
        for code, label in found.items()
    ]
