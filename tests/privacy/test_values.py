"""Personal values in a real database file: sealed, found, tampered with, erased."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from engine.documents.rotation import PERSONS, rewrap_all
from engine.errors import Conflict, InvalidInput, NotFound, SealBroken
from engine.privacy.key_file import create_master_key, rotate_master_key
from engine.privacy.keyring import Keyring, load_keyring
from engine.privacy.masking import ERASED
from engine.privacy.subjects import (
    create_subject,
    erase_subject,
    find_subjects,
    index_subject,
)
from engine.privacy.values import is_reference, read_value, read_values, store_value, store_values
from engine.store.sessions import Sessions
from engine.store.tables.privacy import DataSubject, PersonalValue, SubjectIndex
from tests.databases import DATABASES, opened, sqlite_url
from tests.statements import statements

PERSON = {
    "name": "歐陽明月",
    "id_number": "11010519491231002X",
    "phone": "13800138000",
    "email": "mingyue@example.com",
    "content": "催收人員多次致電我的家人，要求立即還款。",
}


@pytest.fixture(params=DATABASES)
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else sqlite_url(tmp_path)
    with opened(url, [DataSubject, PersonalValue, SubjectIndex]) as database:
        yield database


@pytest.fixture
def sqlite_sessions(tmp_path: Path) -> Iterator[Sessions]:
    with opened(sqlite_url(tmp_path), [DataSubject, PersonalValue, SubjectIndex]) as database:
        yield database


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    create_master_key(tmp_path / "master.key")
    return tmp_path / "master.key"


@pytest.fixture
def keyring(key_file: Path) -> Keyring:
    return load_keyring(key_file, strict=True)


def stored(sessions: Sessions, keyring: Keyring) -> tuple[str, dict[str, str]]:
    with sessions.step() as session:
        subject_id = create_subject(session, keyring)
        references = store_values(session, keyring, subject_id, PERSON)
        index_subject(
            session, keyring, subject_id, {key: PERSON[key] for key in ("phone", "email", "id_number")}
        )
    return subject_id, references


def test_what_was_stored_is_read_back(sessions: Sessions, keyring: Keyring) -> None:
    _, references = stored(sessions, keyring)
    assert all(is_reference(reference) for reference in references.values())
    with sessions.read() as session:
        values = read_values(session, keyring, references.values())
    assert {field: values[reference] for field, reference in references.items()} == PERSON


def test_json_values_keep_their_shape(sessions: Sessions, keyring: Keyring) -> None:
    value = {"measures": [{"type": "refund", "amount": 120.5}], "agreed": True, "note": None}
    with sessions.step() as session:
        subject_id = create_subject(session, keyring)
        reference = store_value(session, keyring, subject_id, "plan", value)
        assert read_value(session, keyring, reference) == value
        with pytest.raises(InvalidInput, match="takes text or JSON"):
            store_value(session, keyring, subject_id, "plan", object())


def test_the_database_files_hold_no_clear_text(
    sqlite_sessions: Sessions, keyring: Keyring, tmp_path: Path
) -> None:
    stored(sqlite_sessions, keyring)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("redress.db"))
    assert b"personal_value" in raw
    for value in PERSON.values():
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert value.encode(encoding) not in raw


def test_all_fields_of_a_form_are_one_insert(sessions: Sessions, keyring: Keyring) -> None:
    with sessions.step() as session:
        subject_id = create_subject(session, keyring)
    with statements(sessions) as seen, sessions.step() as session:
        store_values(session, keyring, subject_id, PERSON)
    begun, _key, stored_at_once, committed = seen
    assert "INSERT INTO personal_value" in stored_at_once
    assert (begun.split()[0], committed.split()[0]) == ("BEGIN", "COMMIT")


def test_nothing_to_store_asks_the_database_nothing(sessions: Sessions, keyring: Keyring) -> None:
    with sessions.step() as session:
        assert store_values(session, keyring, "no such subject", {}) == {}
        assert not session.in_transaction()


def test_a_tampered_value_is_refused_and_named(sessions: Sessions, keyring: Keyring) -> None:
    _, references = stored(sessions, keyring)
    row_id = references["name"].removeprefix("personal:")
    with sessions.step() as session:
        cipher = session.scalars(select(PersonalValue.ciphertext).where(PersonalValue.id == row_id)).one()
        session.execute(
            update(PersonalValue).where(PersonalValue.id == row_id).values(ciphertext=cipher[:-1] + b"\x00")
        )
    with sessions.read() as session, pytest.raises(SealBroken, match=f"personal_value / {row_id} / name"):
        read_values(session, keyring, references.values())


@pytest.mark.parametrize("column", ["ciphertext", "field", "subject_id"])
def test_a_value_moved_to_another_place_does_not_open(
    sessions: Sessions, keyring: Keyring, column: str
) -> None:
    _, mine = stored(sessions, keyring)
    _, theirs = stored(sessions, keyring)
    target, source = mine["phone"].removeprefix("personal:"), theirs["name"].removeprefix("personal:")
    with sessions.step() as session:
        moved = session.scalars(
            select(getattr(PersonalValue, column)).where(PersonalValue.id == source)
        ).one()
        session.execute(update(PersonalValue).where(PersonalValue.id == target).values({column: moved}))
    with sessions.read() as session, pytest.raises(SealBroken, match="belongs to another row"):
        read_value(session, keyring, mine["phone"])


def test_a_key_moved_to_another_person_does_not_open(sessions: Sessions, keyring: Keyring) -> None:
    one, references = stored(sessions, keyring)
    other, _ = stored(sessions, keyring)
    with sessions.step() as session:
        wrapped = session.scalars(select(DataSubject.wrapped_key).where(DataSubject.id == other)).one()
        session.execute(update(DataSubject).where(DataSubject.id == one).values(wrapped_key=wrapped))
    with sessions.read() as session, pytest.raises(SealBroken, match="data_subject"):
        read_values(session, keyring, references.values())


def test_an_erased_person_reads_as_erased_and_cannot_be_found(sessions: Sessions, keyring: Keyring) -> None:
    subject_id, references = stored(sessions, keyring)
    _, others = stored(sessions, keyring)
    with sessions.step() as session:
        assert erase_subject(session, subject_id) is True
    with sessions.step() as session:
        assert erase_subject(session, subject_id) is False
        values = read_values(session, keyring, [*references.values(), *others.values()])
        assert all(values[reference] is ERASED for reference in references.values())
        assert values[others["name"]] == PERSON["name"]
        assert subject_id not in find_subjects(session, keyring, "phone", PERSON["phone"])
        with pytest.raises(Conflict, match="was erased"):
            store_value(session, keyring, subject_id, "name", "x")
        assert session.get_one(DataSubject, subject_id).erased_at is not None


def test_the_key_of_an_erased_person_is_in_no_file_any_more(
    sqlite_sessions: Sessions, keyring: Keyring, tmp_path: Path
) -> None:
    subject_id, _ = stored(sqlite_sessions, keyring)
    with sqlite_sessions.read() as session:
        wrapped = session.scalars(select(DataSubject.wrapped_key).where(DataSubject.id == subject_id)).one()

    def files() -> bytes:
        return b"".join(
            path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("redress.db")
        )

    assert wrapped is not None
    assert wrapped in files()
    with sqlite_sessions.step() as session:
        erase_subject(session, subject_id)
    assert wrapped not in files()


def test_an_erasure_that_is_undone_erases_nothing(sessions: Sessions, keyring: Keyring) -> None:
    subject_id, references = stored(sessions, keyring)
    with pytest.raises(NotFound), sessions.step() as session:
        assert [erase_subject(session, each) for each in (subject_id, "nobody")]
    with sessions.read() as session:
        assert read_value(session, keyring, references["name"]) == PERSON["name"]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("phone", "+86 138-0013-8000"),
        ("phone", "0086 13800138000"),
        ("phone", "１３８００１３８０００"),
        ("phone", "86-138 0013 8000"),
        ("email", "  MingYue@Example.COM "),
        ("id_number", "110105 19491231 002x"),
    ],
)
def test_a_person_is_found_however_the_value_is_written(
    sessions: Sessions, keyring: Keyring, kind: str, written: str
) -> None:
    first, _ = stored(sessions, keyring)
    second, _ = stored(sessions, keyring)
    with sessions.read() as session:
        assert find_subjects(session, keyring, kind, written) == sorted([first, second])


def test_what_is_not_indexed_finds_nobody(sessions: Sessions, keyring: Keyring) -> None:
    stored(sessions, keyring)
    with sessions.read() as session:
        assert find_subjects(session, keyring, "phone", "13800138001") == []
        assert find_subjects(session, keyring, "email", PERSON["phone"]) == []
        assert find_subjects(session, keyring, "phone", " - ") == []
        with pytest.raises(InvalidInput, match="not indexed"):
            find_subjects(session, keyring, "name", PERSON["name"])


def test_indexing_again_adds_only_what_is_new(sessions: Sessions, keyring: Keyring) -> None:
    subject_id, _ = stored(sessions, keyring)
    with sessions.step() as session:
        index_subject(
            session,
            keyring,
            subject_id,
            {"phone": "138 0013 8000", "email": "", "account": "6222 0212 3456 7890"},
        )
        count = session.scalar(select(func.count()).select_from(SubjectIndex))
    assert count == 4


def test_after_a_rotation_every_key_is_wrapped_again(
    sessions: Sessions, keyring: Keyring, key_file: Path
) -> None:
    subjects = [stored(sessions, keyring) for _ in range(3)]
    rotate_master_key(key_file)
    ring = load_keyring(key_file, strict=True)
    with sessions.step() as session:
        erase_subject(session, subjects[2][0])
    assert list(rewrap_all(sessions, ring, batch=1, of=[PERSONS])) == [1, 1]
    assert list(rewrap_all(sessions, ring, of=[PERSONS])) == []
    with sessions.read() as session:
        assert read_value(session, ring, subjects[0][1]["name"]) == PERSON["name"]
        with pytest.raises(SealBroken, match="version 2"):
            read_value(session, keyring, subjects[0][1]["name"])


def test_unknown_references_and_subjects_are_named(sessions: Sessions, keyring: Keyring) -> None:
    with sessions.step() as session:
        with pytest.raises(NotFound, match="personal:nothing"):
            read_values(session, keyring, ["personal:nothing"])
        with pytest.raises(InvalidInput, match="begins with 'personal:'"):
            read_values(session, keyring, ["13800138000"])
        with pytest.raises(NotFound, match="no data subject"):
            store_value(session, keyring, "nobody", "name", "x")
        with pytest.raises(NotFound, match="no data subject"):
            erase_subject(session, "nobody")


def test_more_references_than_one_query_takes_are_all_read(sessions: Sessions, keyring: Keyring) -> None:
    with sessions.step() as session:
        subject_id = create_subject(session, keyring)
        references = store_values(session, keyring, subject_id, {f"field{i}": i for i in range(1_203)})
        values = read_values(session, keyring, references.values())
    assert [values[reference] for reference in references.values()] == list(range(1_203))


def test_reading_for_one_person_leaves_out_what_is_another_s(sessions: Sessions, keyring: Keyring) -> None:
    mine_id, mine = stored(sessions, keyring)
    _, theirs = stored(sessions, keyring)
    wanted = [mine["name"], theirs["name"], "personal:nothing"]
    with sessions.read() as session:
        assert read_values(session, keyring, wanted, subject_id=mine_id) == {mine["name"]: PERSON["name"]}
