"""People and a worker outside who use a Redress over HTTP, and write down what it acknowledged.

Each request that acts carries an `Idempotency-Key`. Where the outcome is unknown (no answer, a connection
that broke, an answer of 5xx) it is sent again under the same key until it is answered, as we tell callers to.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from tests.faults import drawn

TIMEOUT_S = 20
PATIENCE_S = 60
PEOPLE = ("admin", "owner")
AT_ONCE = 4
SPOILT_EVERY = 8


class Unanswered(AssertionError):
    """A request got no final answer, or nothing went on, for a long while."""


@dataclass
class Ledger:
    """What the system acknowledged, and what it said on the way."""

    started: dict[str, str] = field(default_factory=dict)  # business key -> instance
    asked: set[str] = field(default_factory=set)  # business keys of all starts that were ever sent
    completed: dict[str, tuple[str, int]] = field(default_factory=dict)  # task -> instance, value
    delivered: Counter[str] = field(default_factory=Counter)  # job -> how often it reached the outside
    ended_jobs: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    repeated: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        """How many starts, completions and jobs were acknowledged."""
        return len(self.started) + len(self.completed) + len(self.ended_jobs)

    def surprise(self, text: str) -> None:
        """Note an answer that nobody should get."""
        with self.lock:
            self.surprises.append(text)


class Caller:
    """A program that acts for one user, with a connection of its own."""

    def __init__(self, port: int, token: str, ledger: Ledger, given_up: threading.Event) -> None:
        self.port, self.ledger, self.given_up = port, ledger, given_up
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection: http.client.HTTPConnection | None = None

    def once(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """Send one request and return status and answer. Raises OSError or HTTPException without one."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            sent = None if body is None else json.dumps(body)
            self.connection.request(method, f"/api/v1{path}", sent, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.getheader("Connection") == "close":
            self.close()
        try:
            return answer.status, json.loads(content) if content else None
        except ValueError:
            self.ledger.surprise(f"{method} {path}: {answer.status} without JSON: {content[:200]!r}")
            return answer.status, None

    def sure(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """Send a request, again and again under its key, until the answer is final."""
        last = "nothing"
        while not self.given_up.is_set():
            try:
                status, answer = self.once(method, path, body, key)
            except (OSError, http.client.HTTPException) as error:
                last = type(error).__name__
            else:
                if status < 500:
                    return status, answer
                last = str(status)
            with self.ledger.lock:
                self.ledger.answers[last] += 1
                self.ledger.repeated += 1
            time.sleep(0.05)
        raise Unanswered(f"{method} {path}: {last}")

    def close(self) -> None:
        """Drop the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Load:
    """Clients that start and complete, and a worker outside, until they are told to stop.

    `drain` then brings every instance that was started to its end.
    """

    def __init__(
        self,
        port: int,
        tokens: dict[str, str],
        *,
        clients: int = 4,
        seed: int = 0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.port, self.tokens = port, tokens
        self.ledger = Ledger()
        self.seed, self.patience_s = seed, patience_s
        self._ending, self._draining = threading.Event(), threading.Event()
        self.failures: list[BaseException] = []
        self._clients = [self._thread(self._client, number) for number in range(clients)]
        self._worker = self._thread(self._outside, clients)

    def start(self) -> None:
        """Let all of them begin."""
        for thread in (*self._clients, self._worker):
            thread.start()

    def wait_for(self, acknowledged: int) -> None:
        """Return when so much more was acknowledged, or nothing more is."""
        goal = self.ledger.acknowledged + acknowledged
        self.until(lambda: self.ledger.acknowledged >= goal)

    def drain(self) -> None:
        """Start nothing more, and return when all that was started has ended, or nothing goes on."""
        self._draining.set()
        self.until(lambda: not any(thread.is_alive() for thread in self._clients))
        self.abandon()

    def until(self, done: Callable[[], bool]) -> None:
        """Wait until it is done, somebody failed, or nothing was acknowledged for a long while."""
        last, since = -1, 0.0
        while not done() and not self.failures:
            if self.ledger.acknowledged != last:
                last, since = self.ledger.acknowledged, time.monotonic()
            if time.monotonic() > since + self.patience_s:
                self.failures.append(Unanswered(f"nothing goes on: {self.told()}"))
            time.sleep(0.02)

    def abandon(self) -> None:
        """Stop where everybody stands."""
        self._draining.set()
        self._ending.set()
        for thread in (*self._clients, self._worker):
            thread.join()

    def told(self) -> str:
        """Return in a line what was done."""
        ledger = self.ledger
        return (
            f"{len(ledger.started)} starts, {len(ledger.completed)} completions and "
            f"{len(ledger.ended_jobs)} jobs acknowledged, {ledger.repeated} requests repeated "
            f"({dict(ledger.answers)})"
        )

    def _thread(self, work: Any, number: int) -> threading.Thread:
        def run() -> None:
            try:
                work(number)
            except Exception as error:  # noqa: BLE001 - told with what does not hold
                if not self._ending.is_set():
                    self.failures.append(error)

        return threading.Thread(target=run, daemon=True)

    def _client(self, number: int) -> None:
        name = PEOPLE[number % len(PEOPLE)]
        chance = random.Random(self.seed * 100 + number)
        with closing(Caller(self.port, self.tokens[name], self.ledger, self._ending)) as caller:
            mine: list[str] = []
            count = 0
            while not self._ending.is_set():
                if len(mine) < AT_ONCE and not self._draining.is_set():
                    count += 1
                    mine.append(self._begin(caller, f"{self.seed}-{number}-{count}"))
                elif mine:
                    instance = mine.pop(0)
                    if self._go_on(caller, instance, chance):
                        mine.append(instance)
                else:
                    break

    def _begin(self, caller: Caller, name: str) -> str:
        with self.ledger.lock:
            self.ledger.asked.add(name)
        body = {"process_id": drawn.WORK, "business_key": name}
        status, answer = caller.sure("POST", "/instances", body, key=f"start-{name}")
        assert status == 201, (status, answer)
        with self.ledger.lock:
            self.ledger.started[name] = answer["instance_id"]
        return str(answer["instance_id"])

    def _go_on(self, caller: Caller, instance: str, chance: random.Random) -> bool:
        """Do what the instance waits for; false when it has ended."""
        status, found = caller.sure("GET", f"/instances/{instance}")
        assert status == 200, (status, found)
        if found["state"] != "active":
            return False
        for task in found["open_tasks"]:
            self._complete(caller, instance, task["id"], chance)
        if not found["open_tasks"]:
            time.sleep(0.05)
        return True

    def _complete(self, caller: Caller, instance: str, task: str, chance: random.Random) -> None:
        if chance.random() < 0.5:
            status, answer = caller.sure("POST", f"/tasks/{task}/claim")
            if status != 200:
                self.ledger.surprise(f"claiming {task}: {status} {answer}")
        if chance.randrange(SPOILT_EVERY) == 0:
            self._spoil(caller, task)
        value = chance.randrange(10**6)
        body = {"variables": {"value": value}}
        status, answer = caller.sure("POST", f"/tasks/{task}/complete", body, key=f"complete-{task}")
        if status != 200:
            self.ledger.surprise(f"completing {task}: {status} {answer}")
            return
        with self.ledger.lock:
            self.ledger.completed[task] = instance, value

    def _spoil(self, caller: Caller, task: str) -> None:
        """Complete with what the next step fails on, where it does: all of it is to be undone."""
        status, found = caller.sure("GET", f"/tasks/{task}")
        if status == 200 and found["element_id"] == "first":
            body = {"variables": {"value": drawn.SPOILT}}
            status, answer = caller.sure("POST", f"/tasks/{task}/complete", body, key=f"spoil-{task}")
            if status != 422:
                self.ledger.surprise(f"what cannot go on: {status} {answer}")

    def _outside(self, _number: int) -> None:
        with closing(Caller(self.port, self.tokens["admin"], self.ledger, self._ending)) as caller:
            while not self._ending.is_set():
                if not self._deliver(caller):
                    time.sleep(0.1)

    def _deliver(self, caller: Caller) -> bool:
        """Take jobs and carry them out; false when there are none."""
        wanted = {"type": drawn.OUTSIDE, "max": 20, "timeout_s": 3, "worker": "sink"}
        status, found = caller.sure("POST", "/jobs/activate", wanted)
        assert status == 200, (status, found)
        for job in found["items"]:
            with self.ledger.lock:
                self.ledger.delivered[job["id"]] += 1  # the effect outside comes before its end here
            body = {"variables": {}, "worker": "sink"}
            status, answer = caller.sure("POST", f"/jobs/{job['id']}/complete", body, key=job["id"])
            if status == 200:
                with self.ledger.lock:
                    self.ledger.ended_jobs.add(job["id"])
            elif status != 409:
                self.ledger.surprise(f"ending job {job['id']}: {status} {answer}")
        return bool(found["items"])
