"""What follows from each form of a file: what it takes, who is told, which limit runs (R49, R50)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from engine.domain.deadlines import deadline, local_date
from engine.errors import FormRefused
from engine.people.actor import SYSTEM
from engine.privacy.values import read_values
from engine.quality.accountability.measures import MEASURES, SANCTIONS, is_milder
from engine.quality.accountability.opening import NOTICE
from engine.quality.accountability.parties import check_assessment
from engine.quality.accountability.retention import erase_on
from engine.quality.files import BoundFile, Recorded
from engine.quality.kinds import IMPROVEMENT
from engine.quality.opening import open_file
from engine.runtime.notices import Notice, leave_notice
from engine.store.ids import new_id
from engine.store.tables.people import Person
from engine.store.tables.quality import Sanction


def assessed(done: Recorded) -> None:
    """Check who is to be what, and tell who is next."""
    check_assessment(done.session, done.step.actor, done.file.get("complaint_no"), done.values)
    is_over = done.values["assess_decision"] == "no_fault"
    _tell(done, done.values["decider"] if is_over else done.values["investigator"])


def hearing_opened(done: Recorded) -> None:
    """Let the time for the statement run, and tell the person concerned."""
    done.file.set(due_at=_after(done, "accountability.statement_days"))
    _tell(done, done.file.get("owner"))


def stated(done: Recorded) -> None:
    """Take the statement of the person concerned, or their wish for more time, which they have once."""
    file, values = done.file, done.values
    _only_by_owner(done)
    if values["statement_decision"] == "answered":
        _need(values, ("statement",))
    else:
        _need(values, ("time_reason",))
        if file.get("facts").get("more_time_used"):
            message = "more time was asked for once already"
            raise FormRefused(message, {"statement_decision": [message]})
    _tell(done, file.get("facts").get("investigator"))


def more_time_decided(done: Recorded) -> None:
    """Move the limit of the statement by the working days that are granted, counted from the limit that runs
    (from today where it has passed); who is refused still has until the end of the next working day.
    """
    file, values = done.file, done.values
    if values["more_time_decision"] == "approve":
        days = int(values.get("more_days") or _setting(done, "accountability.statement_days"))
        last = file.get("due_at") - timedelta(microseconds=1)  # due_at is the exclusive end of the last day
        due_at = _in_days(done, days, max(last, done.step.now))
    else:
        due_at = max(file.get("due_at"), _in_days(done, 1))
    file.know(more_time_used=True)
    file.set(due_at=due_at)
    _tell(done, file.get("owner"))


def unheard(done: Recorded) -> None:
    """Note that the person let the time pass: no confession, and no bar to going on."""
    due_at = done.file.get("due_at")
    done.file.keep("silence", {"due_at": due_at}, username=SYSTEM.username)
    _tell(done, done.file.get("facts").get("investigator"))


def proposed(done: Recorded) -> None:
    """Tell the decider."""
    _tell(done, done.file.get("facts").get("decider"))


def decided(done: Recorded) -> None:
    """Check that a decision says everything that it has to; tell who is next."""
    file, values = done.file, done.values
    if values["matter_decision"] != "confirm":
        return
    _need(values, ("measure", "authority", "effective_from"))
    first, last = _day(values["effective_from"]), _day(values.get("effective_until"))
    if first is not None and last is not None and last < first:
        message = "lies before the day from which it is effective"
        raise FormRefused(message, {"effective_until": [message]})
    if values.get("needs_improvement"):
        _need(values, ("improvement_problem",))
    if values["measure"] in SANCTIONS:
        _tell(done, file.get("facts").get("co_decider"))


def decision_told(done: Recorded) -> None:
    """Let the time for an appeal run, and tell the person concerned."""
    done.file.set(due_at=_after(done, "accountability.appeal_days"))
    _tell(done, done.file.get("owner"))


def received(done: Recorded) -> None:
    """Take the answer of the person concerned: an appeal says why."""
    _only_by_owner(done)
    if done.values["receipt_decision"] == "appeal":
        _need(done.values, ("appeal_grounds",))


def appealed(done: Recorded) -> None:
    """Tell who decides the appeal."""
    done.file.set(due_at=None)
    _tell(done, done.file.get("facts").get("appeal_decider"))


def appeal_decided(done: Recorded) -> None:
    """Take only a measure that is milder than the one appealed against."""
    if done.values["appeal_outcome"] != "lighten":
        return
    _need(done.values, ("milder_measure",))
    decided = str(done.file.latest_record("decision")["measure"])  # this very record is the newest appeal's
    if not is_milder(str(done.values["milder_measure"]), decided):
        milder = MEASURES[: MEASURES.index(decided)]
        message = (
            f"an appeal never makes it worse: choose one of {', '.join(milder)}"
            if milder
            else "nothing is milder than what was decided: confirm it or lift it"
        )
        raise FormRefused(message, {"milder_measure": [message]})


def ended(done: Recorded) -> None:
    """Tell the person concerned how it ended, where they were heard."""
    done.file.set(due_at=None)
    if done.file.latest_record("facts"):
        _tell(done, done.file.get("owner"))


def came_into_force(done: Recorded) -> None:
    """Enter a sanction in the register, and open the improvement that was decided with it."""
    ended(done)
    session, step, file = done.session, done.step, done.file
    decision, measure = file.latest_record("decision"), _measure(file)
    file.know(measure=measure)
    if measure in SANCTIONS:
        today = local_date(step.now, step.rt.config.timezone)
        row = {
            "id": new_id(),
            "file_no": file.no,
            "person": file.get("owner"),
            "kind": measure,
            "authority": decision["authority"],
            "decided_by": file.get("facts").get("decider"),
            "decided_at": step.now,
            "effective_from": _day(decision["effective_from"]) or today,
            "effective_until": _day(decision.get("effective_until")),
            "erase_on": erase_on(step.rt, session, today),
            "erased_at": None,
        }
        session.execute(insert(Sanction).values(row))
    if decision.get("needs_improvement"):
        _improve(done, decision["improvement_problem"])


def _improve(done: Recorded, reference: str) -> None:
    """Open a measure that does not say where it comes from: the file knows it, not the other way round."""
    session, step, file = done.session, done.step, done.file
    clear = read_values(session, step.rt.keyring, [reference], subject_id=file.subject_id())
    opened = open_file(
        step.rt,
        session,
        SYSTEM,
        IMPROVEMENT,
        facts={"source": "person", "round": 0},
        personal={"problem": str(clear[reference])},
    )
    file.know(measure_no=opened.no)


def _measure(file: BoundFile) -> str:
    """The measure that holds: of the decision, or the milder one of the appeal."""
    appeal = file.latest_record("appeal")
    milder = appeal.get("milder_measure") if appeal.get("appeal_outcome") == "lighten" else None
    return str(milder or file.latest_record("decision")["measure"])


def _only_by_owner(done: Recorded) -> None:
    if done.step.actor.username != done.file.get("owner"):
        message = "only the person concerned can say this"
        raise FormRefused(message, {"statement_decision": [message]})


def _need(values: Mapping[str, Any], names: Iterable[str]) -> None:
    missing = {name: ["is needed"] for name in names if not values.get(name)}
    if missing:
        raise FormRefused("something is missing: see the fields", missing)


def _day(value: Any) -> date | None:
    if not value:
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _setting(done: Recorded, name: str) -> int:
    day = local_date(done.step.now, done.step.rt.config.timezone)
    return done.step.rt.parameters.current(done.session).value(name, day)


def _after(done: Recorded, name: str) -> datetime:
    return _in_days(done, _setting(done, name))


def _in_days(done: Recorded, days: int, since: datetime | None = None) -> datetime:
    rt = done.step.rt
    calendar = rt.calendars.current(done.session)
    return deadline(since or done.step.now, days, calendar, rt.config.timezone).due_at


def _tell(done: Recorded, username: Any) -> None:
    """Tell somebody that a confidential matter waits for them."""
    person = done.session.scalar(select(Person.id).where(Person.username == username, Person.active))
    if person is not None:
        leave_notice(done.step.rt, done.session, [person], Notice(NOTICE, new_id()))
