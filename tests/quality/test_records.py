"""Figures of what is recorded beside complaints: each counts its records, and lists exactly those."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from engine import clock
from engine.assembly import Redress
from engine.domain.kpi import Proportion, read_period
from engine.errors import Forbidden, NotFound
from engine.quality.measure import asked_of
from engine.quality.records import RECORD_FIGURES, RecordsSeen, records_behind, records_of
from engine.quality.regulator.opening import open_inquiry
from engine.store.base import table_of
from engine.store.tables.channels import Call, CallFigures, HotlineShift
from engine.store.tables.quality import QualityFile
from tests.driving import do, open_tasks_of
from tests.world import MONDAY, actor, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = read_period("2026-03")
DAY = timedelta(days=1)


def seen(redress: Redress) -> RecordsSeen:
    with redress.sessions.read() as session:
        return records_of(session, actor(redress, "analyst"), asked_of(MARCH, SHANGHAI))


def test_every_figure_of_records_is_the_sum_of_what_it_lists(redress: Redress) -> None:
    number = register(redress).complaint_no
    start = MARCH.bounds(SHANGHAI)[0]
    shift = {
        "person": "agent",
        "set_by": "supervisor",
        "set_at": start,
        "removed_by": None,
        "removed_at": None,
    }
    figures = {"answered": 45, "abandoned": 5, "wait_s": 900, "taken_at": MONDAY}
    call = {"at": MONDAY, "answered": True, "wait_s": 5, "recording": None, "taken_at": MONDAY}
    with redress.sessions.step() as session:
        spans = ((start, start + timedelta(hours=12)), (start + DAY, start + 2 * DAY))
        for place, (begins, ends) in enumerate(spans):
            row = {"id": f"shift{place}", "begins_at": begins, "ends_at": ends, **shift}
            session.execute(insert(table_of(HotlineShift)).values(row))
        for begins in (MONDAY, MONDAY - 30 * DAY):
            row = {"begins_at": begins, "ends_at": begins + DAY, "offered": 50, **figures}
            session.execute(insert(table_of(CallFigures)).values(row))
        for place, case in enumerate((number, None)):
            row = {"id": f"call{place}", "is_complaint": True, "complaint_no": case, **call}
            session.execute(insert(table_of(Call)).values(row))
    pass_time(redress, hours=23)  # 8:00 on Tuesday in Shanghai; 36 hours of March had somebody on the roster
    found = seen(redress).shares
    assert found["hotline-answered"] == Proportion(45, 50)
    assert found["hotline-abandoned"] == Proportion(5, 50)
    assert found["calls-with-case"] == Proportion(1, 2)
    covered = found["hotline-covered"]
    assert (covered.hits, covered.of) == (36 * 60, int((clock.now() - start).total_seconds() / 60))
    assert found["trained"].of == found["trained"].hits > 0
    with redress.sessions.read() as session:
        analyst, asked = actor(redress, "analyst"), asked_of(MARCH, SHANGHAI)
        for name in RECORD_FIGURES:
            rows = records_behind(session, analyst, name, asked)
            total = Proportion(sum(each.hits for each in rows), sum(each.of for each in rows))
            assert total == found[name], name
        assert records_behind(session, analyst, "calls-with-case", asked)[0].name == "call1"
        with pytest.raises(NotFound):
            records_behind(session, analyst, "happiness", asked)
        with pytest.raises(Forbidden):
            records_of(session, actor(redress, "handler"), asked)


def test_what_was_told_late_and_closed_late_is_counted_so(redress: Redress) -> None:
    rt, compliance = redress.runtime, actor(redress, "compliance")
    asked = {"reference": "函 7", "question": "請說明。", "received_on": MONDAY.date()}
    no = open_inquiry(rt, compliance, **asked, answer_by=MONDAY.date()).no
    pass_time(redress, days=3)
    do(redress, open_tasks_of(redress, no)[0], "compliance", person="supervisor")
    for _ in range(4):
        task = open_tasks_of(redress, no)[0]
        do(redress, task, task.assignee, sent_at=clock.now().isoformat(timespec="minutes"), receipt="R1")
    with redress.sessions.step() as session:
        row = {"no": "FD-2026-0001", "kind": "finding", "status": "closed", "closed_at": clock.now()}
        given = {**row, "due_at": MONDAY, "facts": {}, "personal": {}, "opened_by": "x", "opened_at": MONDAY}
        file = session.get_one(QualityFile, no)
        session.execute(insert(table_of(QualityFile)).values(given | {"subject_id": file.subject_id}))
    found = seen(redress).shares
    assert found["regulator-in-time"] == Proportion(0, 1)
    assert found["findings-in-time"] == Proportion(0, 1)
    with redress.sessions.step() as session:
        lifted = update(QualityFile).where(QualityFile.kind == "finding")
        session.execute(lifted.values(status="lifted"))
    assert seen(redress).shares["findings-in-time"] == Proportion(0, 0)
