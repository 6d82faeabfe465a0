"""The one table from an error to a status and a page; the API and fetch get a problem document (RFC 9457)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Flask, Response, g, make_response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge, default_exceptions

from engine import errors
from engine.read.tasks import knows_of_task
from web import error_page, findings, unsent
from web.extensions import redress
from web.gettext import gettext
from web.gettext import lazy_gettext as _
from web.identity import NotConfirmed, NotLoggedIn, PasswordExpired
from web.messages import message
from web.origin import SentFromElsewhere
from web.uploads import drain

_log = logging.getLogger(__name__)

# Kind, status, title, and what it means for who reads the page (the error itself tells the particulars, in
# English). The first row that the error is an instance of counts, so special ones stand before general ones.
STATUSES: Final[tuple[tuple[type[Exception], int, Any, Any], ...]] = (
    (NotLoggedIn, 401, _("Please log in"), _("Log in, then repeat what you did.")),
    (
        PasswordExpired,
        403,
        _("Choose a password first"),
        _("Your password was handed to you; choose one of your own on your account's page."),
    ),
    (
        NotConfirmed,
        403,
        _("Confirm that it is you"),
        _("It could give somebody at an unattended browser a way in; confirm on your account's page."),
    ),
    (
        CSRFError,
        400,
        _("The form is too old"),
        _("The page was open for too long, or you have logged in again. Load it anew and repeat."),
    ),
    (
        SentFromElsewhere,
        403,
        _("This was sent from another site"),
        _(
            "Nothing was done. Open the page here and send it from there. Did you? Then tell an "
            "administrator: REDRESS_PUBLIC_URL has to be the address that browsers show."
        ),
    ),
    (errors.NotFound, 404, _("Not found"), _("It does not exist, or you may not see it.")),
    (
        errors.Forbidden,
        403,
        _("You may not do this"),
        _("Your role does not allow it, or it is up to somebody else."),
    ),
    (
        errors.Conflict,
        409,
        _("Something has changed meanwhile"),
        _("Somebody else was faster, or the case has moved on. Look at how it stands now."),
    ),
    (errors.TooMany, 429, _("Too many attempts"), _("Wait a while, then try again.")),
    (errors.InvalidInput, 422, _("Some fields need correction"), _("Go back and correct what was entered.")),
    (errors.ModelRefused, 422, _("The model was refused"), _("Correct what is listed and deploy again.")),
    (
        errors.FeelError,
        422,
        _("An expression cannot be evaluated"),
        _("Tell the process owner; nothing was changed."),
    ),
    (
        errors.StepFailed,
        422,
        _("The process could not go on"),
        _("Tell the process owner; nothing was changed."),
    ),
    (errors.TrailBroken, 500, _("The trail does not verify"), _("Tell an auditor at once.")),
    (
        errors.ConfigurationError,
        503,
        _("The system is not set up completely"),
        _("Tell an administrator; `redress doctor` says what is missing."),
    ),
    (errors.RedressError, 500, _("Something went wrong"), _("Tell an administrator.")),
)
_HTTP_TITLES: Final[Mapping[int, Any]] = {
    400: _("The request cannot be read"),
    403: _("You may not do this"),
    404: _("Not found"),
    405: _("This address does not do that"),
    413: _("The file is too large"),
    415: _("The request cannot be read"),
}
_HTTP_MEANINGS: Final[Mapping[int, Any]] = {
    404: _("There is nothing at this address."),
    405: _("This address does not take this method."),
    413: _("It is larger than this system accepts; an administrator can raise the bound."),
    415: _("Send JSON, with the header Content-Type: application/json."),
}
_TOO_OLD: Final = _(
    "The page was open for too long, or you have logged in again since, so nothing was done. Read it through "
    "and send it now."
)
MOST_FINDINGS = 200
_OF_ROWS = (errors.NotFound, errors.Forbidden, errors.Conflict)
RETRY_S = 2


def status_of(error: Exception) -> tuple[int, str]:
    """Return the status and the title (in the language of the request) of an error."""
    for kind, status, title, _meaning in STATUSES:
        if isinstance(error, kind):
            return status, str(title)
    if isinstance(error, HTTPException) and error.code is not None:
        return error.code, str(_HTTP_TITLES.get(error.code, error.name))
    return 500, gettext("Something went wrong")


def meaning_of(error: Exception) -> str:
    """Return what an error of ours means for the reader, in the language of the request; '' for others."""
    return next((str(meaning) for kind, _status, _title, meaning in STATUSES if isinstance(error, kind)), "")


def wants_problem() -> bool:
    """Whether the caller is a program: the API, or a page's own fetch."""
    if request.path.startswith(("/api/", "/gateways/", "/metrics")) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def problem(error: Exception) -> Response:
    """Return the problem document of an error."""
    status, title = status_of(error)
    body: dict[str, Any] = {
        "type": f"urn:redress:{_slug(error)}",
        "title": title,
        "status": status,
        "detail": detail_of(error),
    }
    if isinstance(error, errors.InvalidInput) and error.errors:
        body["errors"] = {path: [message(text) for text in texts] for path, texts in error.errors.items()}
    if isinstance(error, errors.ModelRefused):
        body["findings"] = [findings.told(finding) for finding in error.findings[:MOST_FINDINGS]]
        errors_only = [finding for finding in error.findings if finding.severity == "error"]
        body["errors"] = _by_file(errors_only[:MOST_FINDINGS])
    response = make_response(body, status)
    response.mimetype = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return _with_headers(response, error)


