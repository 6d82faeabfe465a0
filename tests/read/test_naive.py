"""Every list gives what a filter over all rows would, in its order, page by page, few rows or many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock, read
from engine.assembly import Redress
from engine.people.actor import Actor
from engine.read.caselist import OPEN_STATUSES
from engine.store.tables.cases import Complaint
from engine.store.tables.models import Bundle
from engine.store.tables.privacy import DataSubject
from engine.store.tables.runtime import Instance, Task
from tests.chance import SEED
from tests.read.conftest import START, World
from tests.world import actor

PEOPLE = ("handler", "handler2", "agent", "supervisor")
STEPS = {"Investigate": "調查核實", "Approve": "審批方案", "Answer": "答覆客戶"}
GROUPS: tuple[tuple[str, ...], ...] = ((), ("handlers",), ("supervisors",), ("handlers", "agents"))
PRODUCTS = (None, "汽車貸款", "調查分期", "消費貸款")
FAR = START + timedelta(days=3000)
Row = dict[str, Any]


def fill(session: Session, chance: random.Random) -> None:
    """Add cases and tasks of every sort."""
    bundle = {"id": "b1", "family": "naive", "number": 1, "sha256": "0" * 64}
    session.execute(insert(Bundle).values(**bundle, deployed_at=START, deployed_by="owner"))
    session.execute(insert(DataSubject).values(id="s1", key_version=1, index_version=1, created_at=START))
    world = World(session)
    world.definition("other", 1)
    for index in range(1, 41):  # a day's numbers begin with 1
        received_at = START + timedelta(hours=chance.randrange(12))
        state, starter = chance.choice(("active", "active", "suspended")), chance.choice(PEOPLE)
        instance = world.instance(
            process_id=chance.choice(("complaint", "rare")),
            state=state,
            started_by=starter,
            business_key=(no := f"RC-202603{1 + index % 3:02}-{index:06}"),
        )
        world.complaint(
            no,
            instance_id=instance,
            status=chance.choice(("registered", "handling", "handling", "notified", "archived")),
            grade=chance.choice((None, 1, 2, 3)),
            category=chance.choice((None, "service", "other")),
            channel=chance.choice(("hotline", "email")),
            product=chance.choice(PRODUCTS),
            handler=chance.choice((None, *PEOPLE)),
            created_by=chance.choice(PEOPLE),
            accused=chance.choice((None, None, None, "handler", "supervisor")),
            received_at=received_at,
            due_at=received_at + timedelta(hours=chance.choice((-9, 9, 99))),
        )
        for token in range(chance.randrange(4)):
            _task(world, chance, token, no, instance)
    for _ in range(12):
        _task(world, chance, 9, None, world.instance(started_by=chance.choice(PEOPLE)))


def _task(world: World, chance: random.Random, token: int, no: str | None, instance: str) -> None:
    element = chance.choice(tuple(STEPS))
    state = chance.choice(("open", "open", "open", "completed"))
    now, doer = clock.now(), chance.choice(PEOPLE) if state == "completed" else None
    world.task(
        token=token,
        complaint_no=no,
        instance_id=instance,
        element_id=element,
        name=STEPS[element],
        labels={"en": element},
        process_id=chance.choice(("complaint", "other")),
        groups=chance.choice(GROUPS),
        state=state,
        assignee=doer or chance.choice((None, None, *PEOPLE)),  # who completes a task is its assignee
        owner=chance.choice((None, None, None, "handler")),
        completed_by=doer,
        priority=chance.choice((10, 50, 90)),
        due_at=chance.choice((None, now + timedelta(hours=chance.randrange(-5, 5)))),
        follow_up_at=chance.choice((None, None, now + timedelta(hours=chance.choice((-1, 5))))),
        created_at=START + timedelta(minutes=chance.randrange(5)),
    )


@pytest.fixture
def rows(redress: Redress) -> dict[str, list[Row]]:
    """The tables as lists of rows, each task and instance with its case's columns."""
    with redress.sessions.step() as session:
        fill(session, random.Random(SEED))
    with redress.sessions.read() as session:
        return {
            table.__tablename__: [dict(row) for row in session.execute(select(table.__table__)).mappings()]
            for table in (Task, Complaint, Instance)
        }


