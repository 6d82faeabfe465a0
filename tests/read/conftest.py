"""A database with the demo's people, two complaints and their tasks, made row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.people.demo import add_demo_people
from engine.store.base import Base
from engine.store.ids import new_id
from engine.store.kinds import NO_TRAITS, OF_COMPLAINT, kind_of, traits_of
from engine.store.sessions import Sessions
from engine.store.tables.cases import Complaint, ComplaintCounter
from engine.store.tables.models import Bundle, Definition
from engine.store.tables.privacy import DataSubject
from engine.store.tables.runtime import Instance, Task, TaskGroup

_OF_TASK = ("element_id", "due_at", "instance_id", "complaint_no", "kind")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("read") / "seed.db"
    sessions = Sessions(f"sqlite:///{path}")
    Base.metadata.create_all(sessions.step_engine)
    with sessions.step() as session:
        add_demo_people(session)
        bundle = {"id": "b1", "family": "complaints", "number": 1, "sha256": "0" * 64}
        session.execute(insert(Bundle).values(**bundle, deployed_at=START, deployed_by="owner"))
        session.execute(insert(DataSubject).values(id="s1", key_version=1, index_version=1, created_at=START))
    sessions.close()
    return path


@pytest.fixture
def session(seed: Path, tmp_path: Path) -> Iterator[Session]:
    copy = tmp_path / "redress.db"
    copy.write_bytes(seed.read_bytes())
    sessions = Sessions(f"sqlite:///{copy}")
    with sessions.step() as opened:
        yield opened
    sessions.close()


@pytest.fixture
def who(session: Session) -> Callable[[str], Actor]:
    return lambda name: load_actor(session, name)


class World:
    """Makes rows with sensible values for everything that a test does not care about."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def instance(self, **values: Any) -> str:
        row = {
            "id": new_id(),
            "process_id": "complaint",
            "bundle_id": "b1",
            "state": "active",
            "version": 1,
            "started_at": START,
            "started_by": "agent",
            "workflow": b"",
        } | values
        self.session.execute(insert(Instance).values(**row))
        return str(row["id"])

    def complaint(self, no: str, **values: Any) -> str:
        due = START + timedelta(days=3)
        row = {
            "no": no,
            "status": "handling",
            "channel": "hotline",
            "preferred_contact": "phone",
            "facts": {},
            "received_at": START,
            "due_at": due,
            "original_due_at": due,
            "statutory_due_at": START + timedelta(days=15),
            "calendar_version": "cn-test",
            "subject_id": "s1",
            "personal": {"content": "personal:x"},
            "created_by": "agent",
            "created_at": START,
        } | values
        self.session.execute(insert(Complaint).values(**row))
        self._count(no)
        return no

    def _count(self, no: str) -> None:
        """Let the day's counter stand where it would after this number."""
        if found := re.fullmatch(r"RC-([0-9]{8})-([0-9]{6})", no):
            day, serial = found.groups()
            last = max(int(serial), getattr(self.session.get(ComplaintCounter, day), "last", 0))
            self.session.merge(ComplaintCounter(day=day, last=last))
            self.session.flush()

    def task(self, *, groups: tuple[str, ...] = ("handlers",), **values: Any) -> str:
        instance_id = values.pop("instance_id", None) or self.instance()
        row = {
            "id": new_id(),
            "instance_id": instance_id,
            "token": 1,
            "element_id": "Investigate",
            "process_id": "complaint",
            "name": "調查核實",
            "labels": {"en": "Investigate"},
            "state": "open",
            "candidate_groups": list(groups),
            "four_eyes": [],
            "due_at": START + timedelta(days=1),
            "created_at": START,
        } | values
        if row.get("completed_by"):
            row.setdefault("assignee", row["completed_by"])  # as `complete` leaves it
        of_case = select(*(getattr(Complaint, name) for name in OF_COMPLAINT))
        found = (
            self.session.execute(of_case.where(Complaint.no == row.get("complaint_no"))).mappings().first()
        )
        row["kind"] = kind_of(
            row["process_id"], row["element_id"], traits_of(dict(found)) if found else NO_TRAITS
        )
        self.session.execute(insert(Task).values(**row))
        if row["state"] == "open":
            for group in groups:
                same = {name: row.get(name) for name in _OF_TASK}
                number = row.get("complaint_no")
                dates = select(Complaint.received_at, Complaint.due_at).where(Complaint.no == number)
                same |= dict(
                    zip(("received_at", "limit_at"), self.session.execute(dates).first() or (), strict=False)
                )
                is_free = row.get("assignee") is None
                values = {"task_id": row["id"], "group_name": group, "is_free": is_free, **same}
                self.session.execute(insert(TaskGroup).values(**values))
        return str(row["id"])

    def definition(self, process_id: str, version: int, bundle_id: str = "b1") -> str:
        row = {"id": new_id(), "process_id": process_id, "version": version, "bundle_id": bundle_id}
        self.session.execute(
            insert(Definition).values(
                **row, family="complaints", file=f"{process_id}.bpmn", name=process_id, labels={}
            )
        )
        return str(row["id"])


@pytest.fixture
def world(session: Session) -> World:
    return World(session)
