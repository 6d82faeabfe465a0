"""`/quality`: what supervision and improvement have in hand, and the way to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, render_template

from engine.quality.reading import open_files
from web.access import requires
from web.extensions import db
from web.identity import current_actor
from web.quality import terms

LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "inspection": ("quality.inspections", "supervision.read_all"),
    "finding": ("quality.findings", "supervision.read"),
    "coding": ("quality.codings", "coding.read"),
    "conformance": ("quality.conformance", "supervision.read_all"),
    "contest": ("quality.contests", "contest.read"),
    "improvement": ("quality.measures", "improvement.read"),
    "publication": ("quality.publications", "publicity.read"),
    "regulator": ("quality.matters", "regulator.read"),
    "accountability": ("quality.accountability", "accountability.read"),
    "own": ("quality.own_matters", "accountability.read"),
}
"""What the landing page leads to: the list's endpoint, and the permission without which it is not shown."""
blueprint = Blueprint("quality", __name__, template_folder="templates")


@blueprint.get("/quality")
@requires("quality.read")
def index() -> Any:
    """Show how many files of each kind are open to the caller, and what each kind is for."""
    actor = current_actor()
    counts = open_files(db.session(), actor)
    entries = [
        {
            "name": name,
            "endpoint": endpoint,
            "title": terms.KINDS[name],
            "meaning": terms.MEANINGS[name],
            "count": counts.get(name),
        }
        for name, (endpoint, permission) in LISTS.items()
        if actor.may(permission)
    ]
    return render_template("quality/index.html", entries=entries)