class Naive:
    """The lists of one person, by looking at every row."""

    def __init__(self, who: Actor, rows: dict[str, list[Row]]) -> None:
        self.who, self.rows = who, rows
        self.cases = {row["no"]: row for row in rows["complaint"]}

    def sees(self, task: Row) -> bool:
        who = self.who
        if self._is_about(task["complaint_no"]) and task["assignee"] != who.username:
            return False
        if who.may("task.read_all"):
            return True
        own = who.username in (task["assignee"], task["owner"], task["completed_by"])
        return own or (task["state"] == "open" and not who.groups.isdisjoint(task["candidate_groups"]))

    def tasks(self, *, sort: str, **wanted: Any) -> list[str]:
        found = [task for task in self.rows["task"] if self.sees(task) and self._fits(task, wanted)]
        keys: dict[str, Callable[[Row], Any]] = {
            "due": lambda task: (task["due_at"] is None, task["due_at"] or FAR, task["id"]),
            "created": lambda task: (task["created_at"], task["id"]),
            "priority": lambda task: (task["priority"], task["created_at"], task["id"]),
            "newest": lambda task: task["id"],
        }
        if wanted.get("state") != "open" and "group" not in wanted and "assignee" not in wanted:
            sort = "newest"
        return [task["id"] for task in sorted(found, key=keys[sort], reverse=sort != "due")]

    def _fits(self, task: Row, wanted: Row) -> bool:
        case = self.cases.get(task["complaint_no"], {})
        waits = task["follow_up_at"] is not None and task["follow_up_at"] > clock.now()
        return all(
            (
                "group" not in wanted or self._waits_for_group(task),
                not wanted.get("unassigned") or task["assignee"] is None,
                "assignee" not in wanted or task["assignee"] == self.who.username,
                "put_off" not in wanted or waits == wanted["put_off"],
                "due_before" not in wanted or (task["due_at"] or FAR) < wanted["due_before"],
                all(_has(word, task, case) for word in wanted.get("text", "").split()),
                *(task[k] == wanted[k] for k in ("state", "process_id", "element_id") if wanted.get(k)),
                *(case.get(k) == wanted[k] for k in ("grade", "category", "channel") if k in wanted),
            )
        )

    def _waits_for_group(self, task: Row) -> bool:
        if task["state"] != "open" or self._is_about(task["complaint_no"]):
            return False
        return not self.who.groups.isdisjoint(task["candidate_groups"])

    def _is_about(self, no: str | None) -> bool:
        return no is not None and self.cases[no]["accused"] == self.who.username

    def register(self, *, sort: str, **wanted: Any) -> list[str]:
        found = [
            case
            for case in self.cases.values()
            if self._concerns(case) and _case_fits(case, self.who, wanted)
        ]
        column = {"received": "received_at", "due": "due_at"}[sort]
        ordered = sorted(found, key=lambda case: (case[column], case["no"]), reverse=sort == "received")
        return [case["no"] for case in ordered]

    def _concerns(self, case: Row) -> bool:
        if self._is_about(case["no"]):
            return False
        if self.who.may("complaint.read_all") or self.who.username in (case["handler"], case["created_by"]):
            return True
        return any(task["complaint_no"] == case["no"] and self.sees(task) for task in self.rows["task"])

    def trail(self, **wanted: Any) -> list[str]:
        cases = {case["instance_id"]: case for case in self.cases.values()}
        found = []
        for instance in self.rows["instance"]:
            case = cases.get(instance["id"], {})
            part = self.who.username in (instance["started_by"], case.get("handler"), case.get("created_by"))
            tasks = [task for task in self.rows["task"] if task["instance_id"] == instance["id"]]
            seen = part or self.who.may("instance.read_all") or any(map(self.sees, tasks))
            seen = seen and not self._is_about(case.get("no"))
            if seen and all(instance[name] == value for name, value in wanted.items()):
                found.append(instance["id"])
        return sorted(found, reverse=True)


def _has(word: str, task: Row, case: Row) -> bool:
    said = f"{task['name']}\n{task['labels']['en']}\n{case.get('product') or ''}".casefold()
    return word.casefold() in said or word.upper() in (task["complaint_no"] or "")


