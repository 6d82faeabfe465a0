"""Why a case was given to somebody by itself, as its trail tells (R19)."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.audit import History

ASSIGNED: Final = "complaint.assigned"


def how_assigned(session: Session, instance_id: str | None) -> dict[str, Any] | None:
    """Return who was given the case of an instance (`handler`, None: nobody was suitable), how each handler
    was judged (`judged`) and for which `skills`; None where it was left to whoever takes it.
    """
    query = select(History.data).where(History.stream == instance_id, History.kind == ASSIGNED)
    kept = session.scalars(query.order_by(History.seq.desc()).limit(1)).first()
    if kept is None:
        return None
    found = orjson.loads(kept)
    return {name: found.get(name) for name in ("handler", "judged", "skills")}
