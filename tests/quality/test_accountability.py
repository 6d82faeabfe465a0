"""Accountability: what opens a file, once; what is entered, counted, and erased after its time (R49, R50)."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.audit.export import export_stream
from engine.cases.archive.contents import gather
from engine.cases.archive.retention import place_hold
from engine.cases.extension import request_extension
from engine.cases.leaving import leave
from engine.documents.register import attach_documents, attach_to_instance, store_document
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.jobs.passes import run_until_quiet
from engine.people.absence import arrange_absence
from engine.quality.accountability.causes import owed
from engine.quality.accountability.documents import is_shown
from engine.quality.accountability.opening import open_by_hand, open_what_is_owed, owed_cases
from engine.quality.accountability.reading import (
    figures,
    guarded,
    overview,
    own_matter,
    own_matters,
    sanctions,
)
from engine.quality.accountability.replacing import replace_party
from engine.quality.accountability.retention import erase_old_files
from engine.quality.kinds import ACCOUNTABILITY, FINDING, IMPROVEMENT
from engine.quality.opening import open_file
from engine.quality.reading import file_list, one_file
from engine.quality.regulator.opening import open_inquiry
from engine.read.tasks import task_list
from engine.runtime.commands import complete
from engine.runtime.form_context import task_form
from engine.store.tables.documents import Document
from engine.store.tables.people import Notification, Person
from engine.store.tables.quality import QualityFile, Sanction
from engine.store.tables.runtime import Instance
from tests.driving import complaint, do, drive, open_tasks, open_tasks_of
from tests.world import MONDAY, actor, pass_time, register

PARTIES = {"decider": "management", "co_decider": "management2", "appeal_decider": "management3"}
CHARGED = {"person": "handler", "investigator": "monitor", "conduct": "delay", "charge": "指稱的事實"}
SANCTION = {
    "measure": "warning",
    "authority": "management",
    "effective_from": "2026-04-01",
    "effective_until": "2026-12-31",
}


def files(redress: Redress) -> list[tuple[str, str]]:
    with redress.sessions.read() as session:
        rows = session.execute(
            select(QualityFile.facts, QualityFile.complaint_no).where(QualityFile.kind == ACCOUNTABILITY.name)
        )
        return sorted((row.facts["cause"], row.complaint_no) for row in rows)


def opened(redress: Redress, no: str) -> str:
    return open_by_hand(redress.runtime, actor(redress, "compliance"), no, reason="示例").no


def go(redress: Redress, no: str, *steps: tuple[str, Mapping[str, Any]]) -> None:
    for by, answers in steps:
        do(redress, open_tasks_of(redress, no)[0], by, **answers)


def finding(redress: Redress, no: str, severity: str) -> str:
    """A finding on a case that stands, later than any before."""
    pass_time(redress, hours=1)
    rt, monitor = redress.runtime, actor(redress, "monitor")
    with redress.sessions.step() as session:
        made = open_file(rt, session, monitor, FINDING, facts={"severity": severity}, complaint_no=no).no
        session.get_one(QualityFile, made).status = "confirmed"
    return made


def sanctioned(redress: Redress) -> str:
    """A file whose sanction came into force, as nobody appealed."""
    no = opened(redress, register(redress, grade=3).complaint_no)
    go(
        redress,
        no,
        ("compliance", CHARGED | PARTIES),
        ("monitor", {"facts_found": "內部查明", "evidence_list": "通話記錄"}),
        ("handler", {"statement": "我的申辯"}),
        ("monitor", {"severity": "grave", "conduct": "delay", "consequence": "both"}),
        ("management", SANCTION | {"needs_improvement": True, "improvement_problem": "提醒機制不足"}),
        ("management2", {}),
    )
    pass_time(redress, days=20)
    return no


def test_each_cause_opens_one_file_for_each_case(redress: Redress) -> None:
    who = {"name": "李四", "phone": "13900000001"}
    answered = register(redress, grade=3, customer={"name": "趙六"}).complaint_no
    drive(redress, answered)
    late = register(redress, grade=3, customer=who, product="分期").complaint_no
    urgent = register(redress, grade=1, urgent=True, customer={"name": "王五"}).complaint_no
    run_until_quiet(redress.runtime)
    assert open_what_is_owed(redress.runtime) == 0
    pass_time(redress, days=2)
    given = {"channel": "regulator", "regulator_reference": "NFRA-1", "referred_on": "2026-03-02"}
    referred = register(redress, grade=1, customer={"name": "孫七"}, **given).complaint_no
    again = register(redress, grade=1, customer=who, product="分期").complaint_no
    pass_time(redress, days=6)
    assert open_what_is_owed(redress.runtime) == 4
    assert files(redress) == sorted(
        [("late", late), ("urgent", urgent), ("regulator", referred), ("repeat", again)]
    )
    assert open_what_is_owed(redress.runtime) == 0
    with redress.sessions.read() as session:
        people = select(Person.username).join(Notification, Notification.person_id == Person.id)
        assert session.scalars(people.where(Notification.kind == "confidential")).all() == ["compliance"]


def test_whatever_escalated_a_case_opens_its_file_once(redress: Redress) -> None:
    """Media, court, lawsuit and inquiry escalate a case as the regulator's referral does (R49)."""
    rt, compliance = redress.runtime, actor(redress, "compliance")
    pass_time(redress, days=2)
    case = {
        name: register(redress, grade=1, customer={"name": f"{name} 客戶"}, **more).complaint_no
        for name, more in (
            ("media", {"channel": "media"}),
            ("court", {"channel": "court"}),
            ("lawsuit", {}),
            ("inquiry", {}),
            ("audit", {}),
        )
    }
    for name, ground in (("lawsuit", "lawsuit"), ("court", "lawsuit"), ("audit", "audit")):
        place_hold(rt, compliance, case[name], ground=ground, reference="2026-7")
    for reference in ("1", "2"):
        open_inquiry(
            rt,
            compliance,
            reference=reference,
            question="?",
            received_on=MONDAY.date(),
            complaint_no=case["inquiry"],
        )
    with redress.sessions.read() as session:
        (only,) = owed(session, MONDAY, complaint_no=case["lawsuit"])
    assert only.cause == "court"
    assert open_what_is_owed(rt) == 4
    expected = {"media": "media", "court": "court", "lawsuit": "court", "inquiry": "inquiry"}
    assert files(redress) == sorted((cause, case[name]) for name, cause in expected.items())
    assert open_what_is_owed(rt) == 0


