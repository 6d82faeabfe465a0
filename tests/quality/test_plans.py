"""Lists and figures of quality files cost what they show, however many files the years have left behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from engine.assembly import Redress
from engine.domain.kpi import read_period
from engine.people.actor import Actor
from engine.quality.figures import FIGURES
from engine.quality.improvement.register import quality_entries
from engine.quality.kinds import CHECK, FINDING, MAJOR_REPORT
from engine.quality.leaks import count_leaks
from engine.quality.measure import asked_of, cases_behind, measure, measure_one, reckon
from engine.quality.reading import file_list, open_files
from engine.quality.records import RECORD_FIGURES, records_of
from engine.quality.training.reading import coverage_totals, session_list
from engine.read.coverage import coverage_gaps
from engine.read.notices import notice_list, unread_notices
from engine.read.partners import unknown_names
from tests.read.plans import scans, steps
from tests.world import actor

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = read_period("2026-03")
Look = Callable[[Session, Actor], object]


def _records(name: str) -> Look:
    return lambda session, _: list(RECORD_FIGURES[name].rows(session, asked_of(MARCH, SHANGHAI)))


def _seen_by(look: Look, who: Actor, session: Session) -> object:
    return look(session, who)


LOOKS: tuple[tuple[Look, str], ...] = (
    (
        lambda session, who: file_list(session, who, FINDING, status="open"),
        "ix_quality_file_open (kind=?)",
    ),
    (open_files, "ix_quality_file_closed (kind=? AND closed_at=?)"),
    (
        lambda session, who: file_list(session, who, MAJOR_REPORT, complaint_no="RC-1"),
        "ix_quality_file_complaint (complaint_no=? AND kind=?)",
    ),
    (
        lambda session, who: file_list(session, who, CHECK, parent_no="IN-2026-0001"),
        "ix_quality_file_parent (parent_no=? AND kind=?)",
    ),
    (quality_entries, "ix_quality_record_kind (kind=?)"),
    (notice_list, "ix_notification_person (person_id=?)"),
    (unread_notices, "ix_notification_unread (person_id=?)"),
    (unknown_names, "ix_case_measure_partner (partner=?)"),
    (lambda session, _: coverage_gaps(session), "ix_task_assignee_state_due (assignee=? AND state=?)"),
    (
        lambda session, _: measure_one(session, FIGURES["grade-1-decided"], asked_of(MARCH, SHANGHAI)),
        "ix_complaint_notified (notified_at>? AND notified_at<?)",
    ),
    (
        lambda session, who: cases_behind(
            session, who, "satisfaction", MARCH, SHANGHAI, by="channel", value="hotline"
        ),
        "ix_complaint_notified (notified_at>? AND notified_at<?)",
    ),
    (_records("calls-with-case"), "ix_hotline_call_at (at>? AND at<?)"),
    (_records("checks-in-order"), "ix_quality_file_closed (kind=? AND closed_at>? AND closed_at<?)"),
    (_records("findings-in-time"), "ix_quality_file_due (kind=? AND due_at>?)"),
    (_records("measures-in-time"), "ix_quality_record_file (file_no=?)"),
    (_records("measures-effective"), "ix_quality_record_at (kind=? AND at>? AND at<?)"),
    (_records("trail-verified"), "ix_verification_ended (ended_at>? AND ended_at<?)"),
    (
        lambda session, _: count_leaks(session, asked_of(MARCH, SHANGHAI)),
        "ix_leak_written (written_at>? AND written_at<?)",
    ),
    (_records("reveals-with-purpose"), "ix_history_revealed (at>? AND at<?)"),
    (_records("regulator-in-time"), "ix_quality_record_at (kind=? AND at>? AND at<?)"),
)
"""What is looked at, and by which index of SQLite."""


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_each_look_goes_by_the_index_that_holds_what_it_shows(redress: Redress) -> None:
    analyst = actor(redress, "analyst")
    for look, index in LOOKS:
        plan = [step for step, _ in steps(redress, partial(_seen_by, look, analyst))]
        assert any(f"INDEX {index}" in step for step in plan), (index, plan)


@pytest.mark.parametrize(
    "look",
    [
        lambda session, who: records_of(session, who, asked_of(MARCH, SHANGHAI)),
        lambda session, who: measure(session, who, MARCH, SHANGHAI),
        lambda session, who: reckon(session, who, MARCH, SHANGHAI),
        coverage_totals,
        session_list,
        lambda session, _: coverage_gaps(session),
    ],
    ids=["records", "figures", "amounts", "coverage", "sessions", "gaps"],
)
def test_neither_figures_of_a_month_nor_gaps_read_a_whole_table(redress: Redress, look: Look) -> None:
    assert scans(redress, partial(_seen_by, look, actor(redress, "analyst"))) == []
