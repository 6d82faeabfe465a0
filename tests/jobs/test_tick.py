"""The tick repeats the chores whatever happens in one pass, and also after the machine's clock was set."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, tzinfo
from typing import Self

import pytest
from apscheduler.schedulers import base

from engine import clock
from engine.jobs import tick
from engine.jobs.tick import Tick


class SetClock(datetime):
    """The wall clock as APScheduler reads it, which the test sets."""

    shift = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:  # type: ignore[override]
        return super().now(tz) + cls.shift


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick, "TICK_S", 0.05)


def test_a_pass_that_fails_is_tried_again_and_none_runs_beside_another() -> None:
    passes, at_work, most = threading.Semaphore(0), [], []

    def work() -> None:
        at_work.append(1)
        most.append(len(at_work))
        passes.release()
        at_work.pop()
        raise OSError("the database is away")

    made = Tick("chores", work)
    made.start()
    assert all(passes.acquire(timeout=30) for _ in range(3))
    made.stop()
    assert made.join(30)
    assert max(most) == 1


def test_what_is_at_work_ends_before_the_worker_does_and_nothing_begins_after() -> None:
    begun, end, passes = threading.Event(), threading.Event(), []

    def work() -> None:
        passes.append(1)
        begun.set()
        end.wait(30)

    made = Tick("chores", work)
    made.start()
    assert begun.wait(30)
    made.stop()
    assert not made.join(0.05)
    end.set()
    assert made.join(30)
    assert passes == [1]


@pytest.mark.parametrize("hours", [-1, 1])
def test_it_goes_on_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    monkeypatch.setattr(base, "datetime", SetClock)
    monkeypatch.setattr(SetClock, "shift", timedelta())
    monkeypatch.setattr(tick, "_wall", lambda: clock.now() - clock.offset() + SetClock.shift)
    passes = threading.Semaphore(0)
    made = Tick("chores", passes.release)
    made.start()
    assert all(passes.acquire(timeout=30) for _ in range(3))
    monkeypatch.setattr(SetClock, "shift", timedelta(hours=hours))
    assert all(passes.acquire(timeout=30) for _ in range(5))
    made.stop()
    assert made.join(30)