def test_a_case_is_owed_its_file_however_many_newer_ones_are(redress: Redress) -> None:
    given = {"channel": "regulator", "regulator_reference": "NFRA-1", "referred_on": "2026-03-02"}
    older = register(redress, grade=1, **given).complaint_no
    pass_time(redress, days=1)
    newer = register(redress, grade=1, customer={"name": "王五"}, **given).complaint_no
    with redress.sessions.read() as session:
        newest = owed(session, MONDAY, limit=1)
        of_case = owed(session, MONDAY, limit=1, complaint_no=older)
    assert [each.complaint_no for each in newest if each.cause == "regulator"] == [newer]
    assert [each.complaint_no for each in of_case if each.cause == "regulator"] == [older]


def test_a_serious_finding_is_owed_its_file_however_many_milder_ones_came_after_it(redress: Redress) -> None:
    no = register(redress, grade=3).complaint_no
    found = {severity: finding(redress, no, severity) for severity in ("serious", "minor")}
    with redress.sessions.read() as session:
        (owed_one,) = owed(session, MONDAY, limit=1, complaint_no=no)
    assert (owed_one.cause, owed_one.finding) == ("finding", found["serious"])


def test_a_limit_is_breached_whether_the_answer_came_late_or_is_still_to_come(redress: Redress) -> None:
    names = ("late", "waiting", "in time")
    no = {each: register(redress, grade=3, customer={"name": f"{each} 客戶"}).complaint_no for each in names}
    drive(redress, no["in time"])
    clock.advance(timedelta(days=30))
    drive(redress, no["late"])
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        late = {each.complaint_no for each in owed(session, MONDAY) if each.cause == "late"}
        both = [each.complaint_no for each in owed(session, MONDAY, limit=1) if each.cause == "late"]
    assert late == {no["late"], no["waiting"]}
    assert both == [min(late)]  # of one date the smaller number


