"""Big tables: a few cases that the engine produced, copied by the database until there are a million.

The copies differ in what lists are sorted and narrowed by: ids, numbers, dates, who has a task. Their history
is not copied: it is read by instance only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from engine.assembly import Redress
from engine.cases.withdrawal import withdraw
from engine.errors import Forbidden
from engine.runtime.commands import claim
from engine.store.base import Base
from engine.store.tables.runtime import Task
from tests.driving import PEOPLE, do, open_tasks
from tests.world import actor, register

STEPS = 8
"""Cases are copied as they stand after 0 to 7 tasks."""
STAFF_TASKS = 20
"""How many open tasks each member of the staff has."""
SPREAD_MINUTES = 90 * 24 * 60
"""Over how many minutes dates are spread."""
RUNNING_FROM = 0x01000000
"""Ids begin with the number of the copy: those of running cases are younger than those of ended ones."""

A_DAY, CASES = 200, 20
"""Copies of a case that are numbered on one day, and so many cases are copied at most."""
_NUMBERED = {
    "day": f"n % {RUNNING_FROM} / {A_DAY} + n / {RUNNING_FROM} * 7300",
    "serial": f"n % {A_DAY} * {CASES}",
}
_COUNT = (
    "INSERT INTO complaint_counter (day, last) SELECT DISTINCT substr(no, 4, 8), :last FROM complaint"
    " WHERE substr(no, 4, 8) NOT IN (SELECT day FROM complaint_counter)"
)

_OF_INSTANCE = "r.instance_id = :instance"
_TABLES = {
    "instance": ("r.id = :instance", {"id": "id", "business_key": "no"}),
    "complaint": (_OF_INSTANCE, {"no": "no", "instance_id": "id"}),
    "task": (_OF_INSTANCE, {"id": "id", "instance_id": "id", "complaint_no": "no"}),
    "task_group": (
        "r.task_id IN (SELECT t.id FROM task t WHERE t.instance_id = :instance)",
        {"task_id": "id", "instance_id": "id", "complaint_no": "no"},
    ),
    "timer": (_OF_INSTANCE, {"id": "id", "instance_id": "id"}),
    "subscription": (_OF_INSTANCE, {"id": "id", "instance_id": "id", "correlation_key": "no"}),
}
_AT, _WHO = (
    ("due_at", "run_at", "received_at", "limit_at", "created_at"),
    ("assignee", "completed_by", "handler"),
)
_KIND = dict.fromkeys(_AT, "at") | dict.fromkeys(_WHO, "who")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database writes what the copies differ in."""

    numbers: str
    forms: dict[str, str]


SQLITE = Dialect(
    "WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last) ",
    {
        "id": "printf('%08x', n) || substr({0}, 9)",
        "no": "'RC-' || strftime('%Y%m%d', '2000-01-01', '+' || ({day}) || ' days')"
        " || printf('-%06d', {serial} + CAST(substr({0}, -6) AS integer))",
        "at": "strftime('%Y-%m-%dT%H:%M:%f000Z', {0}, '+' || (n * 7919 % {minutes}) || ' minutes')",
        "who": "CASE WHEN n % {staff} = 0 OR {0} IS NULL THEN {0} ELSE 'staff' || (n % {staff}) END",
    },
)
POSTGRESQL = Dialect(
    "WITH numbers AS (SELECT generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n) ",
    {
        "id": "lpad(to_hex(n), 8, '0') || substr({0}, 9)",
        "no": "'RC-' || to_char(DATE '2000-01-01' + CAST({day} AS integer), 'YYYYMMDD')"
        " || '-' || lpad(CAST({serial} + CAST(right({0}, 6) AS integer) AS text), 6, '0')",
        "at": "{0} + CAST(n AS bigint) * 7919 % {minutes} * interval '1 minute'",
        "who": SQLITE.forms["who"],
    },
)


def crowd(redress: Redress, instances: int, opened: int) -> None:
    """Add copies until there are about so many instances, `opened` of their tasks open."""
    running, ended = _running(redress), _ended(redress)
    rounds = opened // _count_open(redress, running)
    staff = max(2, opened // (2 * STAFF_TASKS))
    with _copying(redress) as connection:
        _copy(connection, ended, 1, instances - rounds * len(running), staff)
        for instance in running:
            _copy(connection, instance, RUNNING_FROM, rounds, staff)
        connection.execute(text(_COUNT), {"last": A_DAY * CASES})
    _settle(redress)


@contextmanager
def _copying(redress: Redress) -> Iterator[Connection]:
    """Give a connection for one large transaction; indexes are made at its end, which takes less time."""
    indexes = [index for table in _TABLES for index in Base.metadata.tables[table].indexes]
    with redress.sessions.step_engine.begin() as connection:
        if redress.sessions.is_sqlite:
            connection.exec_driver_sql("PRAGMA cache_size=-500000")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # rows fit as they are
            connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        for index in indexes:
            index.drop(connection)
        yield connection
        for index in indexes:
            index.create(connection)


def _settle(redress: Redress) -> None:
    """Do what the database does by itself in the night."""
    raw = redress.sessions.step_engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        if redress.sessions.is_sqlite:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
            connection.autocommit = False
    finally:
        raw.close()


def _running(redress: Redress) -> list[str]:
    """Cases at every step, with the tasks free, and with the tasks taken."""
    found = []
    for number in range(2 * STEPS):
        made = register(redress, grade=1 + number % 3)
        for _ in range(number // 2):
            do(redress, open_tasks(redress, made.complaint_no)[0])
        if number % 2:
            for task in open_tasks(redress, made.complaint_no):
                _take(redress, task)
        found.append(made.instance_id)
    return found


def _take(redress: Redress, task: Task) -> None:
    for name in PEOPLE:
        who = actor(redress, name)
        if not who.roles.isdisjoint(task.candidate_groups):
            try:
                claim(redress.runtime, who, task.id)
            except Forbidden:
                continue
            return


def _ended(redress: Redress) -> str:
    made = register(redress)
    do(redress, open_tasks(redress, made.complaint_no)[0])
    withdraw(redress.runtime, actor(redress, "agent"), made.complaint_no, "客戶撤訴")
    return made.instance_id


def _count_open(redress: Redress, instances: list[str]) -> int:
    with redress.sessions.read() as session:
        query = select(Task.id).where(Task.instance_id.in_(instances), Task.state == "open")
        return len(session.scalars(query).all())


def _copy(connection: Connection, instance: str, first: int, count: int, staff: int) -> None:
    dialect = SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL
    for table, (condition, identities) in _TABLES.items():
        names = [column.name for column in Base.metadata.tables[table].columns]
        values = []
        for name in names:
            form = dialect.forms.get(identities.get(name) or _KIND.get(name, ""), "{0}")
            values.append(form.format(f'r."{name}"', minutes=SPREAD_MINUTES, staff=staff, **_NUMBERED))
        listed = ", ".join(f'"{name}"' for name in names)
        statement = (
            f"INSERT INTO {table} ({listed}) {dialect.numbers}"
            f"SELECT {', '.join(values)} FROM {table} r, numbers WHERE {condition}"
        )
        connection.execute(text(statement), {"instance": instance, "first": first, "last": first + count - 1})
