"""`/reports/coding`: how far the second codings of a period's cases agree with the first (R14)."""

from __future__ import annotations

from typing import Any

from flask import render_template

from engine.domain.agreement import LEAST_CODED, WANTED
from engine.quality.agreement import CODES, agreement_of, coded_apart, coded_in_open_samples
from engine.quality.measure import asked_of
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, redress
from web.identity import current_actor
from web.reports import record_words
from web.reports.figures import asked_period, periods_to_choose
from web.reports.routes import blueprint
from web.words import CATEGORIES, GRADES, SUB_CODES

WORDS_OF = {"category": CATEGORIES, "sub_code": SUB_CODES, "grade": GRADES}


@blueprint.get("/reports/coding")
@requires("report.read")
def coding() -> Any:
    """Show kappa, who coded what as what, and each case that was coded differently."""
    session, actor = db.session(), current_actor()
    period, refused = asked_period()
    asked = asked_of(period, redress().config.timezone, redress().runtime.parameters.current(session))
    apart = coded_apart(session, actor, asked)
    return render_template(
        "reports/coding.html",
        period=period,
        periods=periods_to_choose(),
        refused=refused,
        found=agreement_of(session, actor, asked),
        apart=apart,
        pending=coded_in_open_samples(session, actor, asked),
        codes=CODES,
        words_for=WORDS_OF,
        names=display_names(session, {each.coder for each in apart}),
        least=LEAST_CODED,
        wanted=WANTED,
        words_of=record_words,
    )