def test_a_limit_extended_in_time_is_not_breached_until_the_later_date(redress: Redress) -> None:
    no = register(redress, grade=3).complaint_no
    asked = complaint(redress, no).due_at.date() + timedelta(days=5)
    request_extension(redress.runtime, actor(redress, "handler"), no, reason="等待資料", new_date=asked)
    for task in open_tasks(redress, no):
        if task.element_id == "approve-extension":
            do(redress, task, "supervisor2")
    for task in open_tasks(redress, no):
        if task.element_id == "announce-delay":
            do(redress, task, "handler")
    run_until_quiet(redress.runtime)
    until = complaint(redress, no).extended_until
    assert until is not None
    assert complaint(redress, no).extension_valid
    clock.set_to(until - timedelta(minutes=1))
    assert open_what_is_owed(redress.runtime) == 0
    clock.set_to(until + timedelta(minutes=1))
    assert open_what_is_owed(redress.runtime) == 1
    assert files(redress) == [("late", no)]


def test_what_happened_before_the_family_was_deployed_is_listed_and_opened_by_hand(redress: Redress) -> None:
    before: datetime = MONDAY - timedelta(days=30)
    given = {"channel": "regulator", "regulator_reference": "NFRA-2", "referred_on": "2026-01-30"}
    no = register(redress, grade=1, received_at=before.isoformat(), **given).complaint_no
    assert open_what_is_owed(redress.runtime) == 0
    compliance = actor(redress, "compliance")
    with redress.sessions.read() as session:
        listed = {each.cause: each for each in owed_cases(session, compliance)}
        with pytest.raises(Forbidden):
            owed_cases(session, actor(redress, "management"))
        counted = figures(redress.runtime, session, compliance, known=list(listed.values()))
        assert counted == figures(redress.runtime, session, compliance)
    assert (listed["regulator"].complaint_no, counted["owed"]) == (no, 0)
    open_by_hand(redress.runtime, compliance, no, cause="regulator")
    with redress.sessions.read() as session:
        assert "regulator" not in {each.cause for each in owed_cases(session, compliance)}
    with pytest.raises(Conflict):
        open_by_hand(redress.runtime, compliance, no, cause="regulator")
    with pytest.raises(InvalidInput):
        open_by_hand(redress.runtime, compliance, no, cause="repeat")
    with pytest.raises(InvalidInput):
        open_by_hand(redress.runtime, compliance, no)
    with pytest.raises(Forbidden):
        open_by_hand(redress.runtime, actor(redress, "management"), no, reason="x")


def test_the_person_sees_their_part_once_the_hearing_is_open_and_never_the_file(redress: Redress) -> None:
    no = opened(redress, register(redress, grade=3).complaint_no)
    person = actor(redress, "handler")
    go(redress, no, ("compliance", CHARGED | PARTIES))
    with redress.sessions.read() as session:
        assert own_matters(session, person).items == []
        with pytest.raises(NotFound):
            own_matter(session, person, no)
    go(redress, no, ("monitor", {"facts_found": "內部查明", "evidence_list": "通話記錄"}))
    with redress.sessions.read() as session:
        assert [row["no"] for row in own_matters(session, person).items] == [no]
        shown = {each["kind"]: set(each["values"]) for each in own_matter(session, person, no)["records"]}
        assert shown == {"assessment": {"charge", "conduct"}, "facts": {"evidence_list"}}
        with pytest.raises(NotFound):
            one_file(session, person, no, ACCOUNTABILITY)
        assert file_list(session, person, ACCOUNTABILITY).items == []
        told = session.scalars(
            select(Person.username)
            .join(Notification, Notification.person_id == Person.id)
            .where(Notification.kind == "confidential", Notification.complaint_no.is_(None))
        )
        assert {"monitor", "handler"} == set(told)
    go(redress, no, ("handler", {}), ("monitor", {"severity": "grave"}), ("management", SANCTION))
    with redress.sessions.read() as session:
        kinds = [each["kind"] for each in own_matter(session, person, no)["records"]]
    assert "decision" not in kinds, "it is not told before it is confirmed"
    go(redress, no, ("management2", {"sanction_decision": "return"}))
    go(redress, no, ("management", SANCTION | {"measure": "demerit"}), ("management2", {}))
    with redress.sessions.read() as session:
        rows = [(each["kind"], each["values"]) for each in own_matter(session, person, no)["records"]]
    records = dict(rows)
    assert [kind for kind, _ in rows].count("decision") == 1, "what was sent back is not told"
    assert records["decision"]["measure"] == "demerit"
    assert "needs_improvement" not in records["decision"]


