"""The quality work with many cases, people and files beside few: its pages, trainings that run out, a month
that is frozen, a report that is drafted. What passes over everything may cost in proportion, no more.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import insert, select

from engine import clock
from engine.assembly import Redress
from engine.domain.kpi import read_period
from engine.quality.files import FILE
from engine.quality.freezing import correct
from engine.quality.improvement.measures import propose_measure
from engine.quality.kinds import FINDING
from engine.quality.report.draft import draft
from engine.quality.summary import months_back
from engine.quality.training.expiry import see_to_expiry
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person
from engine.store.tables.runtime import Instance, Task
from engine.store.tables.training import TrainingRecord
from tests.bench.figures import Figure, seconds, size
from tests.bench.lists import Filled
from tests.staff import hire
from tests.world import MONDAY, actor

STAFF: Final = (300, size("STAFF", 3_000))
FILES: Final = (200, size("FILES", 20_000))
OWN: Final = 20
"""So many of the files are the handler's."""
ROUNDS: Final = 20
PAGE_MS: Final = 150
SLACK: Final = 1.5
"""What is linear may measure so many times the growth."""
_VALID: Final = timedelta(days=1)
_COPIED: Final = (table_of(Instance), FILE, table_of(Task))


def quality_figures(name: str, cases: tuple[int, int], both: tuple[Filled, Filled]) -> Iterator[Figure]:
    """Give the figures of two installations with so many cases: pages interleaved, each pass once on either.

    The clock is moved on at the end.
    """
    for each, people, files in zip(both, STAFF, FILES, strict=True):
        _train(each.redress, hire(each.redress, people, trained_until=MONDAY + _VALID))
        _add_files(each.redress, files)
    of_staff, of_files = (f"{many:,} beside {few:,}" for few, many in (STAFF, FILES))
    yield _page(f"page /training/coverage, people {of_staff}, {name}", both, "analyst", "/training/coverage")
    yield _page(f"page /findings for a handler, files {of_files}, {name}", both, "handler", "/findings")
    yield _pass(f"one month frozen, {{}} cases, {name}", cases, [partial(_freeze, each) for each in both])
    yield _pass(
        f"report of a month drafted, {{}} cases, {name}", cases, [partial(_draft, each) for each in both]
    )
    clock.set_to(MONDAY + 2 * _VALID)
    seen_to = [partial(see_to_expiry, each.redress.runtime) for each in both]
    yield _pass(f"expired trainings seen to, {{}} people, {name}", STAFF, seen_to)


def _page(title: str, both: tuple[Filled, Filled], who: str, address: str) -> Figure:
    clients = [each.log_in(who) for each in both]
    for client in clients:
        if client.get(address).status_code != 200:
            raise RuntimeError(f"{address} did not answer")
    times = [[seconds(partial(client.get, address)) * 1000 for client in clients] for _ in range(ROUNDS)]
    baseline, value = (statistics.median(each) for each in zip(*times, strict=True))
    ratio, aim = round(value / baseline, 2), f"at most {PAGE_MS} ms"
    return Figure(title, round(value, 1), "ms", round(baseline, 1), ratio, aim, value <= PAGE_MS)


def _pass(title: str, sizes: tuple[int, int], passes: list[Callable[[], object]]) -> Figure:
    baseline, value = (seconds(each) for each in passes)
    few, many = sizes
    ratio, most = value / baseline, SLACK * many / few
    counts = title.format(f"{many:,} beside {few:,}")
    aim = f"at most {most:g} times"
    return Figure(counts, round(value, 2), "s", round(baseline, 3), round(ratio, 1), aim, ratio <= most)


def _month() -> str:
    return months_back(MONDAY.date(), 3)[-1].name


def _freeze(filled: Filled) -> None:
    correct(filled.redress.runtime, actor(filled.redress, "analyst"), _month(), "bench")


def _draft(filled: Filled) -> None:
    with filled.redress.sessions.read() as session:
        draft(filled.redress.runtime, session, read_period(_month()))


def _train(redress: Redress, usernames: list[str]) -> None:
    """Give each a pass of all contents and two of the law alone."""
    with redress.sessions.step() as session:
        people = session.scalars(select(Person.id).where(Person.username.in_(usernames))).all()
        rows = [
            {
                "id": new_id(),
                "person_id": person_id,
                "contents": contents,
                "held_on": MONDAY.date(),
                "score": 80,
                "passed": True,
                "valid_until": MONDAY + _VALID,
                "source": "entered",
                "recorded_by": "analyst",
                "at": MONDAY,
            }
            for person_id in people
            for contents in (["process", "communication", "law"], ["law"], ["law"])
        ]
        session.execute(insert(TrainingRecord), rows)


def _add_files(redress: Redress, count: int) -> None:
    """Copy a measure, its instance and its task as so many findings, a minute apart."""
    no = propose_measure(redress.runtime, actor(redress, "analyst"), "bench").no
    with redress.sessions.read() as session:
        file = session.execute(select(FILE).where(FILE.c.no == no)).one()._asdict()
        complaint_no = session.scalars(select(Complaint.no).limit(1)).one()
        instances, _, tasks = _COPIED
        instance = session.execute(select(instances).where(instances.c.id == file["instance_id"])).one()
        task = session.execute(select(tasks).where(tasks.c.instance_id == file["instance_id"])).first()
    if task is None:
        raise RuntimeError("a measure begins without a task")
    copies = [_copy(n, count, file, instance._asdict(), task._asdict(), complaint_no) for n in range(count)]
    with redress.sessions.step_engine.begin() as connection:
        for table, rows in zip(_COPIED, zip(*copies, strict=True), strict=True):
            connection.execute(insert(table), list(rows))
        if not redress.sessions.is_sqlite:
            connection.exec_driver_sql("ANALYZE")


def _copy(n: int, count: int, file: Any, instance: Any, task: Any, complaint_no: str) -> tuple[Any, Any, Any]:
    key, no, is_own = new_id(), f"FD-2026-{n:06d}", n % (count // OWN) == 0
    same = {"complaint_no": complaint_no, "instance_id": key}
    about = {"no": no, "kind": FINDING.name, "status": FINDING.first, "source_key": None, "raiser": "monitor"}
    about |= {"owner": "handler" if is_own else "handler2", "opened_by": "monitor"}
    return (
        instance | {"id": key, "business_key": no},
        file | same | about | {"opened_at": MONDAY - timedelta(minutes=n)},
        task | same | {"id": new_id(), "assignee": "handler2", "state": "completed", "kind": ""},
    )
