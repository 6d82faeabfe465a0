"""`/complain`, `/track` and `/survey/<token>`: for customers, without an account (R5, R28, R32).

No address holds a number or a secret: what a browser may see is kept in its signed session for a quarter of
an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from engine import clock
from engine.cases.public.complain import MOST_FILES, complain
from engine.cases.public.secrets import tracking_secret
from engine.cases.public.survey import answer_survey, open_survey
from engine.cases.public.track import open_standing, standing_of
from engine.channels.throttle import Bound, count_against, place_of
from engine.documents.media_types import MEDIA_TYPES
from engine.errors import Conflict, InvalidInput, NotFound, TooMany
from web import error_page
from web.access import public
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.language import current_language
from web.portal.schemas import TRAP, once, sent_fields, sent_files
from web.portal.standing import STANDING
from web.uploads import drain
from web.words import SCORES

blueprint = Blueprint("portal", __name__, template_folder="templates")
SHOWN_FOR_S: Final = 15 * 60
_ACCEPTED: Final = ",".join(sorted(end for kind in MEDIA_TYPES for end in kind.extensions))


@blueprint.get("/complain")
@public
def form() -> Any:
    """Show the form."""
    return _form({}, {})


@blueprint.post("/complain")
@public
def send() -> Any:
    """Register a complaint; the same form sent twice registers once."""
    if request.form.get(TRAP):
        return _form(request.form, {TRAP: [gettext("Leave this field empty.")]}), 422
    try:
        _count("complain")
        done = complain(runtime(), redress().vault, _fields(), sent_files(), once())
    except InvalidInput as error:
        return _form(request.form, error.errors, str(error)), 422
    except TooMany as error:
        return _form(request.form, {}, _later(error)), 429, _retry(error)
    _remember("received", done.complaint_no)
    return redirect(url_for("portal.acknowledgement"), code=303)


@blueprint.get("/complain/received")
@public
def acknowledgement() -> Any:
    """Show the acknowledgement: the number, and the secret that goes with it."""
    number = _remembered("received")
    if number is None:
        return redirect(url_for("portal.track"), code=303)
    standing = standing_of(db.session(), redress().keyring, number)
    secret = tracking_secret(redress().keyring, number)
    return render_template("portal/received.html", standing=standing, secret=secret)


@blueprint.get("/track")
@public
def track() -> Any:
    """Show how the case stands whose number and secret this browser gave, else ask for them."""
    number = _remembered("track")
    if number is None:
        return _ask({})
    standing = standing_of(db.session(), redress().keyring, number)
    said, follows = STANDING[standing.status]
    return render_template("portal/standing.html", standing=standing, said=said, follows=follows)


@blueprint.post("/track")
@public
def look() -> Any:
    """Check number and secret, or number and contact. Every refusal is answered alike."""
    try:
        _count("track")
        number = open_standing(
            runtime(), request.form.get("number", "")[:64], request.form.get("proof", "")[:200]
        )
    except NotFound:
        error = gettext("No case has this number together with this secret or contact. Check both.")
        return _ask(request.form, error), 422
    except TooMany as error:
        return _ask(request.form, _later(error)), 429, _retry(error)
    _remember("track", number)
    return redirect(url_for("portal.track"), code=303)


@blueprint.post("/track/leave")
@public
def leave() -> Any:
    """Forget which case this browser looked at."""
    session.pop("track", None)
    session.pop("received", None)
    return redirect(url_for("portal.track"), code=303)


@blueprint.get("/survey/<token>")
@public
def survey(token: str) -> Any:
    """Ask how satisfied the customer is; nothing is chosen beforehand."""
    return _survey(token, {}, {})


@blueprint.post("/survey/<token>")
@public
def rate(token: str) -> Any:
    """Keep the answer."""
    try:
        _count("survey")
        answer_survey(runtime(), token[:64], request.form)
    except InvalidInput as error:
        return _survey(token, request.form, error.errors, status=422)
    except (NotFound, Conflict):
        return _survey(token, {}, {})
    except TooMany as error:
        return *_survey(token, request.form, {}, _later(error), status=429), _retry(error)
    return render_template("portal/thanks.html")


def _form(given: Mapping[str, str], errors: Mapping[str, list[str]], general: str = "") -> str:
    return render_template(
        "portal/complain.html",
        form=given,
        errors=errors,
        general=general,
        trap=TRAP,
        accepted=_ACCEPTED,
        most_files=MOST_FILES,
        most_megabytes=_most_megabytes(),
        token=given.get("token") or secrets.token_hex(16),
    )


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Any:
    """Tell a customer how much fits; what they wrote was not read, and is still on the page before."""
    drain()
    meaning = gettext(
        "Your files are together larger than %(num)d MB. Go back: what you wrote is still there. Choose "
        "fewer or smaller ones, or send us the rest by mail.",
        num=_most_megabytes(),
    )
    title = gettext("The files are too large")
    return error_page.show(413, title, meaning=meaning), 413


def _most_megabytes() -> int:
    return redress().config.upload_limit_bytes // (1024 * 1024)


def _fields() -> dict[str, str]:
    return sent_fields() | {"language": current_language()}


def _ask(given: Mapping[str, str], error: str = "") -> str:
    return render_template("portal/track.html", form=given, error=error)


def _survey(
    token: str, given: Mapping[str, str], errors: Any, general: str = "", *, status: int = 200
) -> tuple[str, int]:
    try:
        asked = open_survey(db.session(), redress().keyring, token[:64])
    except NotFound:
        return render_template("portal/no_survey.html", closed=False), 404
    except Conflict:
        return render_template("portal/no_survey.html", closed=True), 410
    page = render_template(
        "portal/survey.html",
        token=token,
        asked=asked,
        form=given,
        errors=errors,
        general=general,
        scores=SCORES,
    )
    return page, status


def _count(what: str) -> None:
    """Count an attempt of this address, then of everybody. Raises TooMany."""
    config = redress().config
    bounds = [
        Bound(what, place_of(request.remote_addr), config.public_per_hour),
        Bound(what, "", config.public_total_per_hour),
    ]
    count_against(redress().sessions, redress().keyring, bounds)


def _later(error: TooMany) -> str:
    return gettext(
        "Too many attempts from here. What you entered is still below: send it again in %(num)d minutes, "
        "or call our hotline.",
        num=error.retry_after_s // 60 + 1,
    )


def _retry(error: TooMany) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after_s)}


def _remember(what: str, complaint_no: str) -> None:
    session[what] = [complaint_no, _real_now() + SHOWN_FOR_S]


def _remembered(what: str) -> str | None:
    number, until = session.get(what) or (None, 0)
    return number if isinstance(number, str) and _real_now() < until else None


def _real_now() -> int:
    return int(clock.real_now().timestamp())
