"""Completing tasks over HTTP, beside a bare Flask route that commits one row, with 1 and with 8 clients."""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import select

from engine.people.accounts import create_token
from engine.runtime.commands import start_instance
from engine.store.tables.runtime import Task
from tests.bench.figures import Figure
from tests.bench.models import TASKS, VARIABLES
from tests.bench.ours import Ours
from tests.ports import free_port

ROUNDS = 5
REQUESTS = 100
"""Requests of each round, whoever sends them."""
PERCENTILES = {"p50": (0.50, 4), "p99": (0.99, 6)}
BARE = "CREATE TABLE IF NOT EXISTS bare (id {} PRIMARY KEY, text TEXT)"


def http_figures(name: str, ours: Ours, folder: Path, url: str | None) -> list[Figure]:
    """Return times of a completion over HTTP: medians over rounds of each percentile and its ratio."""
    port = free_port()
    with served(folder, url, port):
        token = _token(ours)
        figures = []
        for clients in (1, 8):
            rounds = [_round(ours, port, token, clients) for _ in range(ROUNDS + 1)][1:]
            name_of = f"{{}}, {clients} client{'s'[: clients > 1]}, {name}".format
            for percentile, (share, times) in PERCENTILES.items():
                pairs = [(_at(done, share), _at(bare, share)) for done, bare in rounds]
                figures.append(_beside_bare(name_of(f"completion over HTTP, {percentile}"), pairs, times))
            means = [(statistics.mean(done), statistics.mean(bare)) for done, bare in rounds]
            figures.append(_beside_bare(name_of("completion over HTTP, mean"), means))
    return figures


def _beside_bare(name: str, pairs: list[tuple[float, float]], times: int | None = None) -> Figure:
    """Return medians over rounds of ours, of the bare route's and of the ratio; `times` is the aim."""
    ratio = statistics.median(a / b for a, b in pairs)
    return Figure(
        name,
        round(statistics.median(a for a, _ in pairs), 2),
        "ms",
        round(statistics.median(b for _, b in pairs), 2),
        round(ratio, 2),
        f"at most {times} times" if times else "",
        ratio <= times if times else None,
    )


@contextmanager
def served(folder: Path, url: str | None, port: int) -> Iterator[None]:
    """Serve an installation with gunicorn as `redress serve` does, and the bare route beside it."""
    bare = _make_bare(folder, url)
    environ = os.environ | {
        "REDRESS_ENV": "test",
        "REDRESS_DATA_DIR": str(folder),
        "BENCH_BARE_URL": bare,
        **({"REDRESS_DATABASE_URL": url} if url else {}),
    }
    command = [sys.executable, "-m", "gunicorn", "tests.bench.served:app", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    command += ["--no-control-socket"]
    log = (folder / "served.log").open("wb")
    server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        _await(server, port)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _make_bare(folder: Path, url: str | None) -> str:
    if url:
        plain = url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain) as connection:
            connection.execute(BARE.format("bigint GENERATED ALWAYS AS IDENTITY"))
        return plain
    path = str(folder / "bare.db")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(BARE.format("INTEGER"))
    connection.close()
    return path


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("gunicorn ended at once")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer within 30 seconds")


def _token(ours: Ours) -> str:
    with ours.redress.sessions.step() as session:
        return create_token(session, ours.actor.username)


def _round(ours: Ours, port: int, token: str, clients: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of each completion, and of each bare request, sent by so many clients at once."""
    tasks = _open_tasks(ours, REQUESTS)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"variables": {}})
    bare = _times(clients, port, [("/bare/", "", {})] * REQUESTS)
    done = _times(clients, port, [(f"/api/v1/tasks/{task}/complete", body, headers) for task in tasks])
    return done, bare


def _open_tasks(ours: Ours, count: int) -> list[str]:
    """Return open tasks of as many instances; each is at another of its tasks."""
    keys = [start_instance(ours.redress.runtime, ours.actor, "bench", VARIABLES) for _ in range(count)]
    for number, key in enumerate(keys):
        ours.complete_some(key, number % TASKS)
    with ours.redress.sessions.read() as session:
        query = select(Task.id).where(Task.instance_id.in_(keys), Task.state == "open")
        return list(session.scalars(query))


def _times(clients: int, port: int, requests: list[tuple[str, str, dict[str, str]]]) -> list[float]:
    times: list[float] = []
    waiting = iter(requests)
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            path, body, headers = request
            began = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            times.append((time.perf_counter() - began) * 1000)

    _all_at_once([client] * clients)
    if len(times) != len(requests):
        raise RuntimeError("not every request was answered")
    return times


def _all_at_once(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]