def _with_headers(response: Response, error: Exception) -> Response:
    """Give an answer what its status asks for beside it: which methods there are, when to try again."""
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _by_file(found: Iterable[errors.Finding]) -> dict[str, list[str]]:
    by_file: dict[str, list[str]] = {}
    for finding in found:
        by_file.setdefault(finding.file, []).append(findings.line(finding))
    return by_file


def detail_of(error: Exception) -> str:
    """Return what to tell: our own errors speak for themselves, in the page's language where known."""
    if isinstance(error, CSRFError):
        return gettext(
            "The page was open for too long, or you have logged in again. Load it anew and repeat."
        )
    if isinstance(error, errors.ModelRefused) and error.findings:
        return "\n".join(findings.line(finding) for finding in error.findings[:MOST_FINDINGS])
    if isinstance(error, errors.RedressError):
        return message(error.message)
    if isinstance(error, HTTPException):
        return str(_HTTP_MEANINGS.get(error.code or 0, error.description or ""))
    return ""


def _slug(error: Exception) -> str:
    name = type(error).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _as_far_as_known(error: Exception) -> Exception:
    """Return what is told of a refusal: of a task that the caller may not know of, only what is told of one
    that does not exist, not whose it is, nor what is done in it (R60).
    """
    task_id, actor = (request.view_args or {}).get("task_id"), g.get("past_the_door")
    if task_id is None or actor is None or not isinstance(error, _OF_ROWS):
        return error
    with redress().sessions.read() as session:
        known = knows_of_task(session, actor, task_id)
    return error if known else errors.NotFound("there is no such task, or it is not one that you may see")


def answer(error: Exception) -> Any:
    """Answer an expected error."""
    error = _as_far_as_known(error)
    if isinstance(error, RequestEntityTooLarge):
        drain()
    if wants_problem():
        return problem(error)
    if isinstance(error, NotLoggedIn):
        wanted = request.full_path.rstrip("?") if request.method == "GET" else unsent.wait_for_its_writer()
        if wanted is None and (form := unsent.what_was_sent()) is not None:
            return unsent.page(form, can_send=False), 401
        return redirect(url_for("login.form", next=wanted if wanted not in (None, "/") else None))
    if isinstance(error, NotConfirmed):
        return redirect(url_for("login.confirm", next=error_page.before() or url_for("account.index")))
    if isinstance(error, PasswordExpired):
        return redirect(url_for("account.index"))
    status, title = status_of(error)
    if isinstance(error, CSRFError) and (form := unsent.what_was_sent()) is not None:
        return unsent.page(form, can_send=True, meaning=_TOO_OLD), status
    if isinstance(error, HTTPException):
        meaning = meaning_of(error) or error_page.meaning_of(error)
        page = error_page.show(status, error_page.title_of(error, title), meaning=meaning)
    else:
        detail = detail_of(error)
        page = error_page.show(
            status, title, meaning=meaning_of(error), detail=detail, foreign=detail == str(error)
        )
    return _with_headers(make_response(page, status), error)


def answer_unexpected(error: Exception) -> Any:
    """Answer a mistake of ours: the log gets all of it, the caller a mark to ask about."""
    mark = secrets.token_hex(4)
    _log.error("unexpected error %s at %s %s", mark, request.method, request.endpoint, exc_info=error)
    detail = gettext(
        "The error was recorded under the mark %(mark)s. Tell it to an administrator.", mark=mark
    )
    if wants_problem():
        body = {"type": "about:blank", "title": status_of(error)[1], "status": 500, "detail": detail}
        response = make_response(body, 500)
        response.mimetype = "application/problem+json"
        return response
    meaning = gettext("Go back and look whether it was done before you repeat it.")
    return error_page.show(500, status_of(error)[1], meaning=meaning, detail=detail), 500


def answer_away(error: OperationalError) -> Any:
    """Answer that the database is away, or full: what was asked for may have been done or not.

    Nothing here asks the database again, as the language of the person and the frame of a page would.
    """
    _log.error(
        "the database failed at %s %s: %s", request.method, request.endpoint, type(error.orig).__name__
    )
    g.actor = None
    title = gettext("The database does not answer")
    meaning = gettext(
        "It is not known whether what you asked for was done. Look again in a moment before you repeat it."
    )
    if wants_problem():
        repeat = "Send the request again in a moment; under the same Idempotency-Key it acts once."
        body = {"type": "urn:redress:database-away", "title": title, "status": 503, "detail": repeat}
        response = make_response(body, 503)
        response.mimetype = "application/problem+json"
    else:
        page = error_page.show(503, title, meaning=meaning)
        response = make_response(page, 503)
    response.headers["Retry-After"] = str(RETRY_S)
    return response


def answer_too_large(error: DataError) -> Any:
    """Answer that the database has no room for a value: what was asked for was not done."""
    _log.warning(
        "the database refused a value at %s %s: %s",
        request.method,
        request.endpoint,
        type(error.orig).__name__,
    )
    return answer(errors.InvalidInput("a text is longer, or a number larger, than can be kept; shorten it"))


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DataError, answer_too_large)
    app.register_error_handler(errors.RedressError, answer)
    app.register_error_handler(OperationalError, answer_away)
    for code in default_exceptions:
        if code != 500:
            app.register_error_handler(code, answer)
    app.register_error_handler(500, _unwrapped)


def _unwrapped(error: Exception) -> Any:
    original = getattr(error, "original_exception", None)
    return answer_unexpected(original or error)
