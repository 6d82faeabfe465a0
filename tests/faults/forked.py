"""The engine's own verbs in processes that are killed every few moments: many crashes in little time.

Beside `Installation`, whose processes are those that users run and take seconds to start, a process here is
forked from one that has everything loaded. It acts as users do, or as a worker, tells what was acknowledged
through a pipe, and is ended by SIGKILL in the middle of whatever it does. What it had sent and got no answer
to, its successor sends again under the same key.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

from psycopg.errors import DeadlockDetected
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine.assembly import Redress, assemble
from engine.errors import Conflict, StepFailed
from engine.jobs.outside import activate_jobs, complete_job
from engine.jobs.passes import run_until_quiet
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.runtime.commands import complete, start_instance
from engine.runtime.once import Once
from engine.store.tables.runtime import Instance, Task
from tests.faults import drawn
from tests.faults.invariants import problems
from tests.faults.load import Ledger
from tests.faults.mutants import MUTANTS
from tests.world import settings

Found = TypeVar("Found")
UNKNOWN = "unknown"
REPEATED = 0.2
USERS = ("admin", "owner")
CROWD = (*USERS, "admin-2", "owner-2")
WORKER = "worker"
SHORTEST_S, LONGEST_S = 0.02, 0.35
MOST_ROUNDS = 40
SOME, STUCK_S = 8, 10.0
READY_S = 60.0
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.forked", "tests.faults.rotating"])

Request = tuple[str, str, str, int]
"""What is sent: start, complete or spoil; its key; the task; the value."""


@dataclass
class Life:
    """One process of a role, and what was last heard of it."""

    role: str
    process: Any
    pipe: Connection
    pending: Request | None = None
    ready: bool = False


@dataclass
class Forked:
    """A storm over one installation: processes that act, are killed and come again."""

    folder: Path
    url: str | None = None
    mutant: str | None = None
    seed: int = 0
    users: tuple[str, ...] = USERS
    ledger: Ledger = field(default_factory=Ledger)
    kills: int = 0
    lives: dict[str, Life] = field(default_factory=dict)

    def storm(
        self, kills: int, *, victims: tuple[str, ...] = (), meanwhile: Callable[[int], None] | None = None
    ) -> list[str]:
        """Kill so often, one of `victims` at a time (by default any), let all come to its end, and check."""
        chance, roles = random.Random(self.seed), (*self.users, WORKER)
        self.begin()
        for number in range(kills):
            role = chance.choice(victims or roles)
            self._listen(lambda role=role: self.lives[role].ready)  # type: ignore[misc]
            self._listen_for(chance.uniform(SHORTEST_S, LONGEST_S))
            if meanwhile is not None:
                meanwhile(number)
            pending = self._end(role)
            self._begin(role, pending, chance.random(), draining=False)
        return self.settle()

    def begin(self, *, draining: bool = False) -> None:
        """Let all of them begin; who is draining starts nothing new."""
        chance = random.Random(self.seed)
        for role in (*self.users, WORKER):
            self._begin(role, None, chance.random(), draining=draining)

    def settle(self) -> list[str]:
        """Let users only finish what was started, until nothing goes on; then check."""
        chance = random.Random(self.seed)
        for role in tuple(self.lives):
            self._begin(role, self._end(role), chance.random(), draining=True)
        self._listen(lambda: not any(self.lives[role].process.is_alive() for role in self.users))
        self.stop()
        return self.check(settled=True)

    def hunt(
        self, told: str, *, most: int = MOST_ROUNDS, meanwhile: Callable[[], None] = lambda: None
    ) -> list[str]:
        """Let all act for a moment, kill them and check, until `told` is among what is found.

        Return what was found last: nothing where `most` rounds found nothing.
        """
        chance = random.Random(self.seed)
        pending: dict[str, Request | None] = {}
        found: list[str] = []
        for _ in range(most):
            for role in (*self.users, WORKER):
                self._begin(role, pending.get(role), chance.random(), draining=False)
            self._listen(lambda: all(life.ready for life in self.lives.values()))
            self.listen_to_some(SOME)
            self._listen_for(chance.uniform(0, LONGEST_S))
            meanwhile()
            pending = {role: self._end(role) for role in tuple(self.lives)}
            found = self.check()
            if any(told in each for each in found):
                break
        return found

    def check(self, *, settled: bool = False) -> list[str]:
        """Return what does not hold of the installation, which nobody is using."""
        with closing(assemble(settings(self.folder, self.url))) as redress:
            return problems(redress, self.ledger, settled=settled)

    def stop(self) -> None:
        """End whatever still runs."""
        for role in tuple(self.lives):
            self._end(role)

    def _begin(self, role: str, pending: Request | None, seed: float, *, draining: bool) -> None:
        ours, theirs = FORKS.Pipe(duplex=False)
        given = (self.folder, self.url, self.mutant, role, pending, seed, draining, theirs)
        process = FORKS.Process(target=_live, args=given, daemon=True)
        process.start()
        theirs.close()
        self.lives[role] = Life(role, process, ours, pending)

    def _end(self, role: str) -> Request | None:
        life = self.lives.pop(role)
        if life.process.is_alive():
            life.process.kill()
            self.kills += 1
        life.process.join()
        while self._hear(life):
            pass
        life.pipe.close()
        life.process.close()
        return life.pending

    def _listen(self, done: Callable[[], bool]) -> None:
        last, since = -1, time.monotonic()
        while not done():
            self._listen_for(0.02)
            if self.ledger.acknowledged != last:
                last, since = self.ledger.acknowledged, time.monotonic()
            if time.monotonic() > since + READY_S:
                self.ledger.surprise(f"nothing goes on for {READY_S} s")
                return

    def listen_to_some(self, answers: int) -> None:
        """Listen until a few requests were answered, or too long, as may be with a mutant."""
        patience = STUCK_S if self.mutant else READY_S
        goal, until = self.ledger.answers.total() + answers, time.monotonic() + patience
        while self.ledger.answers.total() < goal and time.monotonic() < until:
            self._listen_for(0.02)

    def _listen_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        lives = {life.pipe: life for life in self.lives.values()}
        while (left := until - time.monotonic()) > 0:
            if not lives:
                time.sleep(left)
            for pipe in wait(list(lives), left):
                if not self._hear(lives[pipe]):  # type: ignore[index]
                    del lives[pipe]  # type: ignore[arg-type]

    def _hear(self, life: Life) -> bool:
        """Take one message from a process; false when there is no more."""
        try:
            kind, *told = life.pipe.recv()
        except (EOFError, OSError):
            return False
        ledger = self.ledger
        if kind == "ready":
            life.ready = True
        elif kind == "sent":
            life.pending = told[0]
            if told[0][0] == "start":
                ledger.asked.add(told[0][1])
        elif kind == "answered":
            life.pending = None
            ledger.answers[told[0]] += 1
        elif kind == "started":
            ledger.started[told[0]] = told[1]
        elif kind == "completed":
            ledger.completed[told[0]] = told[1], told[2]
        elif kind == "delivered":
            ledger.delivered[told[0]] += 1
        elif kind == "ended":
            ledger.ended_jobs.add(told[0])
        else:
            ledger.surprise(told[0])
        return True


def _live(
    folder: Path,
    url: str | None,
    mutant: str | None,
    role: str,
    pending: Request | None,
    seed: float,
    draining: bool,
    pipe: Connection,
) -> None:
    """Act until killed; a user who is draining leaves when nothing is left to be done."""
    if mutant:
        MUTANTS[mutant]()
    chance = random.Random(seed)
    with closing(assemble(settings(folder, url))) as redress:
        pipe.send(("ready",))
        if role == WORKER:
            _work(redress, pipe)
        else:
            _Person(redress, role, chance, pipe).live(pending, draining=draining)


def _work(redress: Redress, pipe: Connection) -> None:
    who = _patiently(lambda: _actor(redress, "admin"))
    while True:
        try:
            run_until_quiet(redress.runtime)
            jobs = activate_jobs(redress.runtime, drawn.OUTSIDE, most=5, timeout_s=1, worker="sink")
            for job in jobs:
                pipe.send(("delivered", job["id"]))
                with suppress(Conflict):  # its time was over, and another has ended it
                    complete_job(redress.runtime, who, job["id"], {}, worker="sink")
                    pipe.send(("ended", job["id"]))
        except OperationalError:
            jobs = []  # the database is away; the next pass finds what this one has left
        time.sleep(0 if jobs else 0.03)


def _actor(redress: Redress, name: str) -> Actor:
    with redress.sessions.read() as session:
        return load_actor(session, name)


def _patiently(read: Callable[[], Found]) -> Found:
    """Read, again and again while the database is away."""
    while True:
        try:
            return read()
        except OperationalError:
            time.sleep(0.03)


class _Person:
    """Starts and completes as `who`, one request after the other."""

    def __init__(self, redress: Redress, name: str, chance: random.Random, pipe: Connection) -> None:
        self.redress, self.rt, self.chance, self.pipe = redress, redress.runtime, chance, pipe
        self.who = _patiently(lambda: _actor(redress, name.partition("-")[0]))

    def live(self, pending: Request | None, *, draining: bool) -> None:
        if pending is not None:
            self._send(pending)
        while not draining or _patiently(self._active):
            open_tasks = _patiently(self._open)
            if not draining and (len(open_tasks) < 4 or self.chance.random() < 0.2):
                self._send(("start", f"{self.chance.random()}", "", 0))
            elif open_tasks:
                task, element = self.chance.choice(open_tasks[:3])
                spoils = element == "first" and self.chance.random() < 0.15
                value = drawn.SPOILT if spoils else self.chance.randrange(10**6)
                kind = "spoil" if spoils else "complete"
                told = self._send((kind, f"{kind}-{task}-{self.chance.random()}", task, value))
                if told == "refused":  # and is corrected
                    self._send(("complete", f"complete-{task}", task, self.chance.randrange(10**6)))
            else:
                time.sleep(0.02)

    def _open(self) -> list[tuple[str, str]]:
        query = select(Task.id, Task.element_id).where(Task.state == "open").order_by(Task.id).limit(20)
        with self.redress.sessions.read() as session:
            return [(task, element) for task, element in session.execute(query)]

    def _active(self) -> bool:
        query = select(Instance.id).where(Instance.process_id == drawn.WORK, Instance.state == "active")
        with self.redress.sessions.read() as session:
            return session.scalars(query.limit(1)).first() is not None

    def _send(self, request: Request) -> str:
        """Send a request until it is answered, and now and then once more: that may change nothing."""
        self.pipe.send(("sent", request))
        while (told := self._outcome(request)) == UNKNOWN:
            time.sleep(0.02)
        if told == request[0] and self.chance.random() < REPEATED:
            self._outcome(request)
        self.pipe.send(("answered", told))
        return told

    def _outcome(self, request: Request) -> str:
        try:
            return self._act(request)
        except Conflict as error:
            if request[0] != "start" and _patiently(lambda: self._is_open(request[2])):
                self.pipe.send(("surprise", f"{request[0]} of a task that is open: {error}"))
            return "lost race"
        except StepFailed as error:
            if request[0] != "spoil":
                self.pipe.send(("surprise", f"{request[0]}: {error}"))
            return "refused"
        except OperationalError as error:
            if self.redress.sessions.is_sqlite or isinstance(error.orig, DeadlockDetected):
                self.pipe.send(("surprise", f"{request[0]}: {error.orig}"))
            return UNKNOWN
        except Exception as error:  # noqa: BLE001 - what a user would get as a 500
            self.pipe.send(("surprise", f"{request[0]}: unexpected {type(error).__name__} {error}"))
            return "failed"

    def _is_open(self, task: str) -> bool:
        with self.redress.sessions.read() as session:
            return session.scalars(select(Task.state).where(Task.id == task)).one() == "open"

    def _act(self, request: Request) -> str:
        kind, key, task, value = request
        once = Once(key, key[:64].ljust(64, "0"))
        if kind == "start":
            made = start_instance(self.rt, self.who, drawn.WORK, business_key=key, idempotency=once)
            self.pipe.send(("started", key, made))
            return kind
        complete(self.rt, self.who, task, {"value": value}, idempotency=once)
        if kind == "spoil":
            self.pipe.send(("surprise", "what cannot go on went on"))
        instance = _patiently(lambda: self._instance_of(task))
        self.pipe.send(("completed", task, instance, value))
        return kind

    def _instance_of(self, task: str) -> str:
        with self.redress.sessions.read() as session:
            return session.scalars(select(Task.instance_id).where(Task.id == task)).one()
