"""Where the runtime finds the business record of an instance: a quality file by its number, else a
complaint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases.register import ComplaintRegister
from engine.quality.files import FILE, PENDING, BoundFile, Recorded
from engine.quality.kinds import NUMBER
from engine.quality.reactions import REACTIONS
from engine.runtime.business import BoundCase
from engine.runtime.step import Step


class BusinessRegister(ComplaintRegister):
    """Binds an instance to the file or the complaint whose number is its business key."""

    def bind(self, session: Session, step: Step) -> BoundCase | None:
        """Return the record of the step's instance, locked unless the step only reads."""
        key = step.instance.business_key
        if key is None or not NUMBER.fullmatch(key):
            return super().bind(session, step)

        def react(file: BoundFile, kind: str, values: Mapping[str, Any]) -> None:
            reaction = REACTIONS.get((file.kind.name, kind))
            if reaction is not None:
                reaction(Recorded(session, step, file, values))

        pending = session.info.get(PENDING)
        if pending is not None and pending["no"] == key:
            del session.info[PENDING]
            row = {**pending, "instance_id": step.instance.id}
            return BoundFile(session, step, row, is_new=True, react=react)
        query = select(FILE).where(FILE.c.no == key)
        found = session.execute(query if step.readonly else query.with_for_update()).one_or_none()
        if found is None or found.instance_id != step.instance.id:
            return None  # somebody started a process of their own under that key
        return BoundFile(session, step, dict(found._mapping), react=react)