def _case_fits(case: Row, who: Actor, wanted: Row) -> bool:
    handler = who.username if wanted.get("handler") == "me" else wanted.get("handler")
    late = case["due_at"] <= clock.now()
    is_open = case["status"] in OPEN_STATUSES
    return all(
        (
            handler is None or case["handler"] == handler,
            not wanted.get("overdue") or (late and is_open),
            not wanted.get("open_only") or is_open,
            wanted.get("number", "") in case["no"],
            *(case[k] == wanted[k] for k in ("status", "grade", "category", "channel") if k in wanted),
        )
    )


def pages(call: Callable[..., read.Page], key: str, limit: int) -> Iterator[str]:
    """Give the key of each row, page by page."""
    cursor = None
    while True:
        page = call(limit=limit, cursor=cursor)
        yield from (row[key] for row in page.items)
        if (cursor := page.next) is None:
            return


def some(chance: random.Random, choices: dict[str, tuple[Any, ...]], most: int) -> Row:
    """Draw up to so many filters."""
    names = chance.sample(sorted(choices), chance.randrange(most + 1))
    return {name: chance.choice(choices[name]) for name in names}


def wishes(chance: random.Random, now: datetime) -> Iterator[tuple[str, Row]]:
    """Give lists and their filters."""
    texts = ("調查", "審批 貸款", "INVESTIG", "000012", "20260302", "無", "調查 0303", "A 貸款")
    of_tasks: dict[str, tuple[Any, ...]] = {
        "grade": (1, 2, 9),
        "category": ("service", "absent"),
        "channel": ("hotline", "email"),
        "process_id": ("complaint", "other", "none"),
        "element_id": ("Investigate", "Approve", "None"),
        "put_off": (True, False),
        "due_before": (now, now + timedelta(hours=2)),
        "text": texts,
    }
    of_cases: dict[str, tuple[Any, ...]] = {
        "grade": (1, 9),
        "category": ("service", "absent"),
        "channel": ("hotline",),
        "status": ("handling", "notified"),
        "overdue": (True,),
        "open_only": (True,),
        "handler": ("me", "nobody", "handler2"),
        "number": ("000012", "20260302", "ZZZZ", "RC-"),
    }
    of_trail: dict[str, tuple[Any, ...]] = {
        "state": ("active", "suspended", "completed"),
        "process_id": ("rare", "none"),
    }
    tabs: tuple[Row, ...] = ({"assignee": "me"}, {"group": "mine", "unassigned": True}, {}, {"group": "mine"})
    for _ in range(60):
        state = chance.choice(("open", "open", "open", "open", None, "completed"))
        sort = chance.choice(("due", "created", "priority"))
        yield "tasks", {**chance.choice(tabs), **some(chance, of_tasks, 3), "state": state, "sort": sort}
    for _ in range(30):
        yield "register", {**some(chance, of_cases, 2), "sort": chance.choice(("received", "due"))}
    for _ in range(8):
        yield "trail", some(chance, of_trail, 2)


VERBS: dict[str, tuple[Callable[..., read.Page], str]] = {
    "tasks": (read.task_list, "id"),
    "register": (read.complaint_list, "no"),
    "trail": (read.instance_list, "id"),
}


@pytest.mark.parametrize("narrow", [2, 2_000])
def test_every_list_is_what_a_look_at_all_rows_gives(
    redress: Redress, rows: dict[str, list[Row]], monkeypatch: pytest.MonkeyPatch, narrow: int
) -> None:
    monkeypatch.setattr("engine.read.narrow.NARROW", narrow)
    monkeypatch.setattr("engine.read.worklist.NARROW", narrow)
    chance = random.Random(SEED + narrow)
    given = 0
    for kind, wanted in wishes(chance, clock.now()):
        name = chance.choice(("handler", "agent", "supervisor"))
        who = actor(redress, name)
        should = getattr(Naive(who, rows), kind)(**wanted)
        verb, key = VERBS[kind]
        with redress.sessions.read() as session:
            call = lambda limit, cursor: verb(session, who, limit=limit, cursor=cursor, **wanted)  # noqa: B023, E731
            found = list(pages(call, key, chance.choice((3, 9, 100))))
        assert found == should, f"{kind} of {name}: {wanted}"
        given += bool(found)
    assert given > 40
