"""`redress instance`, `timer` and `incident`: what operators do from the command line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine import clock
from engine.assembly import Redress, assemble
from tests.cli.test_command_line import Line
from tests.runtime.test_migrating import fork
from tests.runtime.test_operating import poison, put
from tests.world import MONDAY, settings


@pytest.fixture
def line(sqlite_seed: Path, tmp_path: Path) -> Line:
    folder = tmp_path / "var"
    shutil.copytree(sqlite_seed, folder)
    return Line(folder)


def furnished(line: Line, make: Callable[[Redress], Any]) -> Any:
    with closing(assemble(settings(line.folder))) as redress:
        clock.set_to(MONDAY)
        return make(redress)


def test_an_instance_is_listed_suspended_resumed_changed_and_cancelled(line: Line) -> None:
    instance = furnished(line, put)
    assert re.search(rf"^{instance}  active +p v1", line("instance", "list", "--process", "p").stdout)
    assert line("instance", "suspend", instance).returncode == 2
    done = line("instance", "suspend", instance, "--reason", "why", "--by", "owner")
    assert done.stdout == f"{instance}: suspended\n", done.stderr
    shown = json.loads(line("instance", "show", instance).stdout)
    assert (shown["state"], shown["timers"][0]["state"]) == ("suspended", "held")
    again = line("instance", "suspend", instance, "--reason", "why")
    assert (again.returncode, "active" in again.stderr) == (1, True)
    refused = line("instance", "resume", instance, "--reason", "why", "--by", "handler")
    assert (refused.returncode, "instance.operate" in refused.stderr) == (1, True)
    assert line("instance", "resume", instance, "--reason", "why").stdout == f"{instance}: active\n"
    seen = str(json.loads(line("instance", "show", instance).stdout)["version"] - 1)
    stale = line("instance", "set", instance, "amount=7", "--reason", "why", "--revision", seen)
    assert (stale.returncode, "look at how it stands now" in stale.stderr) == (1, True)
    changed = line("instance", "set", instance, "amount=7", "--reason", "why")
    assert changed.stdout == f"{instance}: changed amount\n", changed.stderr
    wrong = line("instance", "set", instance, "nothing=7", "--reason", "why")
    assert (wrong.returncode, "nothing: is declared by no form" in wrong.stderr) == (1, True)
    timer = line("timer", "list").stdout.split()[0]
    moved = line("timer", "reschedule", timer, "2026-03-09T09:00:00+08:00", "--reason", "why")
    assert moved.stdout == f"{timer}: fires at 2026-03-09T01:00:00+00:00\n", moved.stderr
    assert line("incident", "list").stdout == ""
    assert line("incident", "retry", "--reason", "why").returncode == 2
    unknown = line("incident", "resolve", "0" * 32, "--reason", "why")
    assert (unknown.returncode, "there is no such incident" in unknown.stderr) == (1, True)
    assert line("incident", "retry", "--all", "--reason", "why").stdout == "0 retried\n"
    furnished(line, lambda redress: poison(redress, instance))
    damaged = line("instance", "resume", instance, "--reason", "why")
    assert (damaged.returncode, "Traceback" in damaged.stderr) == (1, False)
    assert line("instance", "cancel", instance, "--reason", "why").stdout == f"{instance}: cancelled\n"
    assert line("audit", "verify").returncode == 0


def test_instances_are_migrated_after_a_preview_and_moved(line: Line) -> None:
    fitting, lost = furnished(line, lambda redress: fork(redress, 3))
    preview = line("instance", "migrate", "--process", "p", "--preview")
    assert (preview.returncode, preview.stdout.splitlines()[0]) == (
        1,
        "5 instance(s) to version 2; of 5 looked into, 3 fit",
    )
    one = line("instance", "migrate", lost[0], "--preview")
    assert (one.returncode, "task  b  does not fit: is not in this scope" in one.stdout) == (1, True)
    assert line("instance", "migrate", lost[0], "--preview", "--map", "b=c").returncode == 0
    done = line("instance", "migrate", lost[0], "--map", "b=c", "--reason", "why")
    assert done.stdout == f"{lost[0]}: active, version 2\n", done.stderr
    everything = line("instance", "migrate", "--process", "p", "--reason", "why")
    assert everything.returncode == 1
    assert everything.stdout.splitlines()[0] == "3 migrated to version 2, 1 failed"
    assert lost[1] in everything.stdout
    assert "4 of 4, 1 failed" in everything.stderr
    moved = line("instance", "move", fitting[0], "--from", "a", "--to", "c", "--reason", "why")
    assert moved.stdout == f"{fitting[0]}: active\n", moved.stderr
    assert line("instance", "migrate", "--reason", "why").returncode == 2
