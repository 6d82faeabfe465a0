"""Complaints of each grade, from the registration to the archive and its trail, through the pages alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.browser.conftest import AtBrowser
from tests.browser.people import Person
from tests.browser.server import Server

MOST_TASKS = 14
ORDINARY_WAY = [
    ("handler", "調查核實"),
    ("handler", "擬定處理方案"),
    ("supervisor", "主管審批"),
    ("handler", "執行方案"),
    ("handler", "告知結果"),
    ("handler", "詢問滿意度"),
    ("handler", "歸檔"),
]
GRAVEST_WAY = [*ORDINARY_WAY[:3], ("management", "審議處理方案"), *ORDINARY_WAY[3:]]


def carry_to_the_archive(complaint_no: str, people: Iterable[Person]) -> list[tuple[str, str]]:
    """Let whoever may do a task do it, until no task is left; returns who did what."""
    done: list[tuple[str, str]] = []
    standing_by = list(people)
    while len(done) < MOST_TASKS:
        for person in standing_by:
            task = person.open_case(complaint_no).next_task()
            if task is not None:
                task.complete()
                done.append((str(person.username), task.name))
                break
        else:
            return done
    raise AssertionError(f"{complaint_no} does not end: {done}")


def go_the_whole_way(server: Server, at_browser: AtBrowser, grade: int) -> None:
    agent = at_browser(server, "agent")
    complaint_no = agent.register(grade)
    people = [at_browser(server, name) for name in ("handler", "supervisor", "management")]
    done = carry_to_the_archive(complaint_no, people)
    assert done == (GRAVEST_WAY if grade == 1 else ORDINARY_WAY)
    assert agent.open_case(complaint_no).status() == "已歸檔"
    expect_the_trail_to_tell_it(at_browser(server, "auditor"), complaint_no, grade, done)


def expect_the_trail_to_tell_it(
    auditor: Person, complaint_no: str, grade: int, done: list[tuple[str, str]]
) -> None:
    trail = auditor.open_case(complaint_no).open_trail().wait()
    others = {f"handle-grade-{each}" for each in (1, 2, 3) if each != grade}
    passed = trail.marked("done")
    assert {"register", "registered", f"handle-grade-{grade}", "ask-satisfaction", "archive"} <= passed
    assert {"f-received", f"f-grade-{grade}", "f-archived"} <= passed
    assert not passed & (others | {"explain-delay", "confirm-not-complaint"})
    assert trail.marked("active") == trail.marked("failed") == trail.marked("cancelled") == set()
    told = [entry.removeprefix("任務完成：") for entry in trail.entries() if entry.startswith("任務完成：")]
    assert told == ["登記投訴", *(task for _, task in done)]
    trail.show_process("調查與處理")
    assert {"investigate", "propose-plan", "approve-plan", "carry-out"} <= trail.marked("done")
    assert trail.verify_chain().startswith("雜湊鏈")


@pytest.mark.parametrize("grade", [3, 2, 1])
def test_a_complaint_goes_from_registration_to_the_archive(
    server: Server, at_browser: AtBrowser, grade: int
) -> None:
    go_the_whole_way(server, at_browser, grade)


def test_a_complaint_goes_to_the_archive_on_postgresql(
    postgres_server: Server, at_browser: AtBrowser
) -> None:
    go_the_whole_way(postgres_server, at_browser, 1)
