"""`redress` as people and scripts use it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.config import load
from engine.errors import ConfigurationError
from tests.ports import free_port
from tests.world import ROOT


class Line:
    """Runs `redress` in a process of its own, in an installation of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "REDRESS_ENV": "test",
            "REDRESS_DATA_DIR": str(folder),
        }

    def __call__(self, *words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "engine", *words],
            env=self.environment | environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def redress_line(sqlite_seed: Path, tmp_path: Path) -> Line:
    folder = tmp_path / "var"
    shutil.copytree(sqlite_seed, folder)
    return Line(folder)


def test_init_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    line = Line(tmp_path / "new")
    first = line("init")
    assert first.returncode == 0, first.stderr
    key = (tmp_path / "new" / "master.key").read_bytes()
    assert line("init").returncode == 0
    assert (tmp_path / "new" / "master.key").read_bytes() == key
    assert oct((tmp_path / "new" / "master.key").stat().st_mode)[-3:] == "600"


def test_without_init_commands_say_what_to_do(tmp_path: Path) -> None:
    done = Line(tmp_path / "nothing")("user", "list")
    assert done.returncode == 1
    assert "redress init" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_exit_code_2(redress_line: Line) -> None:
    assert redress_line("nonsense").returncode == 2
    assert redress_line("user", "add").returncode == 2
    assert redress_line("deploy").returncode == 2
    assert redress_line("--help").returncode == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("REDRESS_TIMEZONE", "Nowhere/Land"),
        ("REDRESS_TIMEZONE", "Asia"),
        ("PORT", "70000"),
        ("PORT", "\u00b2"),
        ("REDRESS_KEEP_JOBS_DAYS", "9" * 5000),
        ("REDRESS_SECRET_KEY", "guessable"),
        ("REDRESS_IMAP_URL", "imaps://me:secret@mail.example:none/INBOX"),
        ("REDRESS_SMTP_URL", "smtp://[mail.example"),
        ("REDRESS_PUBLIC_URL", "https://redress.example:99999"),
    ],
)
def test_a_wrong_setting_is_named(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load({name: text})


def test_a_command_says_which_setting_is_wrong(redress_line: Line) -> None:
    done = redress_line("doctor", REDRESS_TIMEZONE="Nowhere/Land")
    assert done.returncode == 1
    assert "REDRESS_TIMEZONE" in done.stderr
    refused = redress_line("init", REDRESS_ENV="production", REDRESS_CLOCK="2026-01-01T00:00:00Z")
    assert refused.returncode == 1
    assert "REDRESS_CLOCK" in refused.stderr


def test_users_are_added_listed_and_given_tokens(redress_line: Line) -> None:
    added = redress_line(
        "user", "add", "newcomer", "--name", "New Comer", "--role", "handlers", given="a long secret 42\n" * 2
    )
    assert added.returncode == 0, added.stderr
    assert re.search(r"^newcomer +handlers", redress_line("user", "list").stdout, re.MULTILINE)
    token = redress_line("token", "create", "newcomer")
    assert token.returncode == 0
    assert re.fullmatch(r"\S{30,}\n", token.stdout)
    assert redress_line("token", "create", "nobody").returncode == 1
    assert redress_line("token", "revoke", "newcomer").stdout == "1 token of newcomer revoked.\n"
    changed = redress_line("user", "passwd", "newcomer", given="another secret 43\n" * 2)
    assert changed.returncode == 0, changed.stderr


def test_a_user_of_a_department_that_there_is_not_is_refused_with_those_there_are(redress_line: Line) -> None:
    words = ("user", "add", "newcomer", "--name", "N", "--role", "handlers", "--department", "nowhere")
    done = redress_line(*words, given="a long secret 42\n" * 2)
    assert done.returncode == 1
    assert "loan-operations" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_clock_is_set_and_advanced_for_every_process(redress_line: Line) -> None:
    assert redress_line("clock", "set", "2026-05-04T09:00:00+08:00").stdout.startswith("2026-05-04T09:0")
    assert redress_line("clock", "advance", "3d").stdout.startswith("2026-05-07T09:0")
    for words in (("advance", "9999999d"), ("advance", "9" * 12 + "d"), ("set", "9999-12-31T23:59:59Z")):
        refused = redress_line("clock", *words)
        assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert redress_line("clock", "show").stdout.startswith("2026-05-07T09:0")
    assert redress_line("clock", "advance", "-PT12H").stdout.startswith("2026-05-06T21:0")
    assert redress_line("clock", "show").stdout.startswith("2026-05-06T21:0")
    assert redress_line("clock", "advance", "soon").returncode == 1
    assert redress_line("clock", "set", "real").returncode == 0
    refused = redress_line("clock", "advance", "1d", REDRESS_ENV="production")
    assert refused.returncode == 1


def test_deploying_again_says_unchanged_and_a_wrong_file_is_refused(
    redress_line: Line, tmp_path: Path
) -> None:
    models = [str(ROOT / "processes" / "complaint"), str(ROOT / "forms" / "complaint")]
    assert "complaint: unchanged" in redress_line("deploy", *models).stdout
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text("<bpmn:definitions")
    for verb in ("lint", "deploy"):
        done = redress_line(verb, str(wrong))
        assert done.returncode == 1
        assert "wrong.bpmn:1 error: the file is not well-formed XML" in done.stderr
    told = redress_line("lint", str(wrong), LANG="zh_CN.UTF-8").stderr
    assert "错误：文件不是格式正确的 XML" in told
    told = redress_line("lint", "--language", "zh-Hant", str(wrong), LANG="zh_CN.UTF-8").stderr
    assert "錯誤：文件不是格式正確的 XML" in told
    assert redress_line("lint", *models).returncode == 0


def test_the_trail_is_verified_exported_and_sealed(redress_line: Line, tmp_path: Path) -> None:
    verified = redress_line("audit", "verify")
    assert verified.returncode == 0
    assert re.match(r"\d+ stream\(s\), [1-9]\d* row\(s\)", verified.stdout)
    exported = [json.loads(line) for line in redress_line("audit", "export", "system").stdout.splitlines()]
    assert [row["seq"] for row in exported] == list(range(1, len(exported) + 1))
    kept = tmp_path / "checkpoint.jsonl"
    assert redress_line("audit", "checkpoint", str(kept)).returncode == 0
    assert json.loads(kept.read_text().splitlines()[0])["streams"] >= 1
    assert redress_line("audit", "export", "nothing").returncode == 1


def test_a_place_that_cannot_be_written_is_said_and_a_reader_who_leaves_is_no_mistake(
    redress_line: Line, tmp_path: Path
) -> None:
    refused = redress_line("audit", "checkpoint", str(tmp_path / "nowhere" / "checkpoint.json"))
    assert (refused.returncode, "nowhere" in refused.stderr, "Traceback" in refused.stderr) == (
        1,
        True,
        False,
    )
    exporting = subprocess.Popen(
        [sys.executable, "-m", "engine", "audit", "export", "system"],
        env=redress_line.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert exporting.stdout is not None
    exporting.stdout.close()
    assert b"Traceback" not in exporting.communicate(timeout=120)[1]


def test_a_calendar_that_is_none_is_refused(redress_line: Line, tmp_path: Path) -> None:
    wrong = tmp_path / "2027.json"
    wrong.write_text('{"year": 2027, "days": []}')
    done = redress_line("calendar", "import", str(wrong))
    assert done.returncode == 1
    assert "2027.json" in done.stderr


def test_the_doctor_finds_a_worker_that_does_not_work(redress_line: Line) -> None:
    done = redress_line("doctor")
    assert done.returncode == 1
    assert "redress work" in done.stderr
    assert "calendar" in done.stdout
    assert redress_line("doctor", "--worker").returncode == 1
    (redress_line.folder / "worker.alive").touch()
    healthy = redress_line("doctor", "--worker")
    assert (healthy.returncode, healthy.stdout) == (0, "Nothing is wrong.\n")


@pytest.mark.parametrize("command", ["serve", "up"])
def test_a_port_in_use_is_said_before_anything_is_done(command: str, tmp_path: Path) -> None:
    line = Line(tmp_path / "new")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = line(command, PORT=str(port), REDRESS_ENV="demo")
    assert done.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port}" in done.stderr
    assert "serves on http" not in done.stdout
    assert not (tmp_path / "new").exists()


def test_a_worker_that_is_told_to_stop_twice_stops_without_a_word(redress_line: Line) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "engine", "work"],
        env=redress_line.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None
    try:
        assert worker.stderr.readline() == "Working off jobs and timers.\n"
        while not (redress_line.folder / "worker.alive").exists():  # it ticks
            assert worker.poll() is None
            time.sleep(0.05)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            worker.send_signal(number)
            time.sleep(0.05)
        _, said = worker.communicate(timeout=60)
        assert said == ""
        # In its last milliseconds Python no longer hears signals; they end what has ended.
        assert worker.returncode in (0, -signal.SIGTERM, -signal.SIGINT)
    finally:
        worker.kill()


def test_ctrl_c_stops_the_whole_demo_and_leaves_nobody_at_the_port(redress_line: Line) -> None:
    port = free_port()
    demo = subprocess.Popen(
        [sys.executable, "-m", "engine", "up", "--models", str(ROOT)],
        env=redress_line.environment | {"REDRESS_ENV": "demo", "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout is not None
    try:
        said = []
        while "Log in as" not in (line := demo.stdout.readline()):
            assert line, "".join(said)
            said.append(line)
        os.killpg(demo.pid, signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
        told = [line for line in rest.splitlines() if line != "Working off jobs and timers."]
        other = [line for line in told if '"message": "job done"' not in line]  # one that ended meanwhile
        assert (demo.returncode, other) == (0, [])
    finally:
        os.killpg(demo.pid, signal.SIGTERM) if demo.poll() is None else None
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass
