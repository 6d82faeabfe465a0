"""tools/setup: what it does where it may not, or need not, install anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

NEEDED = ["bash", "cat", "dirname", "env", "flock", "git", "mkdir", "sha256sum"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project folder with the script alone, and a `bin` folder with little on it."""
    (tmp_path / "tools").mkdir()
    shutil.copy2(ROOT / "tools" / "setup", tmp_path / "tools" / "setup")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    return tmp_path


def program(place: Path, name: str, script: str) -> None:
    path = place / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def setup(place: Path, goal: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [place / "tools" / "setup", goal],
        env={"PATH": str(place / "bin"), "HOME": str(place), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_rights_it_prints_the_line_to_run_and_ends_with_2(place: Path) -> None:
    program(place, "id", "echo 1000")
    program(place, "apt-get", "echo no rights >&2; exit 100")
    done = setup(place, "test")
    assert done.returncode == 2
    line = (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends python3 python3-venv chromium"
    )
    assert line in done.stderr
    assert not (place / ".venv").exists()


def test_as_root_it_says_what_it_installs_and_installs_it(place: Path) -> None:
    program(place, "id", "echo 0")
    program(
        place, "apt-get", 'echo "apt-get $*" >>apt.log; [ "$1" = update ] || { echo broken >&2; exit 100; }'
    )
    done = setup(place, "test")
    assert done.returncode == 100
    assert "Installing Debian packages: python3 python3-venv chromium" in done.stderr
    updated, installed = (place / "apt.log").read_text().splitlines()
    assert updated == "apt-get update -qq"
    assert installed.startswith(
        "apt-get install -qq -y --no-install-recommends python3 python3-venv chromium"
    )


def test_one_line_names_all_that_is_missing(place: Path) -> None:
    program(place, "id", "echo 1000")
    program(place, "apt-get", "exit 100")
    program(place, "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    done = setup(place, "test")
    assert "--no-install-recommends python3-venv chromium" in done.stderr


def test_on_another_system_it_names_what_is_missing(place: Path) -> None:
    done = setup(place, "test")
    assert done.returncode == 2
    assert "Missing: python3 python3-venv chromium" in done.stderr


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_a_python_that_is_too_old_or_too_new_is_not_taken(place: Path, version: str) -> None:
    program(place, "python3", f'[ "$1" = --version ] && echo "Python {version}" || exit 1')
    done = setup(place, "run")
    assert done.returncode == 2
    assert f"needs Python 3.11, 3.12 or 3.13; found only Python {version}" in done.stderr


def test_an_unknown_goal_is_wrong_usage(place: Path) -> None:
    done = setup(place, "everything")
    assert (done.returncode, done.stderr) == (2, "usage: tools/setup [run|check|test|bench]\n")


def test_the_continuous_integration_ends_with_the_closing_line_and_the_exit_code(place: Path) -> None:
    (place / ".ci").mkdir()
    shutil.copy2(ROOT / ".ci" / "run", place / ".ci" / "run")
    (place / "bin" / "make").write_text(
        "#!/usr/bin/env bash\necho '===== 3 passed in 0.10s ====='\necho 'make: done'\nexit 3\n"
    )
    (place / "bin" / "make").chmod(0o755)
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=place,
        env={"PATH": f"{place / 'bin'}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "===== 3 passed in 0.10s ====="
