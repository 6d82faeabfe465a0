"""A new master key while everything runs: who holds the old one follows, nothing becomes unreadable."""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from engine.assembly import Redress, assemble
from engine.documents.rotation import retire_version, rewrap_all, wrapped_under
from engine.errors import ConfigurationError, Conflict, RedressError, SealBroken
from engine.privacy.key_file import create_master_key, retire_master_key, rotate_master_key
from engine.privacy.keyring import FollowedKeyring, load_keyring, wrapped_with
from engine.privacy.sealing import new_key
from engine.privacy.subjects import create_subject
from engine.privacy.values import read_values
from engine.store.tables.privacy import DataSubject
from tests.driving import complaint, drive
from tests.world import register

OWNER = ("data_subject", "a")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "master.key"
    create_master_key(path)
    return path


def test_a_running_program_follows_a_rotation(key_file: Path) -> None:
    running, key = FollowedKeyring(key_file, strict=True), new_key()
    before = running.wrap(key, *OWNER)
    assert rotate_master_key(key_file) == 2
    assert running.current == 2
    assert running.versions == [1, 2]
    after = running.wrap(key, *OWNER)
    fresh = load_keyring(key_file, strict=True)
    assert [fresh.unwrap(each, *OWNER) for each in (before, after)] == [key, key]
    assert running.unwrap(before, *OWNER) == key


def test_the_blind_index_finds_the_same_after_a_rotation(key_file: Path) -> None:
    running = FollowedKeyring(key_file, strict=True)
    before = running.digest("phone", "13912345678")
    rotate_master_key(key_file)
    assert running.digest("phone", "13912345678") == before


def test_a_broken_or_missing_file_leaves_a_running_program_its_keys(key_file: Path) -> None:
    running, key = FollowedKeyring(key_file, strict=True), new_key()
    wrapped = running.wrap(key, *OWNER)
    good = key_file.read_bytes()
    key_file.write_bytes(b"{}")
    assert running.unwrap(wrapped, *OWNER) == key
    key_file.unlink()
    assert running.unwrap(wrapped, *OWNER) == key
    key_file.write_bytes(good)
    key_file.chmod(0o600)
    rotate_master_key(key_file)
    assert running.current == 2


def test_a_retired_version_no_longer_opens_and_the_one_in_force_cannot_be_retired(key_file: Path) -> None:
    running, key = FollowedKeyring(key_file, strict=True), new_key()
    wrapped = running.wrap(key, *OWNER)
    with pytest.raises(ConfigurationError, match="in force"):
        retire_master_key(key_file, 1)
    rotate_master_key(key_file)
    retire_master_key(key_file, 1)
    with pytest.raises(SealBroken, match="version 1"):
        running.unwrap(wrapped, *OWNER)
    with pytest.raises(ConfigurationError, match="does not hold"):
        retire_master_key(key_file, 1)


def test_of_many_who_rotate_at_once_each_puts_a_version_of_its_own_in_force(key_file: Path) -> None:
    left = key_file.with_name(f"{key_file.name}.{os.getpid()}.new")
    left.write_text("of a process with our number, killed while it wrote")
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _each: rotate_master_key(key_file), range(6)))
    assert sorted(made) == [2, 3, 4, 5, 6, 7]
    assert load_keyring(key_file, strict=True).versions == [1, *sorted(made)]
    assert not left.exists()


def test_a_running_program_does_not_go_back_to_an_older_copy_of_its_file(
    key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    older, running = key_file.read_bytes(), FollowedKeyring(key_file, strict=True)
    rotate_master_key(key_file)
    wrapped = running.wrap(new_key(), *OWNER)
    key_file.write_bytes(older)
    with caplog.at_level(logging.ERROR):
        assert wrapped_with(running.wrap(running.unwrap(wrapped, *OWNER), *OWNER)) == 2
    assert "an older copy" in caplog.text


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_a_damaged_key_holds_up_no_other_and_keeps_its_version(redress: Redress) -> None:
    damaged, whole = (complaint(redress, register(redress).complaint_no).subject_id for _ in range(2))
    with redress.sessions.step() as session:
        session.get_one(DataSubject, damaged).wrapped_key = b"\0\1" + b"x" * 60
    rotate_master_key(redress.config.master_key_file)
    assert sum(rewrap_all(redress.sessions, redress.keyring, batch=1)) == 1
    with redress.sessions.read() as session:
        assert session.get_one(DataSubject, whole).key_version == 2
        assert wrapped_under(session) == {1: 1, 2: 1}
    with pytest.raises(Conflict, match="still wraps 1 key"):
        retire_version(redress.sessions, redress.config.master_key_file, 1)


def test_a_version_is_retired_after_whoever_wrapped_under_it_has_committed(redress: Redress) -> None:
    """Somebody registers a customer before the rotation, and commits after all else was wrapped anew."""
    begun, go_on, failures = threading.Event(), threading.Event(), []

    def register_slowly() -> None:
        with redress.sessions.step() as session:
            create_subject(session, redress.keyring)
            begun.set()
            go_on.wait(30)

    def retire() -> None:
        try:
            retire_version(redress.sessions, redress.config.master_key_file, 1)
        except Conflict as error:
            failures.append(str(error))

    slow, retiring = threading.Thread(target=register_slowly), threading.Thread(target=retire)
    slow.start()
    assert begun.wait(30)
    rotate_master_key(redress.config.master_key_file)
    retiring.start()
    retiring.join(0.3)
    go_on.set()
    for thread in (slow, retiring):
        thread.join()
    assert failures == ["version 1 still wraps 1 key(s): run `redress key rewrap` first"]
    assert redress.keyring.versions == [1, 2]


def test_keys_are_wrapped_anew_while_others_register(redress: Redress) -> None:
    numbers = [register(redress).complaint_no for _ in range(6)]
    failures: list[RedressError] = []

    def go_on_registering(system: Redress) -> None:
        try:
            numbers.extend(register(system).complaint_no for _ in range(6))
        except RedressError as error:
            failures.append(error)

    with closing(assemble(redress.config)) as other:
        others = [threading.Thread(target=go_on_registering, args=(system,)) for system in (redress, other)]
        for thread in others:
            thread.start()
        rotate_master_key(redress.config.master_key_file)
        done = sum(rewrap_all(redress.sessions, redress.keyring, batch=2))
        for thread in others:
            thread.join()
        done += sum(rewrap_all(other.sessions, other.keyring, batch=2))
    assert failures == []
    assert done >= 6
    with redress.sessions.read() as session:
        assert wrapped_under(session) == {2: len(numbers)}
        for number in numbers:
            reference = complaint(redress, number).personal["name"]
            assert read_values(session, redress.keyring, [reference])[reference] == "王小明CANARY"
    drive(redress, numbers[0])
