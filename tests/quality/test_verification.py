"""The trail is verified by itself, in parts, and what was seen is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from engine import clock
from engine.assembly import Redress
from engine.audit import note
from engine.errors import Conflict, Forbidden, NotFound
from engine.quality import verification
from engine.quality.measure import asked_of
from engine.quality.records import records_behind
from engine.quality.verification import (
    begin_verification,
    last_complete,
    last_failed,
    verifications,
    verify_at_once,
    verify_due,
)
from engine.store.base import table_of
from engine.store.tables.audit import History, StreamHead, VerifiedHead
from engine.store.tables.people import Notification, Person
from tests.driving import drive
from tests.quality.test_records import MARCH, SHANGHAI
from tests.world import actor, register


def runs(redress: Redress) -> list[Any]:
    with redress.sessions.read() as session:
        return list(verifications(session, actor(redress, "auditor")).items)


def to_the_end(redress: Redress) -> Any:
    """Verify until nothing runs; return the newest run."""
    verify_due(redress.runtime)
    while runs(redress)[0]["state"] == "running":
        verify_due(redress.runtime)
    return runs(redress)[0]


def test_the_trail_is_verified_in_parts_whole_at_first_and_then_what_is_new(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive(redress, register(redress).complaint_no)
    for number in range(30):
        with redress.sessions.step() as session:
            note(session, "admin", "setting.changed", {"n": number})
    monkeypatch.setattr(verification, "ROWS", 20)
    first = to_the_end(redress)
    with redress.sessions.read() as session:
        rows = len(session.execute(select(History.seq)).all()) - 1  # but that of the result
        heads = {each.stream: each.seq for each in session.scalars(select(VerifiedHead))}
        of_system = session.get_one(StreamHead, "system").seq
    assert (first["scope"], first["state"], first["rows"], first["found"]) == ("full", "passed", rows, 0)
    assert first["version"] > rows / 30, "part by part"
    assert (first["upto_seq"], heads["system"]) == (of_system - 1, of_system - 1)
    assert verify_due(redress.runtime) == 0
    assert len(runs(redress)) == 1

    clock.advance(timedelta(days=1))
    register(redress)
    second = to_the_end(redress)
    assert (second["scope"], second["state"], second["scheduled"]) == ("new", "passed", True)
    assert 0 < second["rows"] < rows / 2
    clock.advance(timedelta(days=30))
    assert to_the_end(redress)["scope"] == "full"
    with redress.sessions.read() as session:
        assert last_complete(session).id == runs(redress)[0]["id"]
        assert last_failed(session) is None
        told = session.execute(select(History.kind).where(History.kind == "audit.verified")).all()
        asked = asked_of(MARCH, SHANGHAI)
        counted = records_behind(session, actor(redress, "analyst"), "trail-verified", asked)
        with pytest.raises(Forbidden):
            verifications(session, actor(redress, "handler"))
    assert (len(told), [each.hits for each in counted]) == (3, [1, 1])


def test_what_was_changed_is_found_told_at_once_and_counted(redress: Redress) -> None:
    rt, auditor = redress.runtime, actor(redress, "auditor")
    instance = register(redress).instance_id
    to_the_end(redress)
    clock.advance(timedelta(days=1))
    with redress.sessions.step() as session:
        session.execute(update(History).where(History.stream == instance, History.seq == 1).values(actor="x"))
        extra = {"stream": "loose", "seq": 1, "at": clock.now(), "actor": "x", "kind": "x", "data": "{}"}
        session.execute(table_of(History).insert().values(**extra, hash="", prev_hash=""))
    assert to_the_end(redress)["state"] == "passed", "only a whole one looks further back"
    begin_verification(rt, auditor)
    with pytest.raises(Conflict, match="runs already"):
        begin_verification(rt, auditor)
    with pytest.raises(Forbidden):
        begin_verification(rt, actor(redress, "handler"))
    found = to_the_end(redress)
    assert (found["by"], found["scheduled"], found["state"], found["found"]) == (
        "auditor",
        False,
        "failed",
        2,
    )
    assert found["problems"] == [
        f"{instance} row 1: its content does not match its hash",
        "loose: rows of a stream that has no head",
    ]
    with redress.sessions.step() as session:
        query = select(Person.username).join(Notification, Notification.person_id == Person.id)
        told = set(session.scalars(query.where(Notification.kind == "trail-broken")))
        session.execute(text("UPDATE verified_head SET seq = 1, hash = 'x'"))
        assert last_failed(session).id == found["id"]
    assert told == {"auditor", "compliance"}
    clock.advance(timedelta(days=1))
    again = to_the_end(redress)
    assert (again["scope"], again["state"]) == ("new", "failed")
    assert any("is not the row that was verified before" in each for each in again["problems"])
    with pytest.raises(NotFound, match="no stream"):
        verify_at_once(rt, "system", "nothing")
    assert "loose: rows of a stream that has no head" in verify_at_once(rt, "system", "loose").problems
    rows = verify_at_once(rt, "system", "system").rows
    by_hand = runs(redress)[0]
    assert (by_hand["scope"], by_hand["rows"], by_hand["state"]) == ("stream", rows, "passed")
    assert by_hand["upto_seq"] == rows > 2


def test_what_does_not_hold_is_read_again_by_each_verification_of_what_is_new(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "ROWS", 5)
    to_the_end(redress)
    for _ in range(20):
        with redress.sessions.step() as session:
            note(session, "admin", "setting.changed", {})
    with redress.sessions.step() as session:
        verified = session.get_one(VerifiedHead, "system").seq
        of_system = History.stream == "system"
        session.execute(update(History).where(of_system, History.seq == verified + 3).values(actor="x"))
    changed = [f"system row {verified + 3}: its content does not match its hash"]
    for day in (1, 2):
        clock.advance(timedelta(days=1))
        found = to_the_end(redress)
        assert (found["scope"], found["problems"]) == ("new", changed), f"day {day}"
    with redress.sessions.step() as session:
        session.execute(update(History).where(of_system, History.seq == verified).values(hash="x"))
    clock.advance(timedelta(days=1))
    assert (
        f"system row {verified}: is not the row that was verified before" in to_the_end(redress)["problems"]
    )
    clock.advance(timedelta(days=1))
    again = to_the_end(redress)
    assert (again["scope"], again["found"]) == ("new", 4), "and the stream from its first row on"


def test_personal_data_that_was_shown_is_counted_by_purpose_and_missing_ones_are_seen(
    redress: Redress,
) -> None:
    for purpose in ("handling", "handling", "audit", ""):
        with redress.sessions.step() as session:
            note(session, "handler", "personal.revealed", {"complaint_no": "RC-1", "purpose": purpose})
            note(session, "handler", "login.succeeded", {"purpose": ""})
    with redress.sessions.read() as session:
        asked = asked_of(MARCH, SHANGHAI)
        found = records_behind(session, actor(redress, "analyst"), "reveals-with-purpose", asked)
    assert [(each.name, each.hits, each.of) for each in found] == [
        ("", 0, 1), ("audit", 1, 1), ("handling", 2, 2)
    ]  # fmt: skip
