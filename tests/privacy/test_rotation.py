"""A new master key while everything runs: who holds the old one follows, nothing becomes unreadable."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.assembly import Redress, assemble
from engine.documents.rotation import rewrap_all, wrapped_under
from engine.errors import ConfigurationError, RedressError, SealBroken
from engine.privacy.keyring import (
    FollowedKeyring,
    create_master_key,
    load_keyring,
    retire_master_key,
    rotate_master_key,
)
from engine.privacy.sealing import new_key
from engine.privacy.values import read_values
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
