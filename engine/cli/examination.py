"""The whole examination behind `redress doctor`: the database, its clock, its queues, what was given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine import clock
from engine.assembly import Redress, assemble
from engine.cases.coverage import groups_of_tasks
from engine.cases.drills import PLAN, drill_due
from engine.cases.matrix import deployed_files
from engine.cli.doctor import Finding, disk, worker
from engine.config import Config, prepare_clock
from engine.domain.deadlines import deadline, local_date
from engine.errors import RedressError
from engine.jobs.figures import LATE_AFTER
from engine.jobs.handlers import HANDLERS
from engine.privacy.own_key import require_own_key
from engine.quality.training.reading import without_training
from engine.quality.verification import last_failed
from engine.read.coverage import coverage_gaps
from engine.read.standing import COUNTED_UP_TO, Standing, Waiting, newest_event, standing
from engine.store.migrate import pending, unknown_revision

STUCK_S: Final = 60
OUTSIDE_STUCK_S: Final = 3600
"""Workers outside may take their time; after an hour it is likelier that there is none."""
CLOCKS_APART_S: Final = 5.0
MOVED_S: Final = 60
MOST_NAMED: Final = 10
LONGEST_LIMIT: Final = 15
"""Working days of grade 1, the longest limit (R36): a complaint of today must still be counted surely."""


def examine(settings: Config) -> Iterator[Finding]:
    """Give everything that is wrong or worth knowing, the foundations first."""
    yield from disk(settings)
    if not settings.master_key_file.exists():
        yield Finding(
            f"there is no master key {settings.master_key_file}",
            "put it back from where its copy is kept; for a new installation run `redress init`",
        )
        return
    try:
        prepare_clock(settings)
        redress = assemble(settings)
    except RedressError as error:
        yield Finding("Redress cannot start", str(error))
        return
    try:
        yield from _database(redress)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield Finding(f"the database does not answer ({cause})", "see that it runs, and REDRESS_DATABASE_URL")
    except RedressError as error:
        yield Finding("Redress is not set up completely", str(error))
    finally:
        redress.close()
    yield from worker(settings)


def _database(redress: Redress) -> Iterator[Finding]:
    engine = redress.sessions.step_engine
    if (revision := unknown_revision(engine)) is not None:
        yield Finding(
            f"the database has the migration {revision}, which this version does not know",
            "start the newer version that made it, or restore the backup from before",
        )
        return
    if missing := pending(engine):
        yield Finding(
            f"{len(missing)} migration(s) are not applied, first {missing[0]}", "run `redress init`"
        )
        return
    with redress.sessions.read() as session:
        require_own_key(session, redress.keyring)
        yield from holidays(redress, session)
        yield from clocks(redress, session)
        yield from owners(session)
        yield from untrained(session)
        yield from drills(redress, session)
        yield from verified(session)
        now = standing(session, HANDLERS, late_after=LATE_AFTER)
    if _just_moved(redress.config):
        yield Finding("the clock was moved just now", "look again in a minute for what is late", wrong=False)
    else:
        yield from queues(now)
    yield from failures(now)


def owners(session: Session) -> Iterator[Finding]:
    """Work that nobody can do, open or drawn: a role that nobody has, tasks and cases of who left (R2)."""
    empty = [each for each in groups_of_tasks(session, deployed_files(session)) if not each.members]
    if empty:
        names = ", ".join(each.group for each in empty)
        what = f"the models hand tasks to {names}; nobody active is in it"
        yield Finding(what, "give somebody the role on the page of people", wrong=False)
    for gap in coverage_gaps(session):
        if gap.kind == "group":
            what = f"{gap.count} open task(s) wait for {gap.what}, which nobody active is"
            yield Finding(what, "give somebody the role on the page of people")
        elif gap.kind == "barred":
            what = f"{gap.count} open task(s) wait for {gap.what}, whose every member did what they check"
            yield Finding(what, "give the role to somebody who had nothing to do with those cases")
        else:
            works = "task(s)" if gap.kind == "task" else "complaint(s)"
            what = f"{gap.count} open {works} are of {gap.what}, whose account is closed"
            yield Finding(what, f"run `redress user close {gap.what}`; it gives them back")


def untrained(session: Session) -> Iterator[Finding]:
    """People who handle complaints and hold no valid training: no task is offered them (R67)."""
    names = without_training(session)
    if names:
        shown = ", ".join(names[:MOST_NAMED]) + (
            f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
        )
        yield Finding(
            f"{len(names)} people who handle complaints hold no valid training: {shown}",
            "plan a session under Training, or take the role from who no longer handles complaints",
            wrong=False,
        )


def drills(redress: Redress, session: Session) -> Iterator[Finding]:
    """An emergency plan that nobody has rehearsed for too long (R12)."""
    due = drill_due(redress.runtime, session)
    if due is not None and due <= clock.now():
        what = f"a drill of the emergency plan is due since {local_date(due, redress.config.timezone)}"
        yield Finding(what, f"start {PLAN} with drill = true; its tasks go to supervisors", wrong=False)


def verified(session: Session) -> Iterator[Finding]:
    """A verification of the trail that found something, not followed by a whole one that holds (R70)."""
    failed = last_failed(session)
    if failed is not None:
        yield Finding(
            f"the trail does not verify: {failed.problems[0]} ({failed.found} such in all)",
            "tell an auditor at once; compare with a checkpoint and a backup from before, then run "
            "`redress audit verify`",
        )


def holidays(redress: Redress, session: Session) -> Iterator[Finding]:
    """A year ahead whose holidays are not known: limits that reach into it are provisional."""
    zone = redress.config.timezone
    calendar = redress.runtime.calendars.current(session)
    click.echo(f"{'calendar':<13} {calendar.version}, published to {calendar.horizon}")
    today = local_date(clock.now(), zone)
    year = calendar.horizon.year + 1
    do = f"import the schedule of {year} with `redress calendar import FILE` as soon as it is published"
    last = deadline(clock.now(), LONGEST_LIMIT, calendar, zone)
    if last.provisional:
        yield Finding(f"holidays are known to {calendar.horizon} only; limits of today go beyond", do)
    elif calendar.horizon - today < timedelta(days=60):
        yield Finding(f"holidays are known to {calendar.horizon} only", do, wrong=False)


def clocks(redress: Redress, session: Session) -> Iterator[Finding]:
    """A clock that is strange: behind what has happened already, or apart from the database's."""
    newest = newest_event(session)
    if newest is not None and newest > clock.now() + timedelta(seconds=CLOCKS_APART_S):
        yield Finding(
            f"the clock says {_plain(clock.now())}, but something happened at {_plain(newest)} already",
            "set the machine's clock right (timedatectl) and keep it so (NTP)",
            wrong=not redress.config.clock_settable,
        )
    if not redress.config.is_sqlite:
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        apart = abs((theirs - clock.real_now()).total_seconds())
        if apart > CLOCKS_APART_S:
            yield Finding(
                f"this machine's clock and the database's are {apart:.0f} s apart",
                "keep the clocks of all machines right (NTP)",
            )
    if clock.offset():
        yield Finding(
            f"the clock was set: it is {clock.offset()} ahead",
            "`redress clock set real` goes back",
            wrong=False,
        )