def test_a_part_goes_to_somebody_else_who_is_as_independent_and_to_no_substitute(redress: Redress) -> None:
    no = opened(redress, register(redress, grade=3).complaint_no)
    compliance, rt = actor(redress, "compliance"), redress.runtime
    go(redress, no, ("compliance", CHARGED | PARTIES))
    (task,) = open_tasks_of(redress, no)
    begins = clock.now() + timedelta(minutes=1)
    with redress.sessions.step() as session:
        monitor, days = actor(redress, "monitor"), timedelta(days=1)
        arrange_absence(session, monitor, "monitor", "monitor2", begins_at=begins, ends_at=begins + days)
    clock.set_to(begins + timedelta(minutes=1))
    substitute = actor(redress, "monitor2")
    assert "monitor" in substitute.stands_in_for
    with redress.sessions.read() as session:
        assert task_list(session, substitute, assignee="me").items == []
        with pytest.raises(Forbidden):
            task_form(rt, session, substitute, task.id, "en")
    with pytest.raises(Forbidden):
        complete(rt, substitute, task.id, {})
    for role, username, why in (
        ("investigator", "supervisor", "is a superior"),
        ("investigator", "handler", "it is about them"),
        ("investigator", "management2", "has another part"),
        ("decider", "monitor2", "does not belong"),
    ):
        with pytest.raises(InvalidInput) as refused:
            replace_party(rt, compliance, no, role, username)
        assert why in refused.value.errors["username"][0]
    with pytest.raises(Forbidden):
        replace_party(rt, actor(redress, "management"), no, "investigator", "monitor2")
    leave(rt, actor(redress, "admin"), "monitor")
    assert [each.assignee for each in open_tasks_of(redress, no)] == ["monitor"], (
        "it falls to nobody by itself"
    )
    replace_party(rt, compliance, no, "investigator", "monitor2")
    go(redress, no, ("monitor2", {}))
    assert [each.element_id for each in open_tasks_of(redress, no)] == ["give-statement"]


def test_a_sanction_stands_in_the_register_until_its_time_is_over(redress: Redress) -> None:
    no = sanctioned(redress)
    compliance = actor(redress, "compliance")
    with redress.sessions.read() as session:
        (entry,) = sanctions(session, compliance).items
        measures = file_list(session, actor(redress, "analyst"), IMPROVEMENT).items
        with pytest.raises(Forbidden):
            sanctions(session, actor(redress, "management"))
    assert (entry["file_no"], entry["person"], entry["kind"]) == (no, "handler", "warning")
    assert str(entry["effective_until"]) == "2026-12-31"
    assert [(row["parent_no"], row["complaint_no"]) for row in measures] == [(None, None)]
    assert erase_old_files(redress.runtime) == 0
    document = handed_in(redress, "monitor", "附件")
    with redress.sessions.step() as session:
        instance = str(session.get_one(QualityFile, no).instance_id)
        attach_to_instance(session, [document], instance)
    clock.set_to(MONDAY + timedelta(days=3 * 366 + 60))
    assert erase_old_files(redress.runtime) == 1
    assert erase_old_files(redress.runtime) == 0
    with redress.sessions.read() as session:
        kept = session.scalars(select(Sanction)).one()
        row = session.get_one(QualityFile, no)
        assert session.get_one(Document, document).wrapped_key is None
    assert not redress.vault.path(document).exists()
    assert (kept.person, kept.kind) == (None, "warning")
    assert (row.owner, row.personal) == (None, {})
    assert row.facts["conduct"] == "delay"
    assert "decider" not in row.facts


def handed_in(redress: Redress, who: str, content: str) -> str:
    with redress.sessions.step() as session:
        stream = io.BytesIO(content.encode())
        return store_document(
            session, redress.vault, stream, "附件.txt", "text/plain", actor(redress, who)
        ).id


