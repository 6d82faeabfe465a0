"""An answer that did not arrive: the handler tells the customer another way (R30, Art. 21)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from engine.errors import FormRefused, NotFound
from engine.people.actor import SYSTEM
from engine.runtime.advance import new_step
from engine.runtime.bundles import find_definition
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.runtime import Instance

RETURNED: Final = "complaint-returned-notice"


def tell_another_way(rt: Runtime, session: Session, no: str) -> None:
    """Begin the task of telling the customer of a case another way, unless one waits already.

    Where the deployed models do not have the process, the contact that failed stands in the case's page.
    """
    try:
        find_definition(session, RETURNED)
    except NotFound:
        return
    if _waits(session, no):
        return
    variables = {"complaint_no": no}
    with new_step(rt, session, RETURNED, SYSTEM, variables=variables, business_key=no) as step:
        step.run()


def require_told(session: Session, no: str) -> None:
    """Raise FormRefused while what came back waits to be told another way (R30, R33)."""
    if _waits(session, no):
        message = (
            "the case cannot be archived yet: what came back is to be told the customer another way first"
        )
        raise FormRefused(message, {"": [message]})


def _waits(session: Session, no: str) -> bool:
    return _WAITING.one_or_none(session, {"complaint": no}) is not None


_INSTANCE = table_of(Instance)
_WAITING = Prepared(
    select(_INSTANCE.c.id)
    .where(
        or_(_INSTANCE.c.state == "active", _INSTANCE.c.state == "suspended"),
        _INSTANCE.c.process_id == RETURNED,
        _INSTANCE.c.business_key == bindparam("complaint"),
    )
    .limit(1)
)
