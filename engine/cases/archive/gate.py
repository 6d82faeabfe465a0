"""What must be there before anything is archived, and the job that seals it afterwards (R33, R34)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from engine.errors import FormRefused
from engine.runtime.outbox import add_jobs, outbox_row
from engine.runtime.runtime import Runtime

ARCHIVE: Final = "archive"
"""The kind of record that the form of the archiving leaves."""
SEAL_JOB: Final = "redress:seal-archive"
"""The type of the job that seals an archive, and later what came after; its payload names the complaint."""
BUNDLES: Final[Mapping[str, tuple[str, ...]]] = {
    "registration": ("registration", "grade_approval"),
    "investigation": ("investigation",),
    "plan": ("plan", "approval", "review", "execution"),
    "notice": ("notice",),
}
"""The four bundles that R34 names, and the kinds of records that belong to each."""
NOT_SENT: Final = "the case cannot be archived yet: the answer is still on its way"
REQUIRED: Final = ("investigation", "plan", "notice")
"""The records without which nothing is archived; the registration is the complaint's own row."""


def require_complete(kinds: Collection[str], *, answered_at: datetime | None) -> None:
    """Raise FormRefused naming the kinds of records that an archive still lacks, or where the answer has not
    left the house yet: a case is archived after it was answered (R33).
    """
    lacking = [kind for kind in REQUIRED if kind not in kinds]
    if lacking:
        message = f"the case cannot be archived yet: no record of {', '.join(lacking)}"
        raise FormRefused(message, {"": [message]})
    if answered_at is None:
        raise FormRefused(NOT_SENT, {"": [NOT_SENT]})


def sealing_of(no: str) -> dict[str, Any]:
    """Return the row of the job that seals the archive of a complaint."""
    return outbox_row(SEAL_JOB, {"complaint_no": no})


def supplement(rt: Runtime, session: Session, row: Mapping[str, Any]) -> None:
    """Have what was just kept of a complaint sealed beside its archive, where it is archived already (R34).

    `row` is the complaint's, locked by the caller.
    """
    if row["archived_at"] is not None:
        add_jobs(rt, session, [sealing_of(row["no"])])
