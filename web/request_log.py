"""A line in the log and a count for every request, and the id that its lines carry.

The line names the route, not the address: a path or a query may hold what only its reader may know, such as a
survey's token.
"""

from __future__ import annotations

import logging
import re
from contextlib import ExitStack
from typing import Any, Final
from uuid import uuid4

from flask import Flask, Response, g, request

from engine import clock, logs, metrics

HEADER: Final = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET: Final = frozenset({"static", "home.health", "metrics.index"})
_IDS: Final = {
    "no": "complaint_no",
    "instance_id": "instance_id",
    "task_id": "task_id",
    "job_id": "job_id",
    "document_id": "document_id",
}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Begin and end every request of the application with us; to be called before anything refuses one."""
    app.before_request(_begin)
    app.after_request(_answered)
    app.teardown_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _GIVEN.fullmatch(given) else uuid4().hex
    g.request_began = clock.monotonic()
    g.log_context = ExitStack()
    g.log_context.enter_context(logs.belonging_to(request_id=g.request_id))
    arguments = request.view_args or {}
    logs.mark(**{name: arguments[key] for key, name in _IDS.items() if key in arguments})


def _answered(response: Response) -> Response:
    if "request_began" not in g:
        return response
    response.headers[HEADER] = g.request_id
    seconds = clock.monotonic() - g.request_began
    route = request.url_rule.rule if request.url_rule is not None else "none"
    metrics.REQUESTS.labels(request.method, route, response.status_code).observe(seconds)
    if request.endpoint not in _QUIET:
        _tell(response, route, seconds)
    return response


def _tell(response: Response, route: str, seconds: float) -> None:
    actor = g.get("actor")
    said = logs.fields(
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        user=actor.username if actor is not None else None,
    )
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    _log.log(level, "%s %s %s", request.method, route, response.status_code, extra=said)


def _end(_error: Any) -> None:
    if "log_context" in g:
        g.log_context.close()
