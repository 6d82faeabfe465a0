"""`/operations`: incidents, timers and jobs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine.read.operations import incident_list, job_list, operation_counts, timer_list
from web.access import requires
from web.extensions import db

blueprint = Blueprint("operations", __name__, template_folder="templates")
PAGE = 30
VIEWS = {"incidents": incident_list, "timers": timer_list, "jobs": job_list}


@blueprint.get("/operations")
@requires("operation.read")
def index() -> Any:
    """Show one of the three lists, with the counts of all."""
    view = request.args.get("view", "incidents")
    view = view if view in VIEWS else "incidents"
    found = VIEWS[view](db.session(), limit=PAGE, cursor=request.args.get("cursor") or None)  # type: ignore[operator]
    return render_template(
        "operations/index.html",
        view=view,
        rows=found.items,
        next=found.next,
        counts=operation_counts(db.session()),
    )
