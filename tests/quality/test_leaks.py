"""Clear texts are read again for personal data that no guard caught, and a find is kept without its text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import JSON, String, select, update

from engine import clock
from engine.assembly import Redress
from engine.audit import note
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.quality import leaks
from engine.quality.clear_texts import CLEAR_TEXTS, TRAIL, TRAIL_VALUES
from engine.quality.leaks import decide_leak, leaks_of, scan_due
from engine.quality.measure import asked_of
from engine.store.base import Base, table_of
from engine.store.ids import new_id
from engine.store.tables.audit import History, StreamHead
from engine.store.tables.cases import CaseRecord
from engine.store.tables.leaks import Leak, LeakScan
from engine.store.tables.policy import ParameterDecision
from engine.store.types import Json
from tests.driving import drive
from tests.quality.test_records import MARCH, SHANGHAI
from tests.read.plans import scans, steps
from tests.world import actor, register

PHONE = "請回電 13912345678"
NOT_FREE_TEXT = {
    "ids, numbers and keys that we make, or that an outside system gives as an id": (
        "*.id", "*.*_id", "*.no", "*.*_no", "*.*_key", "*.stream", "*.series", "*.algorithm", "*.seed",
        "*.window_id", "*.lease", "*.locked_by", "*.place", "*.calendar_version",
        "*.policy_version", "complaint.repeat_of", "idempotency.key", "throttle.key", "leak.number",
        "chat.call_back_instance",
    ),
    "hashes, seals, salts, tokens and public keys": (
        "*.sha256", "*.*_sha256", "*.hash", "*.*_hash", "*.seal", "*.*_seal", "*.root", "*.digest",
        "*.*_digest", "*.salt", "*.p256dh", "*.auth", "*.server_key", "*.recovery", "*.revision",
        "*.identity", "leak_scan.finder",
    ),
    "references into the encrypted store": ("*.*_ref", "*.personal"),
    "user names of the staff, and groups": (
        "*.*_by", "*.actor", "*.handler", "*.owner", "*.assignee", "*.keeper", "*.deputy", "*.trainer",
        "*.coder", "*.person", "*.username", "*.by", "*.raiser", "*.accused", "*.group_name",
        "*.candidate_groups", "*.four_eyes", "*.mentions",
    ),
    "codes out of fixed lists or of a process": (
        "*.kind", "*.state", "*.status", "*.stage", "*.category", "*.*_category", "*.channel", "*.direction",
        "*.source", "*.outcome", "*.decision", "*.decide*", "*.sub_code", "*.*_sub_code", "*.role", "*.type",
        "*.due_kind", "*.end_reason", "*.scope", "*.ground", "*.authority", "*.finding", "*.root_cause",
        "*.media_type", "*.retention_class", "*.preferred_contact", "*.locale", "*.template", "*.period",
        "*.month", "*.day", "*.family", "*.risks", "*.years", "*.cycle", "*.mapping", "*.position",
        "person_skill.value", "received_mail.reason", "frozen_period.reason", "statutory_change.reason",
        "mailbox_check.found", "mailbox_reconciliation.*", "verification.problems",
    ),
    "words of the models and names that the code gives": (
        "*.element_name", "*.labels", "*.path", "*.file", "definition.name", "task.name", "subscription.name",
        "start_trigger.name", "buffered_message.name", "measure_cursor.name", "chore.name", "department.name",
        "parameter_decision.name", "history_value.name", "policy_version.label", "personal_value.field",
        "leak.table_name", "leak.column_name",
    ),
    "figures and their groups, counted by us": (
        "month_summary.*", "frozen_period.body", "frozen_case.*", "generated_return.totals",
        "generated_return.frozen", "coding_sample.*",
    ),
    "staff about themselves and their devices": (
        "person.*", "log_in.*", "passkey.name", "push_device.name", "push_device.endpoint",
    ),
    "the register of partners, whose contacts are kept on purpose": (
        "partner.*", "partner_change.changed", "partner_name.name", "*.partner",
    ),
    "the company's own mailboxes": ("mailbox.name", "*.mailbox"),
    "ids of documents": ("task_comment.documents",),
    "what a message was given to and what an answer said, kept for a day": (
        "buffered_message.correlated", "idempotency.answer",
    ),
}  # fmt: skip
"""Why a text column is not read."""


def read_all(redress: Redress) -> Any:
    """Read until nothing runs; return the newest reading."""
    scan_due(redress.runtime)
    while newest(redress).state == "running":
        scan_due(redress.runtime)
    return newest(redress)


def newest(redress: Redress) -> Any:
    with redress.sessions.read() as session:
        return session.scalars(select(LeakScan).order_by(LeakScan.id.desc())).first()


def found(redress: Redress) -> list[tuple[str, str, str]]:
    with redress.sessions.read() as session:
        rows = leaks.leaks(session, actor(redress, "auditor")).items
    return sorted((row["table_name"], row["column_name"], row["kind"]) for row in rows)


def write(redress: Redress, text: str) -> None:
    """Write past the guards, as a fault of ours would."""
    with redress.sessions.step() as session:
        note(session, "admin", "setting.changed", {"why": text, "n": 1})
        session.add(
            ParameterDecision(
                id=new_id(),
                name="x",
                value=1,
                effective_from=clock.now().date(),
                reason=text,
                decided_by="admin",
                decided_at=clock.now(),
            )
        )


def test_every_clear_text_column_is_read_or_named_with_why_not() -> None:
    read = {
        (each.table.name, column) for each in (*CLEAR_TEXTS, TRAIL, TRAIL_VALUES) for column in each.columns
    }
    patterns = [pattern for some in NOT_FREE_TEXT.values() for pattern in some]
    texts = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Json | JSON)
    }
    assert read <= texts
    unnamed = {
        each for each in texts - read if not any(fnmatchcase(".".join(each), some) for some in patterns)
    }
    assert unnamed == set()
    assert [some for some in patterns if not any(fnmatchcase(".".join(each), some) for each in texts)] == []


def test_what_the_guards_let_through_is_found_once_and_kept_without_its_text(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = register(redress).complaint_no
    drive(redress, no)
    monkeypatch.setattr(leaks, "ROWS", 25)
    with redress.sessions.read() as session:
        assert leaks_of(session, asked_of(MARCH, SHANGHAI)) is None
    first = read_all(redress)
    assert (first.scope, first.state, first.found) == ("full", "ended", 0), found(redress)
    assert first.version > 5, "part by part"
    assert scan_due(redress.runtime) == 0

    write(redress, PHONE)
    with redress.sessions.step() as session:
        record = session.scalars(select(CaseRecord.id).where(CaseRecord.complaint_no == no)).first()
        values = {"note": [{"inner": f"{PHONE}, a@example.com"}]}
        session.execute(update(CaseRecord).where(CaseRecord.id == record).values(values=values))
    clock.advance(timedelta(days=1))
    second = read_all(redress)
    assert (second.scope, second.found) == ("new", 4)
    assert 0 < second.texts < first.texts
    assert found(redress) == [
        ("case_record", "values.note.0.inner", "email"),
        ("case_record", "values.note.0.inner", "phone"),
        ("history", "data.why", "phone"),
        ("parameter_decision", "reason", "phone"),
    ]
    with redress.sessions.read() as session:
        kept = [dict(row._mapping) for row in session.execute(select(table_of(Leak)))]
    assert {each["number"] for each in kept} == {no, None}
    assert "13912345678" not in str(kept)
    clock.advance(timedelta(days=30))
    whole = read_all(redress)
    assert (whole.scope, whole.found, len(found(redress))) == ("full", 0, 4)
    monkeypatch.setattr(leaks, "looked_for", lambda: "another")
    clock.advance(timedelta(days=1))
    assert read_all(redress).scope == "full", "what is looked for has changed"
    with redress.sessions.read() as session:
        seen = leaks_of(session, asked_of(MARCH, SHANGHAI))
    assert scans(redress, lambda session: leaks_of(session, asked_of(MARCH, SHANGHAI))) == []
    about = replace(actor(redress, "compliance"), accused_in=frozenset({no}))  # Art. 17
    of_the_case = next(each["id"] for each in kept if each["number"] == no)
    with redress.sessions.read() as session:
        assert {row["number"] for row in leaks.leaks(session, about).items} == {None}
    with pytest.raises(NotFound):
        decide_leak(redress.runtime, about, of_the_case, "masked", "Done.")
    auditor = actor(redress, "auditor")
    plan = [step for step, _ in steps(redress, lambda session: leaks.leaks(session, auditor))]
    assert any("ix_leak_written" in step for step in plan), plan
    assert scans(redress, lambda session: [leaks._look(session, part) for part in _parts()]) == []
    assert seen is not None
    assert (seen.standing, seen.masked, seen.texts) == (4, 0, newest(redress).texts)


def _parts() -> list[Any]:
    """A part in the middle of each place, and of what is new."""
    keys: dict[str, Any] = {each.table.name: {"key": ["0" for _ in each.keys]} for each in CLEAR_TEXTS} | {
        "instances": {"stream": "0", "seq": 1},
        "others": {"stream": "0"},
    }
    return [
        SimpleNamespace(scope=scope, position={"phase": phase, "upto": {}, **at})
        for scope in (leaks.FULL, leaks.NEW)
        for phase, at in keys.items()
    ]


def test_a_find_is_marked_with_a_reason_by_who_may(redress: Redress) -> None:
    rt, compliance = redress.runtime, actor(redress, "compliance")
    write(redress, PHONE)
    with redress.sessions.step() as session:
        broken = {"stream": "x", "at": clock.now(), "actor": "x", "kind": "x", "hash": "", "prev_hash": ""}
        session.add(StreamHead(stream="x", seq=1, hash=""))
        session.add(History(seq=1, data="{", **broken))
    read_all(redress)
    with redress.sessions.read() as session:
        first, second = (row["id"] for row in leaks.leaks(session, compliance).items)
        with pytest.raises(Forbidden):
            leaks.leaks(session, actor(redress, "handler"))
    decide_leak(rt, compliance, first, "not_personal", "It is the number of a lot.")
    decide_leak(rt, compliance, second, "masked", "Taken out by hand.")
    for who, which, decision, reason, refused in (
        ("auditor", first, "masked", "Done.", Forbidden),
        ("compliance", "none", "masked", "Done.", NotFound),
        ("compliance", first, "gone", "Done.", InvalidInput),
        ("compliance", first, "masked", "  ", InvalidInput),
        ("compliance", first, "masked", PHONE, InvalidInput),
    ):
        with pytest.raises(refused):
            decide_leak(rt, actor(redress, who), which, decision, reason)
    with redress.sessions.read() as session:
        seen = leaks_of(session, asked_of(MARCH, SHANGHAI))
    assert seen is not None
    assert (seen.standing, seen.masked) == (0, 1)


def test_two_workers_keep_a_find_once_and_one_that_is_killed_loses_one_part(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(redress, PHONE)
    scan_due(redress.runtime)
    with redress.sessions.read() as session:
        scan = session.execute(select(table_of(LeakScan))).one()
        both = [leaks._look(session, scan), leaks._look(session, scan)]
    for part in both:
        with redress.sessions.step() as session:
            leaks._keep(session, scan, part)
    assert (newest(redress).texts, newest(redress).version) == (both[0].texts, 2)
    kept = leaks._keep

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(leaks, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        scan_due(redress.runtime)
    monkeypatch.setattr(leaks, "_keep", kept)
    assert newest(redress).version == 2
    assert read_all(redress).found == 2
    assert len(found(redress)) == 2
