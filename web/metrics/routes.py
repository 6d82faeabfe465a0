"""`/metrics` in the text format of Prometheus, for a token (or a login) that may see how the system runs."""

from __future__ import annotations

from flask import Blueprint, Response, request
from prometheus_client.exposition import choose_encoder

from engine.jobs.figures import StandingCollector
from engine.metrics import registry_with
from web.access import requires
from web.extensions import runtime

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@requires("operation.read")
def index() -> Response:
    """Give what all processes of this host counted, and how things stand in the database."""
    found = registry_with(StandingCollector(runtime()))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(found), content_type=content_type)
