"""Two web processes and a worker as operators run them: what they log, and what they count together."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.cli.test_command_line import Line
from tests.ports import free_port
from tests.postgres import Cluster
from tests.world import intake

REQUESTS = 24
PATIENCE_S = 120
CANARIES = ("CANARY", "13912345678", "11010519491231002X", "王小明")


@contextmanager
def running(line: Line, log: Path, *words: str, **environment: str) -> Iterator[None]:
    """Run a command beside, its words going to `log`, until the block ends."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", *words],
            env=line.environment | environment,
            stdout=file,
            stderr=file,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            process.kill()


def ask(address: str, token: str = "", body: Any = None) -> tuple[str, str]:
    """Return the answer's text and the id of the request; `body` is sent once, whatever happens."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(address, json.dumps(body).encode() if body else None, headers)
    with urlopen(request, timeout=PATIENCE_S) as answer:
        return answer.read().decode(), answer.headers.get("X-Request-ID", "")


def wait_for(address: str) -> None:
    """Wait until a server that is just starting answers."""
    deadline = time.monotonic() + PATIENCE_S
    while not answers(address):
        assert time.monotonic() < deadline, f"nobody answers at {address}"
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        urlopen(address, timeout=PATIENCE_S).close()
    except OSError:
        return False
    return True


def figure(text: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def timed(log: Path) -> set[str]:
    """Return the instances of which a worker's log says that a timer fired."""
    lines = [json.loads(each) for each in log.read_text().splitlines() if each.endswith("}")]
    return {each["instance_id"] for each in lines if each["message"] == "timer fired"}


def test_two_web_processes_count_together_and_every_line_tells_its_request_and_instance(
    postgres: Cluster, postgres_seed: tuple[Path, str], tmp_path: Path
) -> None:
    seed, template = postgres_seed
    folder = tmp_path / "var"
    shutil.copytree(seed, folder)
    with postgres.database(template=template.rpartition("/")[2]) as url:
        line, port, worker_port = Line(folder), free_port(), free_port()
        line.environment |= {"REDRESS_DATABASE_URL": url, "PORT": str(port)}
        agent, admin = (line("token", "create", name).stdout.strip() for name in ("agent", "admin"))
        web, work = tmp_path / "web.log", tmp_path / "work.log"
        with (
            running(line, web, "serve", "--workers", "2"),
            running(line, work, "work", "--metrics-port", str(worker_port)),
        ):
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/healthz")
            wait_for(f"http://127.0.0.1:{worker_port}/metrics")
            body = intake(urgent=True, received_at="2026-03-02T09:00:00+08:00")
            given = [ask(f"{address}/api/v1/complaints", agent, body) for _ in range(REQUESTS)]
            scraped = [ask(f"{address}/metrics", admin)[0] for _ in range(6)]
            line("clock", "advance", "10d")
            instances = {json.loads(text)["instance_id"]: request_id for text, request_id in given}
            deadline = time.monotonic() + PATIENCE_S
            while not set(instances) <= timed(work):  # a case has several timers
                assert time.monotonic() < deadline, timed(work)
                time.sleep(0.2)
            told = ask(f"http://127.0.0.1:{worker_port}/metrics")[0]
            assert figure(told, 'redress_timers_total{result="fired"}') >= REQUESTS
        counted = {figure(each, 'redress_step_seconds_count{kind="start"}') for each in scraped}
        assert counted == {REQUESTS}
        lines = [json.loads(each) for each in web.read_text().splitlines()]
        requests = [each for each in lines if each.get("route") == "/api/v1/complaints"]
        assert {each["instance_id"]: each["request_id"] for each in requests} == instances
        assert not any(canary in log.read_text() for canary in CANARIES for log in (web, work))
