"""`/publications`: what is published of channels and process, and what is still missing (R69, Art. 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quality.kinds import PUBLICATION
from engine.quality.publicity import open_publication, publication_check
from engine.quality.reading import file_list, one_file
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import publicity as schemas
from web.api.schemas.base import page_of
from web.api.schemas.quality import FileQuery, OpenedSchema, WholeFileSchema
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "publicity"


@operation(
    TAG,
    "GET",
    "/publications",
    requires("publicity.read"),
    query=FileQuery,
    answer=page_of(schemas.PublicationSchema),
)
def publication_page(query: Mapping[str, Any]) -> Any:
    """List the publications, the newest first."""
    return file_list(db.session(), current_actor(), PUBLICATION, **query)


@operation(
    TAG, "GET", "/publications/check", requires("publicity.read"), answer=schemas.PublicationCheckSchema
)
def check_publications() -> Any:
    """Hold what is published and valid against the channels of the software, place by place."""
    return {"items": publication_check(runtime(), db.session(), current_actor())}


@operation(TAG, "GET", "/publications/<no>", requires("publicity.read"), answer=WholeFileSchema)
def one_publication(no: str) -> Any:
    """Give one publication with its approvals and proof."""
    return one_file(db.session(), current_actor(), no, PUBLICATION)


@operation(
    TAG,
    "POST",
    "/publications",
    requires("publicity.open"),
    body=schemas.PublicationBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
)
def begin_publication(body: Mapping[str, Any]) -> Any:
    """Begin to publish something; what, where and until when its first task says."""
    return open_publication(runtime(), current_actor(), body["title"], idempotency=idempotency())
