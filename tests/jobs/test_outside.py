"""Workers outside, as they meet the engine: each job to one at a time, its end once, no work for nothing."""

from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.errors import Conflict, StepFailed
from engine.feel import YearsMonths
from engine.jobs.outside import activate_jobs, complete_job
from engine.people.actor import SYSTEM
from engine.store.tables.audit import History
from tests.jobs.dispatched import begin, incidents, job_states, put, put_service, service, states
from tests.runtime.spiff.drawing import END, START, process


def take(redress: Redress, worker: str, most: int = 10, timeout_s: float = 60) -> list[dict[str, object]]:
    return activate_jobs(redress.runtime, "print", most=most, timeout_s=timeout_s, worker=worker)


def test_many_workers_at_once_get_each_job_once(redress: Redress) -> None:
    put_service(redress, "print")
    for _ in range(24):
        begin(redress, "served")
    barrier, taken = threading.Barrier(4), []

    def work(name: str) -> None:
        barrier.wait()
        while jobs := take(redress, name, most=3):
            for job in jobs:
                taken.append(job["id"])
                complete_job(redress.runtime, SYSTEM, str(job["id"]), {}, lock=str(job["lock"]))

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken))
    for job in take(redress, "rest", most=24):  # passed over while another looked at it
        complete_job(redress.runtime, SYSTEM, str(job["id"]), {})
    assert states(redress, "served") == {"completed": 24}
    with redress.sessions.read() as session:
        query = select(func.count()).where(History.kind == "element.completed", History.element_id == "t")
        assert session.scalar(query) == 24


def test_a_worker_is_told_values_of_every_kind_as_plain_json(redress: Redress) -> None:
    put_service(redress, "print")
    begin(
        redress,
        "served",
        amount=Decimal("5000.50"),
        count=Decimal(3),
        huge=Decimal(10) ** 30,
        tiny=Decimal("1e-400"),
        day=date(2026, 3, 2),
        at=datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        hour=time(9, 30),
        wait=timedelta(hours=36),
        months=YearsMonths(14),
        rows=[{"paid": Decimal("0.1")}],
    )
    [job] = take(redress, "w")
    assert job["variables"] == {
        "amount": 5000.5,
        "count": 3,
        "huge": "1.000000000000000000000000000E+30",
        "tiny": "1E-400",
        "day": "2026-03-02",
        "at": "2026-03-02T01:00:00Z",
        "hour": "09:30:00",
        "wait": "P1DT12H",
        "months": "P1Y2M",
        "rows": [{"paid": 0.1}],
    }


def test_what_a_worker_was_late_with_is_taken_while_no_other_has_begun_it(redress: Redress) -> None:
    put_service(redress, "print")
    begin(redress, "served")
    [job] = take(redress, "slow", timeout_s=5)
    clock.advance(timedelta(seconds=30))
    complete_job(redress.runtime, SYSTEM, str(job["id"]), {}, worker="slow", lock=str(job["lock"]))
    assert states(redress, "served") == {"completed": 1}
    with pytest.raises(Conflict, match="ended already"):
        complete_job(redress.runtime, SYSTEM, str(job["id"]), {}, lock=str(job["lock"]))


def test_a_result_that_the_process_cannot_go_on_from_is_an_incident_not_a_circle(redress: Redress) -> None:
    body = START + service("t", "print") + '<b:exclusiveGateway id="x"/>' + END + "s->t;t->x;x->e[good];"
    put(redress, "served", process(body, "served"))
    begin(redress, "served")
    [job] = take(redress, "w")
    with pytest.raises(StepFailed):
        complete_job(redress.runtime, SYSTEM, str(job["id"]), {"good": "perhaps"}, lock=str(job["lock"]))
    clock.advance(timedelta(days=1))
    assert take(redress, "w") == []
    assert job_states(redress) == {"dead": 1}
    [incident] = incidents(redress)
    assert (incident.element_id, "retry the incident" in incident.message) == ("t", True)


def test_a_clock_that_was_ahead_and_is_set_right_leaves_no_job_locked(redress: Redress) -> None:
    from engine.jobs.chores import mend_after_clock

    put_service(redress, "print")
    clock.advance(timedelta(days=30))
    begin(redress, "served")
    begin(redress, "served")
    assert len(take(redress, "w", most=1)) == 1
    clock.advance(timedelta(days=-30))
    assert take(redress, "w") == []
    mend_after_clock(redress.runtime)
    assert len(take(redress, "w")) == 2
