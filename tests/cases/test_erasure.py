"""Erasing a customer: nothing of them is read again, every proof of the trail still holds (R61, R62)."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select, text

from engine.assembly import Redress
from engine.audit.verify import verify
from engine.cases.erasure import cases_of_same_person, erase_customer
from engine.documents.register import open_document, store_document
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.privacy.masking import ERASED
from engine.privacy.subjects import find_subjects
from engine.privacy.values import read_values
from engine.store.tables.audit import History
from tests.driving import complaint, drive
from tests.world import actor, register

OTHER = {"name": "李四", "phone": "13700000001"}


def erase(redress: Redress, number: str, reason: str = "request", by: str = "compliance") -> object:
    return erase_customer(redress.runtime, redress.vault, actor(redress, by), number, reason=reason)


def test_after_an_erasure_nothing_is_read_and_the_chain_still_verifies(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no)
    row = complaint(redress, made.complaint_no)
    with redress.sessions.step() as session:
        document = store_document(
            session,
            redress.vault,
            io.BytesIO(b"a letter"),
            "letter.txt",
            "text/plain",
            actor(redress, "handler"),
            complaint_no=made.complaint_no,
        )
    done = erase(redress, made.complaint_no)
    assert done == type(done)(made.complaint_no, done.erased_at, 1, [])  # type: ignore[attr-defined, call-arg]
    with redress.sessions.read() as session:
        values = read_values(session, redress.keyring, row.personal.values())
        assert set(map(id, values.values())) == {id(ERASED)}
        assert find_subjects(session, redress.keyring, "phone", "13912345678") == []
        with pytest.raises(NotFound, match="destroyed"):
            open_document(session, redress.vault, document.id)
        assert verify(session).problems == []
        noted = session.scalars(select(History.data).where(History.kind == "personal.erased")).one()
    assert made.complaint_no in noted
    assert '"documents":1' in noted
    assert '"reason":"request"' in noted
    assert not redress.vault.path(document.id).exists()


def test_an_open_case_keeps_whom_it_is_about(redress: Redress) -> None:
    number = register(redress).complaint_no
    with pytest.raises(Conflict, match="until it is archived"):
        erase(redress, number)
    kept = complaint(redress, number).personal["name"]
    with redress.sessions.read() as session:
        assert read_values(session, redress.keyring, [kept])[kept] == "王小明CANARY"


def test_erasing_twice_or_without_a_ground_is_refused(redress: Redress) -> None:
    number = register(redress).complaint_no
    drive(redress, number)
    with pytest.raises(InvalidInput) as refused:
        erase(redress, number, reason="tidiness")
    assert list(refused.value.errors) == ["reason"]
    erase(redress, number)
    with pytest.raises(Conflict, match="before"):
        erase(redress, number)
    with pytest.raises(NotFound):
        erase(redress, "RC-00000000-0000")


@pytest.mark.parametrize("username", ["admin", "handler", "auditor", "supervisor"])
def test_only_compliance_erases(redress: Redress, username: str) -> None:
    number = register(redress).complaint_no
    drive(redress, number)
    with pytest.raises(Forbidden, match=r"personal\.erase"):
        erase(redress, number, by=username)


def test_other_cases_of_the_same_person_are_named_and_stay(redress: Redress) -> None:
    first, second = register(redress).complaint_no, register(redress).complaint_no
    stranger = register(redress, customer=OTHER).complaint_no
    drive(redress, first)
    with redress.sessions.read() as session:
        assert cases_of_same_person(session, first) == [second]
        assert cases_of_same_person(session, stranger) == []
    assert erase(redress, first).also_in == [second]  # type: ignore[attr-defined]
    with redress.sessions.read() as session:
        kept = complaint(redress, second).personal
        assert read_values(session, redress.keyring, [kept["name"]])[kept["name"]] == "王小明CANARY"
        assert cases_of_same_person(session, second) == []


def test_the_destroyed_key_is_not_left_in_the_database(redress: Redress) -> None:
    number = register(redress).complaint_no
    drive(redress, number)
    subject = complaint(redress, number).subject_id
    query = text("SELECT wrapped_key FROM data_subject WHERE id = :id")
    with redress.sessions.read() as session:
        wrapped = bytes(session.execute(query, {"id": subject}).scalar_one())
    erase(redress, number)
    with redress.sessions.read() as session:
        assert session.execute(query, {"id": subject}).scalar_one() is None
    if redress.sessions.step_engine.dialect.name == "sqlite":
        held = [file for file in redress.config.data_dir.glob("redress.db*") if wrapped in file.read_bytes()]
        assert held == []
