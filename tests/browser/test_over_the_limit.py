"""The limit passes, while everything runs and while nothing runs: one delay notice each, and no second."""

from __future__ import annotations

import time

from tests.browser.conftest import AtBrowser
from tests.browser.people import Person
from tests.browser.server import Server

NOTICE = "延期說明"
WAIT_S = 60
TWO_TICKS_S = 2.5


def wait_for_notice(person: Person, complaint_no: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while NOTICE not in person.open_case(complaint_no).task_names():
        assert time.monotonic() < deadline, f"no delay notice within {WAIT_S} s"
        time.sleep(0.2)


def expect_one_notice(person: Person, complaint_no: str) -> None:
    assert person.open_case(complaint_no).task_names().count(NOTICE) == 1
    entries = person.open_case(complaint_no).open_trail().wait().entries()
    assert entries.count(f"任務產生：{NOTICE}") == 1


def test_past_the_limit_there_is_one_delay_notice_whether_or_not_anything_ran(
    own_server: Server, at_browser: AtBrowser
) -> None:
    agent, supervisor = at_browser(own_server, "agent"), at_browser(own_server, "supervisor")
    early = agent.register(3)
    assert supervisor.open_case(early).task_names() == ["調查核實"]
    own_server.redress("clock", "set", "2026-03-05T23:58:00+08:00")
    time.sleep(TWO_TICKS_S)
    assert NOTICE not in supervisor.open_case(early).task_names()
    own_server.redress("clock", "set", "2026-03-06T00:00:00+08:00")
    wait_for_notice(supervisor, early)

    own_server.redress("clock", "set", "2026-03-09T09:00:00+08:00")
    late = agent.register(3)
    own_server.stop()
    own_server.redress("clock", "advance", "7d")
    own_server.start()
    wait_for_notice(supervisor, late)
    time.sleep(TWO_TICKS_S)
    for complaint_no in (early, late):
        expect_one_notice(supervisor, complaint_no)
