"""What is to be told to the regulator opens by itself: nobody has to remember it (R63, R65).

A pass looks at what is due as it stands, not at what happened since the pass before: days on which nothing
ran, a clock that was set and a restart leave nothing out. Each file has a key, so that however many workers
look, one is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.kpi import Period, read_period
from engine.errors import Conflict, InvalidInput
from engine.people.actor import SYSTEM
from engine.quality.files import FILE
from engine.quality.kinds import RETURN
from engine.quality.regulator.due import returns_due
from engine.quality.regulator.opening import may_be_major, open_major_report
from engine.quality.regulator.returns import open_return
from engine.runtime.runtime import Runtime


def open_what_is_due(rt: Runtime) -> int:
    """Open the reports of major events and the periodic returns that are due; return how many.

    A case is to be reported from so many complainants on, or as a grave and urgent one; whoever drafts the
    report may say that it is not, which somebody else approves. A return is opened once its months are
    frozen.
    """
    with rt.sessions.read() as session:
        cases = may_be_major(rt, session, SYSTEM)
        periods = _returns(rt, session)
    verbs: list[Callable[[], object]] = [
        partial(open_major_report, rt, SYSTEM, each["no"], _why(each["complainants"])) for each in cases
    ]
    verbs += [partial(open_return, rt, SYSTEM, period) for period in periods]
    return sum(_opened(verb) for verb in verbs)


def _why(complainants: int) -> str:
    return f"系統開立：投訴人數 {complainants}" if complainants > 1 else "系統開立：一級且緊急"


def _opened(verb: Callable[[], object]) -> bool:
    """Open one; false where another worker was quicker, or where a month of a return is not frozen yet."""
    try:
        verb()
    except (Conflict, InvalidInput):
        return False
    return True


def _returns(rt: Runtime, session: Session) -> list[str]:
    """Return the periods whose return is to be opened: later than the last one, or the newest at all.

    Only returns of periods as long count: a month that somebody returned by hand is not its quarter.
    """
    due = [read_period(each["period"]) for each in returns_due(rt, session)]
    facts = session.scalars(select(FILE.c.facts).where(FILE.c.kind == RETURN.name)).all()
    alike = [each for each in (read_period(each["period"]) for each in facts) if _as_long(each, due)]
    if not alike:
        return [each.name for each in due[-1:]]
    newest = max(each.first for each in alike)
    return [each.name for each in due if each.first > newest]


def _as_long(period: Period, due: Sequence[Period]) -> bool:
    return any(each.months == period.months for each in due)
