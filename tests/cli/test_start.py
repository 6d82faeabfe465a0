"""Starting `redress` costs what the command needs: scripts and health checks call it all the time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.assembly import YOUNG
from tests.world import ROOT

PROGRAM = """
import atexit, json, runpy, sys
atexit.register(lambda: print("\\n" + json.dumps(sorted(sys.modules))))
runpy.run_module("engine", run_name="__main__")
"""
HEAVY = {
    "SpiffWorkflow",
    "alembic",
    "apscheduler",
    "authlib",
    "engine.models.bundle",
    "engine.runtime",
    "flask",
    "lxml",
    "marshmallow",
    "procrastinate",
    "psycopg",
    "webauthn",
}


def loaded(folder: Path, *words: str) -> set[str]:
    """Return the modules that a command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "REDRESS_ENV": "test",
            "REDRESS_DATA_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "words", [["--help"], ["clock", "show"], ["doctor", "--worker"]], ids=lambda words: words[0]
)
def test_what_asks_nothing_of_the_database_loads_none(tmp_path: Path, words: list[str]) -> None:
    assert loaded(tmp_path, *words) & (HEAVY | {"sqlalchemy"}) == set()


@pytest.mark.parametrize(
    "words",
    [["token", "create", "agent"], ["user", "list"], ["incident", "list"]],
    ids=lambda words: words[0],
)
def test_what_only_reads_and_writes_rows_loads_no_engine(
    sqlite_seed: Path, tmp_path: Path, words: list[str]
) -> None:
    folder = tmp_path / "var"
    shutil.copytree(sqlite_seed, folder)  # others copy the seed as it was made
    assert loaded(folder, *words) & HEAVY == set()


def test_what_a_process_has_loaded_is_not_looked_through_again() -> None:
    program = (
        "import gc; gc.disable(); from engine.assembly import settle; settle();"
        "print(gc.isenabled(), gc.get_freeze_count() > 10 * len(gc.get_objects()), gc.get_threshold()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.split() == ["True", "True", str(YOUNG)]
