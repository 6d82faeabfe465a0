"""Lanes repeat their pass whatever happens in one, and tell when something hangs."""

from __future__ import annotations

import threading

import pytest

from engine import clock
from engine.jobs import lanes
from engine.jobs.lanes import Lane
from engine.jobs.pace import Pace


def test_a_pass_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "TICK_S", 0.001)
    passes = threading.Semaphore(0)

    def work(_stopping: object) -> Pace:
        passes.release()
        raise OSError("the database is away")

    lane = Lane("timers", work)
    lane.start()
    assert all(passes.acquire(timeout=30) for _ in range(3))
    lane.stop()
    assert lane.join(30)


def test_waking_a_lane_does_not_wait_for_its_next_look() -> None:
    passes = threading.Semaphore(0)

    def work(_stopping: object) -> Pace:
        passes.release()
        return Pace(0, 3600)

    lane = Lane("timers", work)
    lane.start()
    for _ in range(3):
        assert passes.acquire(timeout=30)
        lane.wake()
    lane.stop()
    assert lane.join(30)


def test_a_lane_that_hangs_is_told_and_one_that_may_wait_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Semaphore(0), threading.Event()

    def work(_stopping: object) -> Pace:
        entered.release()
        go_on.wait(30)
        return Pace(0, 3600)

    hanging, waiting = Lane("timers", work), Lane("sendings", work, may_wait=True)
    for lane in (hanging, waiting):
        lane.start()
        assert entered.acquire(timeout=30)
    assert not hanging.is_stuck()
    began = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: began + lanes.STUCK_S + 1)
    assert (hanging.is_stuck(), waiting.is_stuck()) == (True, False)
    go_on.set()
    for lane in (hanging, waiting):
        lane.stop()
        assert lane.join(30)
