"""Inspections: what is drawn can be drawn again, and nobody checks their own work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from engine import clock
from engine.__main__ import cli
from engine.assembly import Redress
from engine.cases.withdrawal import withdraw
from engine.domain.deadlines import last_day_of, local_date
from engine.domain.kpi import month_of
from engine.errors import Forbidden, NotFound
from engine.jobs.passes import run_until_quiet
from engine.quality.kinds import CHECK, INSPECTION
from engine.quality.measure import asked_of
from engine.quality.reading import file_list, one_file, open_files
from engine.quality.records import records_behind
from engine.quality.supervision.frames import FrameParts, kept_frame
from engine.quality.supervision.inspections import begin_inspection, draw_sample
from engine.quality.supervision.redraw import kept_sample, redraw
from engine.runtime.commands import claim
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.quality import QualityFile, QualityFrame, QualityFramePart
from tests.driving import do, drive, open_tasks_of
from tests.world import actor, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")

PLAN = {
    "period_from": "2026-03-01",
    "period_until": "2026-03-31",
    "cases": "both",
    "size": 3,
    "call_back_percent": 100,
    "check_groups": ["handling"],
}


def drawn(redress: Redress, **plan: Any) -> str:
    no = begin_inspection(redress.runtime, actor(redress, "monitor"), seed="4711").no
    do(redress, open_tasks_of(redress, no)[0], "monitor", **PLAN | plan)
    do(redress, open_tasks_of(redress, no)[0], "management")
    run_until_quiet(redress.runtime)
    return no


def test_a_sample_is_drawn_again_and_a_changed_frame_is_noticed(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    for grade in (1, 2, 3, 3, 3, 3):
        number = register(redress, grade=grade).complaint_no
        withdraw(redress.runtime, actor(redress, "agent"), number, "示例")
    no = drawn(redress)
    who = actor(redress, "auditor")
    with redress.sessions.read() as session:
        found = redraw(session, who, no)
        frame = list(kept_frame(session, no))
        kept = kept_sample(session, who, no)
        checks = file_list(session, who, CHECK, parent_no=no).items
        other = redraw(session, who, no, seed="4712")
    assert (found.same, found.frame_intact, found.frame_cases, len(found.cases)) == (True, True, 6, 3)
    assert {each["complaint_no"] for each in checks} == {each["complaint_no"] for each in found.cases}
    assert kept == [{key: each[key] for key in each if key != "key"} for each in found.cases]
    heavy = max(frame, key=lambda row: row.weight)
    assert (heavy.weight, heavy.risks) == (5, ("grade",))
    assert sorted(row.weight for row in frame)[:-1] == [3, 3, 3, 3, 4]  # the same customer again and again
    assert not any(row["call_back"] for row in found.cases)  # none of them has an answer to be asked about
    assert other.seed == "4712"
    if redress.config.is_sqlite:
        monkeypatch.setenv("REDRESS_DATA_DIR", str(redress.config.data_dir))
        monkeypatch.setenv("REDRESS_ENV", "test")
        told = CliRunner().invoke(cli, ["inspection", "redraw", no])
        assert told.exit_code == 0, told.output
        assert found.cases[0]["complaint_no"] in told.output
        assert "same as drawn" in told.output
    first = found.cases[0]["complaint_no"]
    row = update(QualityFrame).where(QualityFrame.file_no == no, QualityFrame.complaint_no == first)
    part = update(QualityFramePart).where(QualityFramePart.file_no == no)
    lighter = FrameParts(no)
    for case in frame:
        lighter.add(replace(case, weight=0.001) if case.no == first else case)
    changes = (
        (row.values(weight=0.001), (False, True)),
        (part.values(content=lighter.rows()[0]["content"]), (False, False)),
        (part.values(content=b"x"), (False, False)),
    )
    for change, (same, intact) in changes:
        with redress.sessions.step() as session:
            session.execute(change)
        with redress.sessions.read() as session:
            found = redraw(session, who, no)
        assert (found.same, found.frame_intact) == (same, intact)


def test_a_sample_is_drawn_once_whoever_was_killed_while_drawing_it(redress: Redress) -> None:
    for _ in range(2):
        drive(redress, register(redress).complaint_no)
    rt, no = redress.runtime, begin_inspection(redress.runtime, actor(redress, "monitor"), seed="7").no
    do(redress, open_tasks_of(redress, no)[0], "monitor", **PLAN)
    do(redress, open_tasks_of(redress, no)[0], "management")
    # as where a worker was killed after the sample was kept, before its job was ended: another does it again
    assert draw_sample(rt, {"business_key": no}) == {"sample_size": 2}
    with redress.sessions.read() as session:
        first = redraw(session, actor(redress, "auditor"), no)
    run_until_quiet(rt)
    with redress.sessions.read() as session:
        again = redraw(session, actor(redress, "auditor"), no)
        checks = file_list(session, actor(redress, "monitor"), CHECK, parent_no=no).items
        assert one_file(session, actor(redress, "monitor"), no)["status"] == "checking"
    assert (again.seed, again.cases, again.same) == (first.seed, first.cases, True)
    assert sorted(each["complaint_no"] for each in checks) == sorted(
        each["complaint_no"] for each in first.cases
    )


def test_who_handled_a_case_neither_checks_it_nor_calls_back(redress: Redress) -> None:
    handled = register(redress).complaint_no
    drive(redress, handled)
    no = drawn(redress)
    with redress.sessions.step() as session:  # the handler has joined the supervision group since
        person = session.scalars(select(Person.id).where(Person.username == "handler")).one()
        session.add(PersonRole(person_id=person, role="supervision-group"))
    with redress.sessions.read() as session:
        (check,) = file_list(session, actor(redress, "monitor"), CHECK, parent_no=no).items
        with pytest.raises(NotFound):
            one_file(session, actor(redress, "agent"), no, INSPECTION)
    assert check["facts"]["call_back"] is True
    (task,) = open_tasks_of(redress, check["no"])
    with pytest.raises(Forbidden, match="you worked on the complaint"):
        claim(redress.runtime, actor(redress, "handler"), task.id)
    do(redress, task, "monitor")
    (task,) = open_tasks_of(redress, check["no"])
    assert task.element_id == "call-customer"
    with pytest.raises(Forbidden, match="you worked on the complaint"):
        claim(redress.runtime, actor(redress, "handler"), task.id)
    do(redress, task, "monitor2")


def test_the_days_to_put_a_finding_right_run_from_when_it_stands_and_again_when_it_is_sent_back(
    redress: Redress,
) -> None:
    drive(redress, register(redress).complaint_no)
    no = drawn(redress, call_back_percent=0)

    def due() -> tuple[str, date | None]:
        with redress.sessions.read() as session:
            row = session.scalars(select(QualityFile).where(QualityFile.kind == "finding")).one()
        return row.status, last_day_of(row.due_at, SHANGHAI) if row.due_at else None

    with redress.sessions.read() as session:
        (check,) = file_list(session, actor(redress, "monitor"), CHECK, parent_no=no).items
    (task,) = open_tasks_of(redress, check["no"])
    finding = {"finding_severity": "minor", "finding_person": "handler", "finding_days": 1}
    do(redress, task, "monitor", findings=[finding])
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        finding_no = session.scalars(select(QualityFile.no).where(QualityFile.kind == "finding")).one()
    assert due() == ("found", None)  # it can still be disputed
    pass_time(redress, days=10)  # nobody answers
    (task,) = open_tasks_of(redress, finding_no)
    status, first = due()
    assert status == "confirmed"
    assert first is not None
    assert task.due_at is not None
    assert last_day_of(task.due_at, SHANGHAI) == first
    assert task.due_at > task.created_at
    do(redress, task, "handler")
    (task,) = open_tasks_of(redress, finding_no)
    pass_time(redress, days=7)  # the verification takes its time
    do(redress, task, "monitor2", verification_decision="return", again_days=3)
    (task,) = open_tasks_of(redress, finding_no)
    status, again = due()
    assert status == "sent_back"
    assert again is not None
    assert again > local_date(clock.now(), SHANGHAI)
    assert task.due_at is not None
    assert last_day_of(task.due_at, SHANGHAI) == again
    do(redress, task, "handler")
    (task,) = open_tasks_of(redress, finding_no)
    do(redress, task, "monitor2", verification_decision="confirm")
    assert due() == ("closed", again)
    with redress.sessions.read() as session:
        asked = asked_of(month_of(first), SHANGHAI)
        (counted,) = records_behind(session, actor(redress, "monitor"), "findings-in-time", asked)
    assert (counted.name, counted.hits) == (finding_no, 0), "in time by its second date alone"
    assert last_day_of(counted.at, SHANGHAI) == first


def test_whom_a_complaint_is_about_does_not_read_what_its_check_found(redress: Redress) -> None:
    register(redress, accused="supervisor")
    no = drawn(redress)
    with redress.sessions.read() as session:
        (check,) = file_list(session, actor(redress, "supervisor2"), CHECK, parent_no=no).items
        assert one_file(session, actor(redress, "supervisor2"), check["no"])["no"] == check["no"]
        about = actor(redress, "supervisor")
        with pytest.raises(NotFound):
            one_file(session, about, check["no"])
        assert file_list(session, about, CHECK, parent_no=no).items == []
        assert redraw(session, about, no).cases == []
        counts = [
            open_files(session, actor(redress, name))["check"] for name in ("supervisor", "supervisor2")
        ]
        assert counts[1] - counts[0] == 1
