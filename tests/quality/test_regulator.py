"""What the regulator is told and asks: reports, packs, returns and their corrections (R63-R66)."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.archive.packing import check_archive
from engine.cases.policy import decide_parameter
from engine.domain.complaint import NUMBER_PREFIX
from engine.domain.regulatory_return import COLUMNS, as_csv, check_return
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput
from engine.jobs.passes import run_until_quiet
from engine.quality.freezing import correct, freeze_due, verify_all_frozen
from engine.quality.kinds import KINDS, NUMBER
from engine.quality.reading import one_file
from engine.quality.regulator.by_itself import open_what_is_due
from engine.quality.regulator.due import returns_due, tell_of_returns
from engine.quality.regulator.opening import may_be_major, open_inquiry, open_major_report
from engine.quality.regulator.pack import produce_pack
from engine.quality.regulator.returns import (
    attempt_file,
    attempt_workbook,
    attempts,
    correct_return,
    open_return,
)
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import FrozenCase
from engine.store.tables.people import Notification, Person
from engine.store.tables.quality import QualityFile
from tests.driving import complaint, do, drive, open_tasks_of
from tests.world import MONDAY, actor, pass_time, register

SENT = {"receipt": "R-2026-1"}


def step(redress: Redress, no: str, element: str, by: str, **values: Any) -> None:
    (task,) = (each for each in open_tasks_of(redress, no) if each.element_id == element)
    do(redress, task, by, **values)
    run_until_quiet(redress.runtime)


def file(redress: Redress, no: str) -> QualityFile:
    with redress.sessions.read() as session:
        return session.get_one(QualityFile, no)


def now_text() -> str:
    return clock.now().isoformat(timespec="minutes")


def test_a_major_event_is_reported_in_versions_each_with_approval_receipt_and_date(redress: Redress) -> None:
    rt, compliance = redress.runtime, actor(redress, "compliance")
    case = register(redress, grade=1, urgent=True, legal_risk=True).complaint_no
    plain = register(redress).complaint_no
    with redress.sessions.read() as session:
        found = may_be_major(rt, session, compliance)
    assert [each["no"] for each in found] == [case]
    with pytest.raises(Forbidden):
        open_major_report(rt, actor(redress, "handler"), case, "聲譽影響")
    no = open_major_report(rt, compliance, case, "聲譽影響").no
    with redress.sessions.read() as session:
        assert may_be_major(rt, session, compliance) == []
    with pytest.raises(Conflict, match=f"{case} is reported under {no} already"):
        open_major_report(rt, compliance, case, "再報")
    registered_at = complaint(redress, case).registered_at
    assert file(redress, no).due_at == registered_at + timedelta(hours=24)

    step(redress, no, "draft-report", "compliance", report_kind="interim")
    step(redress, no, "approve-report", "management", report_decision="return")
    step(redress, no, "draft-report", "compliance", report_kind="interim")
    step(redress, no, "approve-report", "management")
    step(redress, no, "send-report", "compliance", sent_at=now_text(), **SENT)
    first = file(redress, no)
    assert (first.status, first.facts["versions"], first.facts["sent_late"]) == ("sent", 1, False)
    assert open_tasks_of(redress, no) == []
    pass_time(redress, days=5)
    with pytest.raises(FormRefused, match=f"{case} is not answered yet: draft a first or interim report"):
        step(redress, no, "draft-report", "compliance", report_kind="final")
    drive(redress, case, until="ask-satisfaction", leave=("draft-report",))
    step(redress, no, "draft-report", "compliance", report_kind="final")
    step(redress, no, "approve-report", "management")
    pass_time(redress, days=4)
    step(redress, no, "send-report", "compliance", sent_at=now_text(), **SENT)
    last = file(redress, no)
    assert (last.status, last.facts["versions"], last.facts["sent_late"]) == ("closed", 2, True)
    assert open_major_report(rt, compliance, plain, "監管點名").no != no


def test_the_pack_of_a_case_leaves_only_after_its_review_and_proves_every_file(redress: Redress) -> None:
    rt, compliance = redress.runtime, actor(redress, "compliance")
    case = register(redress).complaint_no
    asked = {"reference": "函 7", "question": "請提供案件資料。", "received_on": date(2026, 3, 2)}
    no = open_inquiry(rt, compliance, **asked, complaint_no=case).no
    assert file(redress, no).due_at > MONDAY + timedelta(days=6)
    with pytest.raises(Conflict, match="entered under"):
        open_inquiry(rt, compliance, **asked)
    with pytest.raises(InvalidInput) as refused:
        open_inquiry(rt, compliance, reference="", question="x", received_on=date(2027, 1, 1))
    assert sorted(refused.value.errors) == ["received_on", "reference"]
    with pytest.raises(Conflict, match="has not released the pack"):
        produce_pack(rt, compliance, no)
    step(redress, no, "assign-inquiry", "compliance", person="supervisor")
    step(redress, no, "contribute-answer", "supervisor")
    step(redress, no, "review-production", "compliance", personal_reviewed=True, produces_file=True)
    with pytest.raises(Forbidden):
        produce_pack(rt, actor(redress, "management"), no)
    number, pieces = produce_pack(rt, compliance, no)
    packed = io.BytesIO(b"".join(pieces))
    assert number == case
    with redress.sessions.read() as session:
        query = select(History.data).where(History.kind == "pack.sealed")
        manifest = orjson.loads(session.scalars(query).one())["manifest_sha256"]
    assert check_archive(packed, manifest) > 5
    assert "CANARY-CONTENT" in zipfile.ZipFile(packed).read("index.html").decode()
    step(redress, no, "approve-answer", "management")
    step(redress, no, "send-answer", "compliance", sent_at=now_text(), **SENT)
    assert file(redress, no).status == "answered"


def test_items_of_rectification_are_not_numbered_as_complaints_are() -> None:
    assert KINDS["rectification"].series != NUMBER_PREFIX
    assert NUMBER.fullmatch(f"{KINDS['rectification'].series}-2026-0001")
    assert NUMBER.fullmatch("RC-2026-0001"), "those of earlier releases are still files"
    assert not NUMBER.fullmatch("RC-20260302-000001")


def test_a_late_answer_never_counts_as_given_in_time_whatever_is_drawn() -> None:
    timing = {"inquiry_timing": {"late": True}}
    with pytest.raises(Conflict):
        KINDS["inquiry"].check("answered", timing)
    KINDS["inquiry"].check("answered_late", timing)
    with pytest.raises(Conflict):
        KINDS["return"].check("filed", {"generated": {"errors": 1}, "return_sent": SENT})
    with pytest.raises(Conflict):
        KINDS["major_report"].check(
            "closed", {"major_sent": SENT, "major_timing": {"report_kind": "interim"}}
        )


def test_a_return_is_made_of_frozen_figures_checked_mended_filed_and_corrected_by_a_new_one(
    redress: Redress,
) -> None:
    rt, compliance = redress.runtime, actor(redress, "compliance")
    numbers = [register(redress).complaint_no for _ in range(3)]
    damage(redress, numbers[1], category="unheard-of")
    with pytest.raises(InvalidInput, match="not over yet"):
        open_return(rt, compliance, "2026-03")
    clock.set_to(MONDAY + timedelta(days=50))
    with pytest.raises(InvalidInput, match="figures of 2026-03 are not frozen yet"):
        open_return(rt, compliance, "2026-03")
    run_until_quiet(rt)
    correct_or_nothing(redress, "2026-03")
    with redress.sessions.read() as session:
        (due,) = returns_due(rt, session)
        assert (due["period"], due["ready_at"] <= clock.now()) == ("2026-Q1", True)
    assert open_what_is_due(rt) == 0  # January and February are not frozen yet
    assert (tell_of_returns(rt), tell_of_returns(rt)) == (1, 0)
    assert told(redress, "return-due") == {"compliance"}
    no = open_return(rt, compliance, "2026-03").no
    run_until_quiet(rt)
    with redress.sessions.read() as session:
        (first,) = attempts(session, compliance, no)
    assert first["findings"] == [
        {"level": "error", "code": "unknown", "row": 2, "no": numbers[1], "field": "category"}
    ]
    assert versions_of(first) == {"2026-03": 1}
    damage(redress, numbers[1], category="product")
    step(redress, no, "mend-return", "analyst")
    with redress.sessions.read() as session:
        same = attempts(session, compliance, no)[0]
    assert (same["attempt"], same["sha256"], same["findings"]) == (2, first["sha256"], first["findings"])
    correct(rt, actor(redress, "analyst"), "2026-03", "類別更正")
    damage(redress, numbers[2], product="改名後的產品", status="withdrawn")  # after version 2 was frozen
    step(redress, no, "mend-return", "analyst")
    with redress.sessions.read() as session:
        second = attempts(session, compliance, no)[0]
        content = attempt_file(session, compliance, no, 3).decode("utf-8-sig").splitlines()
        book = zipfile.ZipFile(io.BytesIO(attempt_workbook(session, compliance, no, "3")))
        assert verify_all_frozen(session) == []
    assert numbers[0] in book.read("xl/sharedStrings.xml").decode()
    assert (second["attempt"], second["rows"], second["findings"]) == (3, 3, [])
    assert versions_of(second) == {"2026-03": 2}
    assert second["totals"]["category"] == {"business": 2, "product": 1}
    assert "withdrawn" not in second["totals"]["status"]
    assert "改名後的產品" not in "".join(content)
    assert content[0] == ",".join(COLUMNS)
    assert [line.split(",")[0] for line in content[1:]] == numbers
    assert "CANARY" not in "".join(content)
    with pytest.raises(Conflict, match="not filed yet"):
        correct_return(rt, compliance, no, "更正")
    step(redress, no, "approve-return", "management")
    step(redress, no, "file-return", "compliance", sent_at=now_text(), **SENT)
    assert file(redress, no).status == "filed"
    with pytest.raises(Conflict, match=r"same file: the frozen figures of 2026-03 v2"):
        correct_return(rt, compliance, no, "更正")
    correct(rt, actor(redress, "analyst"), "2026-03", "一件已撤回")
    begun = clock.now()
    later = correct_return(rt, compliance, no, "一件已撤回").no
    run_until_quiet(rt)
    with redress.sessions.read() as session:
        found = one_file(session, compliance, later, KINDS["return"])
        (third,) = attempts(session, compliance, later)
        kept = attempts(session, compliance, no)[0]
    assert (found["facts"]["version"], found["parent_no"]) == (2, no)
    assert begun + timedelta(days=20) < found["due_at"] < begun + timedelta(days=40)  # 15 working days
    assert (versions_of(third), third["totals"]["status"]["withdrawn"]) == ({"2026-03": 3}, 1)
    assert (kept["sha256"], versions_of(kept)) == (second["sha256"], {"2026-03": 2})
    with redress.sessions.step() as session:
        session.execute(update(FrozenCase).values(returned=None))  # as an earlier release froze it
    with redress.sessions.read() as session:
        assert verify_all_frozen(session) != []
    with pytest.raises(InvalidInput, match=r"without the rows .* freeze this month again"):
        open_return(rt, compliance, "2026-03")


def versions_of(attempt: dict[str, Any]) -> dict[str, int]:
    return {month: each["version"] for month, each in attempt["frozen"].items()}


def correct_or_nothing(redress: Redress, month: str) -> None:
    """Freeze a month where the chore has not done so."""
    try:
        correct(redress.runtime, actor(redress, "analyst"), month, "示例")
    except Conflict:
        return


def told(redress: Redress, kind: str) -> set[str]:
    with redress.sessions.read() as session:
        query = select(Person.username).join(Notification, Notification.person_id == Person.id)
        return set(session.scalars(query.where(Notification.kind == kind)))


def damage(redress: Redress, no: str, **values: Any) -> None:
    with redress.sessions.step() as session:
        session.execute(update(Complaint).where(Complaint.no == no).values(**values))
        assert session.scalar(select(Complaint.no).where(Complaint.no == no)) == no


def test_every_row_of_a_return_is_checked_and_a_nil_return_is_its_heading_alone() -> None:
    good = dict.fromkeys(COLUMNS) | {
        "number": "C1", "channel": "hotline", "category": "product", "grade": 3, "status": "archived",
        "received_on": date(2026, 3, 2), "due_on": date(2026, 3, 5), "answered_on": date(2026, 3, 4),
        "finding": "partly", "partner": "=cmd|' /C calc'!A0",
    }  # fmt: skip
    assert check_return([good], 1) == []
    bad = good | {"number": "C2", "grade": 4, "answered_on": date(2026, 3, 1), "compensation_cny": -1}
    found = {(each.level, each.code, each.row, each.field) for each in check_return([good, good, bad], 2)}
    assert found == {
        ("error", "twice", 1, "number"),
        ("error", "twice", 2, "number"),
        ("error", "unknown", 3, "grade"),
        ("error", "before_receipt", 3, "answered_on"),
        ("error", "negative", 3, "compensation_cny"),
        ("error", "total", None, None),
    }
    assert "'=cmd" in as_csv([good]).decode()
    assert check_return([], 0) == []
    assert as_csv([]).decode("utf-8-sig").splitlines() == [",".join(COLUMNS)]


def files(redress: Redress, kind: str) -> list[QualityFile]:
    with redress.sessions.read() as session:
        query = select(QualityFile).where(QualityFile.kind == kind).order_by(QualityFile.no)
        return list(session.scalars(query))


def test_reports_of_major_events_open_by_themselves_once_and_end_with_an_approved_reason(
    redress: Redress,
) -> None:
    rt = redress.runtime
    grave = register(redress, grade=1, urgent=True, legal_risk=True).complaint_no
    many = register(
        redress, grade=1, complainants=25, customer={"name": "李四", "phone": "13700000002"}
    ).complaint_no
    register(redress, customer={"name": "張五", "phone": "13700000003"})
    with ThreadPoolExecutor(2) as workers:
        opened = [each.result() for each in [workers.submit(open_what_is_due, rt) for _ in range(2)]]
    assert sum(opened) == 2
    assert open_what_is_due(rt) == 0
    found = {each.complaint_no: each for each in files(redress, "major_report")}
    assert set(found) == {grave, many}
    assert {each.opened_by for each in found.values()} == {"system"}
    no = found[grave].no
    step(redress, no, "draft-report", "compliance", report_kind="none", event_facts="已當面化解。")
    with pytest.raises(Conflict, match="R63"):
        KINDS["major_report"].check("waived", {"major_draft": {"report_kind": "none"}})
    step(redress, no, "approve-report", "management", report_decision="return")
    step(redress, no, "draft-report", "compliance", report_kind="none", event_facts="已當面化解。")
    step(redress, no, "approve-report", "management")
    assert (file(redress, no).status, open_tasks_of(redress, no)) == ("waived", [])
    assert open_what_is_due(rt) == 0  # decided: it does not open again by itself
    again = open_major_report(rt, actor(redress, "compliance"), grave, "監管要求報告").no
    assert file(redress, again).status == "due"


def test_returns_open_by_themselves_whatever_days_were_missed_or_the_clock_did(redress: Redress) -> None:
    rt = redress.runtime
    owner, today = actor(redress, "owner"), MONDAY.date()
    decide_parameter(rt, owner, "regulator.return_months", 1, effective_from=today, reason="示例")
    register(redress)
    for days, expected in ((20, []), (50, ["2026-03"]), (40, ["2026-03"]), (51, ["2026-03"])):
        clock.set_to(MONDAY + timedelta(days=days))
        freeze_due(rt)
        open_what_is_due(rt)
        assert [each.facts["period"] for each in files(redress, "return")] == expected
    clock.set_to(MONDAY + timedelta(days=140))  # nothing ran for three months
    freeze_due(rt)
    assert open_what_is_due(rt) == 3
    assert [each.facts["period"] for each in files(redress, "return")] == [
        "2026-03",
        "2026-04",
        "2026-05",
        "2026-06",
    ]


def test_the_first_quarter_opens_by_itself_though_its_first_months_are_empty(redress: Redress) -> None:
    rt = redress.runtime
    number = register(redress).complaint_no
    clock.set_to(MONDAY + timedelta(days=43))  # a day before March is frozen
    assert (freeze_due(rt), open_what_is_due(rt)) == (0, 0)
    clock.set_to(MONDAY + timedelta(days=45))
    assert freeze_due(rt) == 3
    by_hand = open_return(rt, actor(redress, "compliance"), "2026-03").no  # is not the quarter's
    assert (open_what_is_due(rt), open_what_is_due(rt)) == (1, 0)
    run_until_quiet(rt)
    (opened,) = (each for each in files(redress, "return") if each.no != by_hand)
    with redress.sessions.read() as session:
        (made,) = attempts(session, actor(redress, "compliance"), opened.no)
        content = attempt_file(session, actor(redress, "compliance"), opened.no, 1).decode("utf-8-sig")
    assert opened.facts["period"] == "2026-Q1"
    assert (made["rows"], made["findings"]) == (1, [])
    assert number in content
