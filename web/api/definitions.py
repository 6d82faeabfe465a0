"""`/definitions`: the deployed processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import read
from web.access import requires
from web.api.operation import operation
from web.api.schemas import models as schemas
from web.api.schemas.base import page_of
from web.extensions import db
from web.language import label_of


@operation(
    "deployments",
    "GET",
    "/definitions",
    requires("model.read"),
    query=schemas.DefinitionQuery,
    answer=page_of(schemas.DefinitionSchema),
)
def definition_page(query: Mapping[str, Any]) -> Any:
    """List the deployed processes, the newest version first."""
    given = {("bundle_id" if name == "bundle" else name): value for name, value in query.items()}
    found = read.definitions(db.session(), **given)
    return {"items": [row | {"name": label_of(row)} for row in found.items], "next": found.next}
