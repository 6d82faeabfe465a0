"""`/partners`: third parties that work for the company, and the names that complaints know them by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.people.partners import add_name, save_partner
from engine.read.partners import one_partner, partner_list, unknown_names
from web.access import requires
from web.api.operation import operation
from web.api.schemas import partners as schemas
from web.api.schemas.base import PageQuery, page_of
from web.extensions import db, redress
from web.identity import current_actor

TAG = "partners"


@operation(
    TAG,
    "GET",
    "/partners",
    requires("partner.read"),
    query=PageQuery,
    answer=page_of(schemas.PartnerSchema),
)
def partner_page(query: Mapping[str, Any]) -> Any:
    """List the partners, those whose cooperation has ended too."""
    return partner_list(db.session(), current_actor(), **query)


@operation(TAG, "GET", "/partners/names/unknown", requires("partner.read"), answer=schemas.UnknownNamesSchema)
def unknown() -> Any:
    """List names in complaints that are no partner's yet, with how many cases bear them."""
    found = unknown_names(db.session(), current_actor())
    return {"items": [{"name": name, "cases": cases} for name, cases in found]}


@operation(TAG, "GET", "/partners/<partner_id>", requires("partner.read"), answer=schemas.WholePartnerSchema)
def whole_partner(partner_id: str) -> Any:
    """Give a partner with its names and changes."""
    return one_partner(db.session(), current_actor(), partner_id)


@operation(
    TAG,
    "POST",
    "/partners",
    requires("partner.manage"),
    body=schemas.PartnerBody,
    answer=schemas.WholePartnerSchema,
    status=201,
    errors=(409,),
)
def add_partner(body: Mapping[str, Any]) -> Any:
    """Add a partner."""
    return _saved(body["id"], body, new=True)


@operation(
    TAG,
    "PUT",
    "/partners/<partner_id>",
    requires("partner.manage"),
    body=schemas.PartnerTerms,
    answer=schemas.WholePartnerSchema,
)
def change_partner(body: Mapping[str, Any], partner_id: str) -> Any:
    """Change a partner: what is sent takes the place of what is there."""
    return _saved(partner_id, body, new=False)


@operation(
    TAG,
    "POST",
    "/partners/<partner_id>/names",
    requires("partner.manage"),
    body=schemas.PartnerNameBody,
    answer=schemas.WholePartnerSchema,
    status=201,
)
def name_partner(body: Mapping[str, Any], partner_id: str) -> Any:
    """Let complaints that name the partner so count as its own."""
    with redress().sessions.step() as session:
        add_name(session, current_actor(), partner_id, body["name"])
        return one_partner(session, current_actor(), partner_id)


def _saved(partner_id: str, terms: Mapping[str, Any], *, new: bool) -> Any:
    with redress().sessions.step() as session:
        save_partner(session, current_actor(), partner_id, terms, new=new)
        return one_partner(session, current_actor(), partner_id)
