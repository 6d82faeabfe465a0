"""`/` and `/healthz`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for
from sqlalchemy import text

from web.access import logged_in, public
from web.extensions import db

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@logged_in
def index() -> Any:
    """Lead to the task list."""
    return redirect(url_for("tasks.index"))


@blueprint.get("/healthz")
@public
def health() -> Any:
    """Answer 200 once the database answers."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
