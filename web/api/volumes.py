"""`/volumes`, `/rates`: the business of each month, and complaints held against it (R58)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.kpi import Rate, read_period
from engine.quality.rates import BusinessRate, frozen_rates, rates
from engine.quality.volumes import enter_volumes, volume_versions
from web.access import requires
from web.api.operation import operation
from web.api.schemas import volumes as schemas
from web.api.schemas.base import PageQuery, page_of
from web.extensions import db, redress, runtime
from web.identity import current_actor

TAG = "quality"


@operation(
    TAG,
    "GET",
    "/volumes",
    requires("report.read"),
    query=PageQuery,
    answer=page_of(schemas.VolumeSchema),
)
def volume_page(query: Mapping[str, Any]) -> Any:
    """List what was entered, the newest month first; of a month, product and partner the newest row holds."""
    return volume_versions(db.session(), current_actor(), limit=query["limit"], cursor=query.get("cursor"))


@operation(
    TAG,
    "POST",
    "/volumes",
    requires("volumes.enter"),
    body=schemas.VolumesBody,
    answer=schemas.EnteredSchema,
    status=201,
)
def enter_volume_rows(body: Mapping[str, Any]) -> Any:
    """Enter or correct numbers, all or none; what is kept already is not repeated."""
    return {"new": enter_volumes(runtime(), current_actor(), body["rows"])}


@operation(
    TAG,
    "GET",
    "/rates",
    requires("report.read"),
    query=schemas.RatesQuery,
    answer=schemas.RatesSchema,
)
def business_rates(query: Mapping[str, Any]) -> Any:
    """Give the complaints received in a period to the accounts and amounts of its months, by product and by
    partner.
    """
    session, actor, period = db.session(), current_actor(), read_period(query["period"])
    if query["state"] == "frozen":
        found = frozen_rates(session, actor, period)
    else:
        found = rates(session, actor, period, redress().config.timezone)
    return {
        "total": {"product": None, **_of(found.total)},
        "products": [{"product": each.value, **_of(each)} for each in found.products],
        "left_out": found.left_out,
        "partners": [{"partner": each.value, **_of(each)} for each in found.partners],
        "partners_left_out": found.partners_left_out,
        "versions": dict(found.versions),
    }


def _of(each: BusinessRate) -> dict[str, Any]:
    return {
        "months": list(each.months),
        "per_10000_accounts": _rate(each.accounts),
        "per_million_lent": _rate(each.lent),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "count": rate.count,
        "exposure": rate.exposure,
        "value": rate.value,
        "interval": list(rate.interval) if rate.interval else None,
        "may_rank": rate.may_rank,
    }
