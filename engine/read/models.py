"""Deployed processes and bundles as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.read.paging import Order, Page, page
from engine.store.tables.models import Bundle, BundleFile, Definition

_BUNDLE = Bundle.__table__.c
_FILE = BundleFile.__table__.c
_DEFINITION = Definition.__table__.c
_COLUMNS = (
    *_DEFINITION,
    _BUNDLE.number.label("bundle_number"),
    _BUNDLE.deployed_at,
    _BUNDLE.deployed_by,
    _BUNDLE.note,
)
_FROM = Definition.__table__.join(Bundle.__table__, _BUNDLE.id == _DEFINITION.bundle_id)
_NEWEST = Order("newest", (_DEFINITION.id,), descending=True)
_BUNDLES = Order("bundles", (_BUNDLE.id,), descending=True)


def definitions(
    session: Session,
    *,
    process_id: str | None = None,
    family: str | None = None,
    bundle_id: str | None = None,
    latest: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return deployed processes, the newest version first; `latest` gives each process once."""
    query = select(*_COLUMNS).select_from(_FROM)
    exact = {
        _DEFINITION.process_id: process_id,
        _DEFINITION.family: family,
        _DEFINITION.bundle_id: bundle_id,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    if latest:
        newest = select(func.max(_BUNDLE.number)).where(_BUNDLE.family == _DEFINITION.family)
        query = query.where(_BUNDLE.number == newest.correlate(Definition.__table__).scalar_subquery())
    return page(session, query, _NEWEST, limit=limit, cursor=cursor)


def latest_bundles(session: Session) -> list[dict[str, Any]]:
    """Return id and family of the newest bundle of every family, by family."""
    newest = (
        select(_BUNDLE.family, func.max(_BUNDLE.number).label("number")).group_by(_BUNDLE.family).subquery()
    )
    query = (
        select(_BUNDLE.id, _BUNDLE.family)
        .join(newest, (newest.c.family == _BUNDLE.family) & (newest.c.number == _BUNDLE.number))
        .order_by(_BUNDLE.family)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def definition(session: Session, definition_id: str) -> dict[str, Any]:
    """Return one deployed process. Raises NotFound."""
    query = select(*_COLUMNS).select_from(_FROM).where(_DEFINITION.id == definition_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such deployed process")
    return dict(row._mapping)


def bundles(
    session: Session, *, family: str | None = None, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return bundles, the newest first, each with its `files` (path and kind)."""
    query = select(*_BUNDLE)
    if family is not None:
        query = query.where(_BUNDLE.family == family)
    found = page(session, query, _BUNDLES, limit=limit, cursor=cursor)
    files: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in found.items}
    if files:
        held = select(_FILE.bundle_id, _FILE.path, _FILE.kind).where(_FILE.bundle_id.in_(sorted(files)))
        for row in session.execute(held.order_by(_FILE.path)):
            files[row.bundle_id].append({"path": row.path, "kind": row.kind})
    return Page([row | {"files": files[row["id"]]} for row in found.items], found.next)