def queues(now: Standing) -> Iterator[Finding]:
    """Work that waits although it could be done: the queue or the tick stands still."""
    if now.own_jobs.oldest_s > STUCK_S:
        yield Finding(
            f"{_many(now.own_jobs)} job(s) wait, the oldest for {_ago(now.own_jobs)}: the queue is stuck",
            "see that `redress work` runs, and its log; one that hangs is stopped and started again",
        )
    if now.outside_jobs.oldest_s > OUTSIDE_STUCK_S:
        yield Finding(
            f"{_many(now.outside_jobs)} job(s) wait for workers outside, one for {_ago(now.outside_jobs)}",
            "see that the programs run that take them with POST /api/v1/jobs/activate",
        )
    if now.late_timers:
        yield Finding(
            f"{now.late_timers} timer(s) are late, one by {_ago(now.due_timers)}: the tick stands still",
            "see that `redress work` runs, and its log; deadlines pass unnoticed until then",
        )


def failures(now: Standing) -> Iterator[Finding]:
    """What was given up and waits for somebody."""
    if now.incidents.count:
        yield Finding(
            f"{_many(now.incidents)} incident(s) are open, the oldest for {_ago(now.incidents)}",
            "see *Operations* or `redress incident list`, mend the cause, then retry",
        )


def _just_moved(settings: Config) -> bool:
    moved: Path = settings.data_dir / "clock.json"
    return settings.clock_settable and moved.exists() and clock.seconds_since_change(moved) < MOVED_S


def _many(waiting: Waiting) -> str:
    return f"{waiting.count}" if waiting.count < COUNTED_UP_TO else f"{COUNTED_UP_TO} or more"


def _ago(waiting: Waiting) -> str:
    seconds = int(waiting.oldest_s)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} seconds"


def _plain(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
