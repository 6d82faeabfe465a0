"""`/reports/records` and `/reports/volumes`: figures that no complaint carries, and complaints held against
the business: per 10,000 accounts, per million lent (section 4, R58).
"""

from __future__ import annotations

from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine.domain.agreement import LEAST_CODED, WANTED
from engine.domain.kpi import months_of
from engine.errors import InvalidInput
from engine.quality.agreement import agreement_of
from engine.quality.freezing import newest_version
from engine.quality.leaks import leaks_of
from engine.quality.measure import asked_of
from engine.quality.rates import COUNTED, frozen_rates, rates
from engine.quality.records import (
    NOT_COUNTED,
    RECORD_FIGURES,
    TOPICS,
    records_behind,
    records_of,
)
from engine.quality.verification import last_complete
from engine.quality.volumes import COLUMNS, enter_volumes, rows_of_file, volume_versions
from engine.read.partners import partner_choices, partner_names
from engine.read.people import display_names
from web import measures
from web.access import requires
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.language import colon
from web.messages import message
from web.reports import record_words
from web.reports.figures import asked_period, periods_to_choose, today
from web.reports.routes import blueprint

MOST_SHOWN: Final = 500


@blueprint.get("/reports/records")
@requires("report.read")
def records() -> Any:
    """Show the figures of records and the rates of a period."""
    session, actor = db.session(), current_actor()
    period, refused = asked_period()
    zone = redress().config.timezone
    asked = asked_of(period, zone, redress().runtime.parameters.current(session))
    months = months_of(period)
    can_freeze = all(newest_version(session, month) is not None for month in months)
    is_frozen = can_freeze and request.args.get("state") == "frozen"
    held = frozen_rates(session, actor, period) if is_frozen else rates(session, actor, period, zone)
    return render_template(
        "reports/records.html",
        period=period,
        periods=periods_to_choose(),
        refused=refused,
        found=records_of(session, actor, asked),
        rates=held,
        names=partner_names(session, (each.value or "" for each in held.partners)),
        months=months,
        can_freeze=can_freeze,
        counted=COUNTED,
        measures=measures,
        agreed=agreement_of(session, actor, asked),
        least=LEAST_CODED,
        wanted=WANTED,
        figures=RECORD_FIGURES,
        topics=TOPICS,
        not_counted=NOT_COUNTED,
        verified=last_complete(session),
        leaked=leaks_of(session, asked),
        now=asked.now,
        words_of=record_words,
    )


@blueprint.get("/reports/records/<name>")
@requires("report.read")
def record_list(name: str) -> Any:
    """List the records behind a figure, those that were not counted first."""
    session = db.session()
    period, refused = asked_period()
    asked = asked_of(period, redress().config.timezone, redress().runtime.parameters.current(session))
    found = records_behind(session, current_actor(), name, asked)
    return render_template(
        "reports/record_list.html",
        name=name,
        period=period,
        refused=refused,
        records=found[:MOST_SHOWN],
        count=len(found),
        most=MOST_SHOWN,
        is_chat=name.startswith("chats"),
        people=display_names(session, (each.name for each in found)) if name == "trained" else {},
        words_of_names=record_words.NAMES.get(name, {}),
        figures=RECORD_FIGURES,
        words_of=record_words,
    )


@blueprint.get("/reports/volumes")
@requires("report.read")
def volumes() -> Any:
    """Show what was entered of accounts and amounts lent, with what it corrected."""
    return _volumes()


def _volumes(refused: InvalidInput | None = None) -> str:
    session = db.session()
    found = volume_versions(session, current_actor(), limit=50, cursor=request.args.get("cursor"))
    return render_template(
        "reports/volumes.html",
        rows=found.items,
        next=found.next,
        people=display_names(session, (row["set_by"] for row in found.items)),
        partners=partner_names(session, (row["partner"] for row in found.items)),
        choices=[(each[0], each[1]) for each in partner_choices(session, today())],
        columns=COLUMNS,
        fields=record_words.VOLUME_FIELDS,
        errors=_by_field(refused),
        sent=request.form,
    )


def _by_field(refused: InvalidInput | None) -> dict[str, list[str]]:
    """Return what is wrong by the field of the form; of a file with the number of its row."""
    found: dict[str, list[str]] = {}
    for key, told in (refused.errors if refused else {}).items():
        if key.startswith("rows.") and request.files.get("file"):
            _, place, field = key.split(".", 2)
            said = "; ".join(message(text) for text in told)
            line = gettext(
                "line %(line)s, %(field)s", line=int(place) + 2, field=record_words.VOLUME_FIELDS[field]
            )
            found.setdefault("file", []).append(f"{line}{colon()}{said}")
        else:
            found[key.rpartition(".")[2]] = list(told)
    return {name: told[:5] for name, told in found.items()}


@blueprint.post("/reports/volumes")
@requires("volumes.enter")
def enter() -> Any:
    """Keep the numbers of a month and product, or of a file of them."""
    file = request.files.get("file")
    try:
        rows = rows_of_file(file.read()) if file and file.filename else [dict(request.form.items())]
        new = enter_volumes(redress().runtime, current_actor(), rows)
    except InvalidInput as error:
        db.session.rollback()
        return _volumes(error), 422
    flash(gettext("%(count)s new numbers are kept.", count=new))
    return redirect(url_for("reports.volumes"), code=303)
