"""`/contests`: objections to frozen figures: against what, how decided, what was corrected (R48)."""

from __future__ import annotations

from typing import Any

from engine.quality.kinds import CONTEST
from web import measures
from web.access import requires
from web.contested import contested
from web.quality.file import file_page
from web.quality.routes import blueprint
from web.quality.supervision import list_page


@blueprint.get("/contests")
@requires("contest.read")
def contests() -> Any:
    """List the objections."""
    return list_page("quality/contests.html", "quality.contests", CONTEST, measures=measures)


@blueprint.get("/contests/<no>")
@requires("quality.read")
def contest(no: str) -> Any:
    """Show an objection to who raised it and to who may see all of them."""
    return file_page("quality/contest.html", no, CONTEST, contested=contested(no), measures=measures)
