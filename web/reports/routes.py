"""`/reports`: the register in figures (R52)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from engine import clock, read
from web import words
from web.access import requires
from web.channels import channel_words
from web.extensions import db
from web.identity import current_actor

blueprint = Blueprint("reports", __name__, template_folder="templates")


@blueprint.get("/reports")
@requires("report.read")
def index() -> Any:
    """Show counts by status, grade, category and channel, open and overdue ones beside the total."""
    counts = read.complaint_counts(db.session(), current_actor())
    status = counts["status"]
    totals = {name: sum(row[name] for row in status) for name in ("count", "open", "overdue")}
    return render_template(
        "reports/index.html",
        counts=counts,
        totals=totals,
        at=clock.now(),
        tables=(
            ("grade", words.GRADES),
            ("status", words.STATUSES),
            ("category", words.CATEGORIES),
            ("channel", channel_words()),
        ),
    )
