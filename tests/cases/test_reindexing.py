"""The key of the blind index changes while customers are looked for: everybody is found at every moment."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from engine.assembly import Redress
from engine.cases.reindexing import (
    drop_digests,
    indexed_under,
    reindex_all,
    reindex_some,
    retire_index_version,
)
from engine.errors import Conflict
from engine.privacy.identifiers import normalise
from engine.privacy.key_file import rotate_index_key
from engine.read.customers import complaints_of
from engine.store.tables.privacy import DataSubject, SubjectIndex
from tests.driving import complaint
from tests.world import actor, register

CARD = "6217 0000 1234 5678"
BY_ACCOUNT = {"name": "李四", "account": CARD}


def found(redress: Redress, identifier: str) -> list[str]:
    with redress.sessions.read() as session:
        rows = complaints_of(session, redress.keyring, actor(redress, "supervisor"), identifier).rows
    return sorted(row["no"] for row in rows)


def digests(redress: Redress) -> dict[int, int]:
    query = select(SubjectIndex.key_version, func.count()).group_by(SubjectIndex.key_version)
    with redress.sessions.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def test_customers_are_found_and_repeats_linked_at_every_moment_of_a_rotation(redress: Redress) -> None:
    made = [register(redress).complaint_no, register(redress, customer=BY_ACCOUNT).complaint_no]
    file = redress.config.master_key_file

    def another(customer: dict[str, str], before: str, identifier: str) -> str:
        number = register(redress, customer=customer).complaint_no
        assert complaint(redress, number).repeat_of == before
        assert {before, number} <= set(found(redress, identifier))
        return number

    def both() -> None:
        made[0] = another({"name": "王", "phone": "139-1234-5678"}, made[0], "13912345678")
        made[1] = another({"name": "李", "account": "農行 6217000012345678"}, made[1], "6217-0000-1234-5678")

    both()
    assert rotate_index_key(file) == 2
    both()
    with pytest.raises(Conflict, match="not indexed anew"):
        retire_index_version(redress.sessions, file, 1)
    steps = reindex_all(redress.sessions, redress.keyring, batch=1)
    assert next(steps) == 1
    both()
    assert rotate_index_key(file) == 3  # a second, before the first is finished
    both()
    sum(steps)
    sum(reindex_all(redress.sessions, redress.keyring, batch=2))
    for version in (1, 2):
        retire_index_version(redress.sessions, file, version)
    both()
    before = digests(redress)
    dropped = drop_digests(redress.sessions, redress.keyring, batch=1)
    next(dropped)
    both()
    sum(dropped)
    both()
    with redress.sessions.read() as session:
        assert set(indexed_under(session)) == {3}
    assert min(before) == 1
    assert set(digests(redress)) == {3}
    assert len(found(redress, "13912345678")) == len(found(redress, CARD)) == 8


def test_the_worker_indexes_whoever_was_registered_before_accounts_were(redress: Redress) -> None:
    """As a migration leaves them: of no version, and without their account."""
    first, second = (register(redress, customer=BY_ACCOUNT).complaint_no for _ in range(2))
    with redress.sessions.step() as session:
        session.execute(update(DataSubject).values(index_version=0))
        session.execute(delete(SubjectIndex).where(SubjectIndex.kind == "account"))
    assert found(redress, CARD) == []
    reindex_some(redress.runtime)
    assert found(redress, CARD) == [first, second]
    assert digests(redress) == {1: 2}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("6217 0000-1234 5678", "6217000012345678"),
        ("６２１７００００１２３４５６７８", "6217000012345678"),
        ("農業銀行 6217000012345678", "6217000012345678"),
        ("loan-2026/00012345", "LOAN202600012345"),
        ("5678", ""),
        ("尾號 5678", ""),
        ("6217 **** **** 5678", ""),
        ("6217XXXXXXXX5678", ""),
        ("00000000", ""),
        ("無", ""),
    ],
)
def test_an_account_is_one_number_and_what_many_have_is_none(written: str, normal: str) -> None:
    assert normalise("account", written) == normal