def test_files_of_a_file_stay_with_its_parties_and_leave_with_nothing_of_the_case(redress: Redress) -> None:
    case = register(redress, grade=3).complaint_no
    no = opened(redress, case)
    before = handed_in(redress, "monitor", "CANARY-EARLY")
    internal, shown = (handed_in(redress, "monitor", f"CANARY-{name}") for name in ("INTERNAL", "SHOWN"))
    charged = CHARGED | PARTIES | {"charge": "CANARY-CHARGE"}
    found = {"facts_found": "CANARY-FACTS", "evidence_files": [internal], "evidence_shown": [shown]}
    go(redress, no, ("compliance", charged), ("monitor", found))
    own = handed_in(redress, "handler", "CANARY-STATEMENT")
    stated = {"statement_decision": "answered", "statement": "CANARY-SAID", "statement_files": [own]}
    go(redress, no, ("handler", stated))
    with redress.sessions.step() as session:  # nobody shows one to others by naming it in the case
        for document in (internal, shown, own):
            with pytest.raises(InvalidInput, match="belongs to another"):
                attach_documents(session, [document], case)
        attach_documents(session, [before], case)
        with pytest.raises(InvalidInput, match="belongs to another"):
            attach_to_instance(session, [before], "another")
    with redress.sessions.read() as session:
        rows = {each: session.get_one(Document, each) for each in (internal, shown, own)}
        for who, seen in {
            "handler": {shown, own},
            "monitor": {internal, shown, own},
            "compliance": {internal, shown, own},
            "supervisor": set(),
            "auditor": set(),
            "admin": set(),
        }.items():
            person = actor(redress, who)
            assert {each for each, row in rows.items() if is_shown(session, person, row)} == seen, who
    drive(redress, case)
    with redress.sessions.read() as session:
        file = session.get_one(QualityFile, no)
        instance = str(file.instance_id)
        leaving = [each.open().read() for each in gather(redress.runtime, redress.vault, session, case)]
        streams = set(session.scalars(select(Instance.id).where(Instance.business_key == case)))
        leaving += ["\n".join(export_stream(session, each)).encode() for each in (*streams, "system")]
    said = b"\n".join(leaving)
    assert b"CANARY-EARLY" in said  # what was handed in for the case does leave with it
    marks = (no, instance, internal, shown, own, *(f"CANARY-{each}" for each in SECRETS))
    assert [mark for mark in marks if mark.encode() in said] == []


SECRETS = ("INTERNAL", "SHOWN", "STATEMENT", "CHARGE", "FACTS", "SAID")


def test_figures_name_nobody_and_hide_what_is_too_few(redress: Redress) -> None:
    numbers = [register(redress, grade=3, customer={"name": f"客戶{n}"}).complaint_no for n in range(4)]
    for no in numbers:
        opened(redress, no)
    for no in (row for row in _numbers(redress)[:1]):
        go(
            redress,
            no,
            ("compliance", {"assess_decision": "no_fault", "decider": "management"}),
            ("management", {}),
        )
    with redress.sessions.read() as session:
        found = figures(redress.runtime, session, actor(redress, "auditor"))
        seen = overview(redress.runtime, session, actor(redress, "management"))
        for verb, who in ((figures, "handler"), (overview, "supervisor")):
            with pytest.raises(Forbidden):
                verb(redress.runtime, session, actor(redress, who))
    assert found["files"] == 4
    assert found["cause"] == {"manual": 4}
    assert found["outcome"] == {"no_fault": None}
    assert found["owed"] == 0
    # one is closed, three are open: of four, either would follow from the other
    assert seen == {"least": 3, "files": 4, "outcome": {"under_way": None, "no_fault": None}, "sanctions": {}}


def test_what_is_hidden_never_follows_from_a_total() -> None:
    assert guarded(Counter(a=9, b=4, c=1, d=1), 3) == {"a": 9, "b": None, "c": None, "d": None}
    assert guarded(Counter(a=9, b=4, c=2, d=1), 3) == {"a": 9, "b": 4, "c": None, "d": None}
    assert guarded(Counter(a=9, b=2), 3) == {"a": None, "b": None}
    assert guarded(Counter(a=9), 3) == {"a": 9}
    assert guarded(Counter(), 3) == {}


def _numbers(redress: Redress) -> list[str]:
    with redress.sessions.read() as session:
        found = select(QualityFile.no).where(QualityFile.kind == ACCOUNTABILITY.name)
        return list(session.scalars(found.order_by(QualityFile.no)))
