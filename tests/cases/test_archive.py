"""The archive of an answered complaint: whole, sealed, readable without us, kept, held, destroyed by two."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from engine import clock
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.cases.another_way import tell_another_way
from engine.cases.archive import retention
from engine.cases.archive.chain import chain_of, check_chain, listed
from engine.cases.archive.gate import require_complete
from engine.cases.archive.packing import check_archive
from engine.cases.archive.page import Reading, case_page
from engine.cases.archive.seal import seal_archive
from engine.cases.erasure import erase_customer
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.cases.second_review import request_review
from engine.documents.register import open_document, store_document
from engine.domain.retention import RetentionClass, retain_until
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput, NotFound, SealBroken
from engine.jobs.passes import run_until_quiet
from engine.read.archives import archive_list, archive_of
from engine.store.tables.archive import Archive
from engine.store.tables.cases import CaseRecord
from tests.driving import complaint, do, drive, open_tasks
from tests.world import actor, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")


def archived(redress: Redress) -> str:
    """Drive a complaint with a document to its sealed archive; return its number."""
    number = register(redress).complaint_no
    with redress.sessions.step() as session:
        store_document(
            session,
            redress.vault,
            io.BytesIO("一封信".encode()),
            "信.txt",
            "text/plain",
            actor(redress, "handler"),
            complaint_no=number,
        )
    drive(redress, number)
    run_until_quiet(redress.runtime)
    return number


def content(redress: Redress, number: str) -> bytes:
    with redress.sessions.read() as session:
        row = session.get_one(Archive, number)
        with open_document(session, redress.vault, row.document_id).content as file:
            return bytes(file.read())


def test_the_archive_is_whole_and_is_read_with_what_every_computer_has(
    redress: Redress, tmp_path: Path
) -> None:
    number = archived(redress)
    raw = content(redress, number)
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        opened.extractall(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert manifest["complaint_no"] == number
    assert manifest["bundles"] == dict.fromkeys(("registration", "investigation", "plan", "notice"), True)
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True
    )
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "王小明CANARY" in page
    assert "CANARY-CONTENT" in page
    told = dict(re.findall("<dt>([^<]*)</dt><dd>([^<]*)", page))
    assert (told["收到時間 Received"], told["緊急 Urgent"]) == ("2026-03-02 09:00", "否 No")
    assert (told["制度期限 Limit of the policy"], told["調查結論"]) == ("2026-03-05 24:00", "屬實")
    keys, values = r"<dt>[a-z_0-9]+(?: \d+)?</dt>", r"<dd>(?:True|False|[\d-]+[T ][\d:.]+(?:\+00:00|Z))</dd>"
    assert re.findall(f"{keys}|{values}", page) == []
    letters = list((tmp_path / "documents").iterdir())
    assert [letter.read_bytes() for letter in letters] == ["一封信".encode()]
    assert "personal:" not in (tmp_path / "case.json").read_text(encoding="utf-8")
    models = {path.name for path in (tmp_path / "models").rglob("*.bpmn")}
    assert {"complaint.bpmn", "handling.bpmn"} <= models
    lines = [
        json.loads(line) for path in (tmp_path / "trail").iterdir() for line in path.read_text().splitlines()
    ]
    assert any(line["kind"] == "task.completed" for line in lines)


@pytest.mark.parametrize(
    "given", ["2026-99-99T99:99Z", "0001-01-01T00:00+14:00", "9999-12-31T23:59Z", "True"]
)
def test_a_text_that_only_looks_like_an_instant_stays_as_somebody_wrote_it(given: str) -> None:
    case = {"complaint": {"no": given}, "records": [], "contacts": [], "extensions": [], "survey": []}
    page = case_page(case, [], Reading({}, ZoneInfo("Asia/Shanghai")))
    assert f"<dd>{given}</dd>" in page


def test_nothing_of_it_is_on_disk_in_clear_and_the_trail_names_its_manifest(redress: Redress) -> None:
    number = archived(redress)
    with redress.sessions.read() as session:
        row = session.get_one(Archive, number)
        sealed = session.execute(text("SELECT data FROM history WHERE kind = 'archive.sealed'")).scalar_one()
        assert verify(session).problems == []
    assert row.manifest_sha256 in sealed
    for file in redress.vault.root.rglob("*"):
        if file.is_file():
            assert b"CANARY" not in file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content(redress, number))) as opened:
        assert hashlib.sha256(opened.read("manifest.json")).hexdigest() == row.manifest_sha256


def test_what_comes_after_the_sealing_supplements_the_archive_in_a_chain(redress: Redress) -> None:
    number = archived(redress)
    rt, sealed = redress.runtime, content(redress, number)
    for score, day in ((2, 1), (5, 2)):
        pass_time(redress, days=day)
        answer_survey(rt, survey_token(rt.keyring, number), {"score": score, "comment": "CANARY 之後"})
        run_until_quiet(rt)
    assert content(redress, number) == sealed
    with redress.sessions.read() as session:
        chain = chain_of(session, number)
        assert [link.number for link in chain] == [0, 1, 2]
        assert check_chain(session, redress.vault, number) == 3
        assert verify(session).problems == []
        shown = archive_of(session, actor(redress, "compliance"), number)
        with open_document(session, redress.vault, chain[1].document_id).content as file:
            raw = file.read()
    assert [each["follows_sha256"] for each in shown["supplements"]] == [
        link.manifest_sha256 for link in chain[:2]
    ]
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        names = set(opened.namelist())
        (answer,) = json.loads(opened.read("messages/survey.json"))
        said = json.loads(opened.read("manifest.json"))["supplement"]
    assert (answer["score"], answer["comment_ref"]) == (2, "CANARY 之後")
    assert said == {"number": 1, "follows_manifest_sha256": chain[0].manifest_sha256}
    assert not any(name.startswith(("models/", "documents/")) for name in names)
    with redress.sessions.step() as session:
        session.execute(text("DELETE FROM archive_supplement WHERE number = 1"))
    with redress.sessions.read() as session, pytest.raises(SealBroken, match="supplement 1 is missing"):
        check_chain(session, redress.vault, number)
    with redress.sessions.step() as session:
        session.execute(text("UPDATE archive_supplement SET number = 1"))
    with redress.sessions.read() as session, pytest.raises(SealBroken, match="does not follow"):
        check_chain(session, redress.vault, number)


def test_a_second_instance_after_the_archive_is_sealed_beside_it_and_destroyed_with_it(
    redress: Redress,
) -> None:
    number = archived(redress)
    rt = redress.runtime
    request_review(rt, actor(redress, "agent"), number, "不接受")
    drive(redress, number)
    run_until_quiet(rt)
    with redress.sessions.read() as session:
        chain = chain_of(session, number)
        held = listed(session, redress.vault, chain[1:])
        clock.set_to(session.get_one(Archive, number).retain_until)
    assert sum(name.startswith("trail/") for name in held) == 1, "only the new instance's trail"
    assert any(name.startswith("messages/") for name in held)
    retention.propose_disposal(rt, actor(redress, "analyst"), number)
    retention.dispose(rt, redress.vault, actor(redress, "compliance"), number)
    for link in chain:
        with redress.sessions.read() as session, pytest.raises(NotFound, match="destroyed"):
            open_document(session, redress.vault, link.document_id)
    seal_archive(rt, number)
    with redress.sessions.read() as session:
        assert chain_of(session, number) == chain


def test_sealing_again_changes_nothing(redress: Redress) -> None:
    number = archived(redress)
    before = content(redress, number)
    files = sorted(redress.vault.files())
    seal_archive(redress.runtime, number)
    assert content(redress, number) == before
    assert sorted(redress.vault.files()) == files


def test_what_was_changed_added_or_taken_out_is_found(redress: Redress) -> None:
    raw = content(redress, archived(redress))
    assert check_archive(io.BytesIO(raw)) > 10
    for change in ("case.json", "manifest.json", None):
        forged = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(forged, "w") as target:
            for name in source.namelist():
                kept = source.read(name)
                target.writestr(name, kept.replace(b"business", b"service!") if name == change else kept)
            if change is None:
                target.writestr("added.txt", "x")
        manifest = json.loads(zipfile.ZipFile(io.BytesIO(raw)).read("manifest.json"))
        expected = None if change != "manifest.json" else "0" * 64
        assert manifest["format"] == 1
        with pytest.raises(SealBroken):
            check_archive(forged, expected)


def test_without_its_records_nothing_is_archived(redress: Redress) -> None:
    number = register(redress).complaint_no
    drive(redress, number, until="archive")
    with redress.sessions.step() as session:
        session.execute(text("DELETE FROM case_record WHERE kind = 'notice'"))
    (task,) = open_tasks(redress, number)
    with pytest.raises(FormRefused, match="no record of notice"):
        do(redress, task)
    assert complaint(redress, number).status == "notified"
    require_complete({"investigation", "plan", "notice", "other"}, answered_at=clock.now())


def test_nothing_is_archived_while_a_notice_that_came_back_waits_to_be_told_another_way(
    redress: Redress,
) -> None:
    number = register(redress).complaint_no
    drive(redress, number, until="archive")
    with redress.sessions.step() as session:
        tell_another_way(redress.runtime, session, number)
    waiting = {task.element_id: task for task in open_tasks(redress, number)}
    with pytest.raises(FormRefused, match="another way first"):
        do(redress, waiting["archive"])
    do(redress, waiting["notify-another-way"])
    do(redress, waiting["archive"])
    assert complaint(redress, number).status == "archived"


@pytest.mark.parametrize(
    ("closed_on", "years", "kind", "expected"),
    [
        (date(2026, 3, 2), 5, RetentionClass.STANDARD, datetime(2031, 3, 3, tzinfo=SHANGHAI)),
        (date(2026, 3, 2), 5, RetentionClass.LONG, datetime(2041, 3, 3, tzinfo=SHANGHAI)),
        (date(2028, 2, 29), 5, RetentionClass.STANDARD, datetime(2033, 3, 1, tzinfo=SHANGHAI)),
        (date(2026, 12, 31), 1, RetentionClass.STANDARD, datetime(2028, 1, 1, tzinfo=SHANGHAI)),
    ],
)
def test_the_time_ends_with_its_last_day(
    closed_on: date, years: int, kind: RetentionClass, expected: datetime
) -> None:
    assert retain_until(closed_on, years, kind, SHANGHAI) == expected


def test_two_people_destroy_what_need_not_be_kept_and_leave_a_certificate(redress: Redress) -> None:
    number = archived(redress)
    rt, vault = redress.runtime, redress.vault
    analyst, compliance = actor(redress, "analyst"), actor(redress, "compliance")
    with pytest.raises(Conflict, match="to be kept until"):
        retention.propose_disposal(rt, analyst, number)
    with redress.sessions.read() as session:
        until = session.get_one(Archive, number).retain_until
    assert until == datetime(2031, 3, 2, 16, tzinfo=UTC)
    clock.set_to(until)
    with pytest.raises(Conflict, match="nobody has proposed"):
        retention.dispose(rt, vault, compliance, number)
    retention.propose_disposal(rt, analyst, number)
    with pytest.raises(Forbidden, match="does not decide"):
        retention.dispose(rt, vault, analyst, number)
    with pytest.raises(Forbidden):
        retention.dispose(rt, vault, actor(redress, "auditor"), number)
    certificate = retention.dispose(rt, vault, compliance, number)
    assert certificate["documents"] == 2
    assert certificate["person_erased"] is True
    with pytest.raises(NotFound, match="destroyed"):
        content(redress, number)
    with redress.sessions.read() as session:
        found = archive_of(session, compliance, number)
        assert found["certificate"]["disposed_by"] == "compliance"
        assert verify(session).problems == []
    with pytest.raises(Conflict, match="before"):
        retention.dispose(rt, vault, analyst, number)
    assert complaint(redress, number).status == "archived"


def test_a_hold_keeps_everything_until_a_colleague_lifts_it(redress: Redress) -> None:
    number = archived(redress)
    rt, compliance, auditor = redress.runtime, actor(redress, "compliance"), actor(redress, "auditor")
    with redress.sessions.read() as session:
        clock.set_to(session.get_one(Archive, number).retain_until)
    retention.propose_disposal(rt, compliance, number)
    hold = retention.place_hold(rt, compliance, number, ground="lawsuit", reference="(2026) 民初 12")
    with pytest.raises(Conflict, match="legal hold"):
        retention.dispose(rt, redress.vault, actor(redress, "analyst"), number)
    with pytest.raises(Conflict, match="legal hold"):
        erase_customer(rt, redress.vault, compliance, number, reason="request")
    with pytest.raises(Forbidden, match="does not lift it"):
        retention.lift_hold(rt, compliance, hold)
    retention.lift_hold(rt, auditor, hold)
    with pytest.raises(Conflict, match="lifted before"):
        retention.lift_hold(rt, auditor, hold)
    with pytest.raises(Conflict, match="nobody has proposed"):
        retention.dispose(rt, redress.vault, actor(redress, "analyst"), number)


@pytest.mark.parametrize(
    ("ground", "reference", "field"),
    [("whim", "12", "ground"), ("audit", " ", "reference"), ("audit", "13912345678", "reference")],
)
def test_a_hold_needs_a_ground_and_a_number_that_names_nobody(
    redress: Redress, ground: str, reference: str, field: str
) -> None:
    number = register(redress).complaint_no
    with pytest.raises(InvalidInput) as refused:
        retention.place_hold(
            redress.runtime, actor(redress, "compliance"), number, ground=ground, reference=reference
        )
    assert list(refused.value.errors) == [field]


def test_archives_are_listed_by_state(redress: Redress) -> None:
    number = archived(redress)
    compliance = actor(redress, "compliance")

    def listed(state: str | None) -> list[str]:
        with redress.sessions.read() as session:
            return [row["complaint_no"] for row in archive_list(session, compliance, state=state).items]

    assert (listed(None), listed("kept"), listed("due"), listed("held")) == ([number], [number], [], [])
    hold = retention.place_hold(redress.runtime, compliance, number, ground="audit", reference="2026-7")
    assert listed("held") == [number]
    retention.lift_hold(redress.runtime, actor(redress, "auditor"), hold)
    with redress.sessions.read() as session:
        clock.set_to(session.get_one(Archive, number).retain_until)
    assert (listed("kept"), listed("due"), listed("disposed")) == ([], [number], [])
    with redress.sessions.read() as session:
        assert session.scalars(select(CaseRecord.kind).where(CaseRecord.kind == "archive")).all() == [
            "archive"
        ]
        with pytest.raises(Forbidden):
            archive_list(session, actor(redress, "handler"))
