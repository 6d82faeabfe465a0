"""Messages that came before anybody waited for them, handed over when somebody does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, tuple_, update

from engine.runtime.spiff import Wait
from engine.runtime.spiff.values import from_plain
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.runtime import BufferedMessage

MOST = 100
"""How many buffered messages one step takes at the most: a loop that waits anew each time must end."""

REMEMBERED = timedelta(days=30)
"""How long a message is known by its id after it was caught or expired."""

_BUFFER = table_of(BufferedMessage)
_WAITING = (
    select(_BUFFER.c.id, _BUFFER.c.name, _BUFFER.c.correlation_key, _BUFFER.c.variables)
    .where(
        _BUFFER.c.state == "buffered",
        tuple_(_BUFFER.c.name, _BUFFER.c.correlation_key).in_(bindparam("waits", expanding=True)),
        or_(_BUFFER.c.expires_at.is_(None), _BUFFER.c.expires_at > bindparam("now")),
    )
    .order_by(_BUFFER.c.id)
    .limit(1)
    .with_for_update()
)
_TAKEN = (
    update(_BUFFER)
    .where(_BUFFER.c.id == bindparam("message"))
    .values(state="correlated", correlated=bindparam("instances"), expires_at=bindparam("forgotten"))
)


def take_buffered(step: Step) -> None:
    """Deliver buffered messages to the waits that this step opened, oldest first, and run on."""
    seen = 0
    for _ in range(MOST):
        opened = [
            wait for changes in step.changes[seen:] for wait in changes.opened if wait.kind == "message"
        ]
        seen = len(step.changes)
        if not opened or not _take_one(step, opened):
            return


def _take_one(step: Step, opened: Iterable[Wait]) -> bool:
    waits = {(wait.message_name, wait.correlation_key): wait for wait in opened}
    found = _first(step, waits)
    if found is None:
        return False
    taken = {"message": found.id, "instances": [step.instance.id], "forgotten": step.now + REMEMBERED}
    step.session.connection().execute(_TAKEN, taken)
    step.workflow.deliver_message(waits[found.name, found.correlation_key].token, from_plain(found.variables))
    step.run()
    return True


def _first(step: Step, waits: dict[tuple[str, str], Wait]) -> Row[Any, Any, Any, Any] | None:
    wanted = {"waits": sorted(waits), "now": step.now}
    return step.session.connection().execute(_WAITING, wanted).first()
