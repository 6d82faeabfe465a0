"""The master key file, and what is sealed under it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, SealBroken
from engine.privacy.key_file import create_master_key, rotate_master_key
from engine.privacy.keyring import load_keyring
from engine.privacy.sealing import bound_to, new_key, seal, unseal


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "master.key"
    create_master_key(path)
    return path


def test_a_new_master_key_file_is_for_its_owner_alone(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    load_keyring(key_file, strict=True)


def test_an_existing_master_key_is_never_overwritten(key_file: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(ConfigurationError, match="is left alone"):
        create_master_key(key_file)
    assert key_file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_production_refuses_a_key_that_others_may_read(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_keyring(key_file, strict=True)
    load_keyring(key_file, strict=False)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": 1, "current": 2, "keys": {}, "index": ""}',
        '{"format": 1, "current": 1, "keys": {"1": "c2hvcnQ="}, "index": "c2hvcnQ="}',
    ],
)
def test_a_damaged_master_key_file_is_named_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load_keyring(path, strict=False)
    assert str(path) in str(caught.value)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_missing_master_key_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="redress init"):
        load_keyring(tmp_path / "none.key", strict=True)


def test_printing_a_keyring_shows_no_key(key_file: Path) -> None:
    ring = load_keyring(key_file, strict=True)
    assert repr(ring) == "Keyring(current=1)"


def test_a_wrapped_key_opens_for_its_owner_only(key_file: Path) -> None:
    ring, key = load_keyring(key_file, strict=True), new_key()
    wrapped = ring.wrap(key, "data_subject", "a")
    assert ring.unwrap(wrapped, "data_subject", "a") == key
    for owner in (("data_subject", "b"), ("document", "a"), ("data_subjecta",)):
        with pytest.raises(SealBroken, match="does not open"):
            ring.unwrap(wrapped, *owner)


def test_after_a_rotation_old_keys_open_and_new_ones_use_the_new_version(key_file: Path) -> None:
    old, key = load_keyring(key_file, strict=True), new_key()
    wrapped = old.wrap(key, "data_subject", "a")
    assert rotate_master_key(key_file) == 2
    ring = load_keyring(key_file, strict=True)
    assert ring.current == 2
    assert ring.unwrap(wrapped, "data_subject", "a") == key
    assert ring.digest("phone", "13800138000") == old.digest("phone", "13800138000")
    with pytest.raises(SealBroken, match="version 2 of the master key"):
        old.unwrap(ring.wrap(key, "data_subject", "a"), "data_subject", "a")


def test_the_version_of_a_wrapped_key_cannot_be_changed(key_file: Path) -> None:
    old = load_keyring(key_file, strict=True).wrap(new_key(), "data_subject", "a")
    rotate_master_key(key_file)
    with pytest.raises(SealBroken, match="does not open"):
        load_keyring(key_file, strict=True).unwrap(b"\x00\x02" + old[2:], "data_subject", "a")


def test_two_installations_index_the_same_value_differently(key_file: Path, tmp_path: Path) -> None:
    create_master_key(tmp_path / "other.key")
    one, other = load_keyring(key_file, strict=True), load_keyring(tmp_path / "other.key", strict=True)
    assert one.digest("phone", "13800138000") != other.digest("phone", "13800138000")
    assert one.digest("phone", "13800138000") != one.digest("account", "13800138000")


def test_a_value_sealed_twice_looks_different_each_time() -> None:
    key = new_key()
    assert seal(key, b"x", "t", "1", "f") != seal(key, b"x", "t", "1", "f")


def test_every_single_changed_byte_is_noticed() -> None:
    key = new_key()
    sealed = seal(key, b"clear", "t", "1", "f")
    assert unseal(key, sealed, "t", "1", "f") == b"clear"
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken, match="t / 1 / f"):
            unseal(key, bytes(changed), "t", "1", "f")
    with pytest.raises(SealBroken, match="damaged or replaced"):
        unseal(key, sealed[:20], "t", "1", "f")


def test_no_two_places_look_alike() -> None:
    assert bound_to("ab", "c") != bound_to("a", "bc")
    assert bound_to("a", "") != bound_to("a")


def test_the_key_file_holds_what_a_later_release_needs_to_read_it(key_file: Path) -> None:
    content = json.loads(key_file.read_text())
    assert set(content) == {"format", "current", "keys", "index"}
    assert content["format"] == 1
