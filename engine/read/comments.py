"""Comments of an instance as rows; the words stay references, which the caller opens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.workplace import TaskComment

MOST = 200
_COMMENT = TaskComment.__table__.c


def comments(session: Session, instance_id: str) -> list[dict[str, Any]]:
    """Return the comments of an instance, whose visibility the caller has checked, the oldest first."""
    newest = (
        select(*_COMMENT).where(_COMMENT.instance_id == instance_id).order_by(_COMMENT.id.desc()).limit(MOST)
    )
    return [dict(row._mapping) for row in session.execute(newest)][::-1]
