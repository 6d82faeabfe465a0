"""The cluster dispatcher: Procrastinate on PostgreSQL brings jobs to whichever worker is free.

A job that is ready gets a ticket, a job of Procrastinate's that names ours, within the step's own
transaction: both are there after the commit or neither. A ticket is a hint, our row is the truth; one that
comes twice, late or for a job that has ended does nothing, and a job whose ticket was lost is found by the
lane `overdue`.
What waits (timers, retries) gets no ticket: Procrastinate would count by the database's clock.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from engine.jobs.handlers import HANDLERS
from engine.jobs.lanes import STOP_S, Lane
from engine.jobs.local import SENDERS, lanes_of, stop_all
from engine.jobs.pace import Pace
from engine.jobs.ready import carry_out, job_pass, send, send_pass
from engine.runtime.runtime import Runtime
from engine.store.prepared import driver_of

log = logging.getLogger(__name__)

RECORDERS = 2
"""How many recording jobs a worker carries out at the same time; each takes one database connection."""

OVERDUE_S = 10.0
"""After how long a job without a finished ticket is carried out by whoever finds it."""

POLL_S = 1.0
STALLED_S = 30.0
"""After how long without a sign of life a worker's tickets go to others."""

RECORD, SEND = "record", "send"
CARRY_OUT = "redress.carry_out"


class ClusterDispatcher:
    """Lanes for timers, chores and what is overdue, and Procrastinate's workers in a thread of their own."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._lanes = [
            *lanes_of(rt),
            Lane("overdue", lambda stopping: _overdue(rt, stopping), may_wait=True),
            Lane("tickets", lambda _: self._run(), may_wait=True),
        ]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers: asyncio.Task[None] | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the lanes."""
        for lane in self._lanes:
            lane.start()

    def wake(self) -> None:
        """Let the lanes look again."""
        for lane in self._lanes:
            lane.wake()

    def stuck(self) -> list[str]:
        """Return the lanes in which something hangs."""
        return [lane.name for lane in self._lanes if lane.is_stuck()]

    def stop(self) -> bool:
        """Stop Procrastinate's workers and the lanes."""
        self._stopping.set()
        loop, workers = self._loop, self._workers
        if loop is not None and workers is not None and not loop.is_closed():
            loop.call_soon_threadsafe(workers.cancel)
        return stop_all(self._lanes)

    def _run(self) -> Pace:
        """Work off tickets until told to stop, or until the database is away: the lane then begins again."""
        asyncio.run(self._work())
        return Pace(0, POLL_S)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(RECORDERS + SENDERS, "ticket"))
        app = _app_of(self._rt)
        async with app.open_async():
            self._workers = workers = asyncio.create_task(_work_off(app))
            if self._stopping.is_set():
                workers.cancel()
            try:
                await workers
            except asyncio.CancelledError:
                if not self._stopping.is_set():
                    raise


def enqueue(session: Session, jobs: Sequence[tuple[str, str]]) -> None:
    """Write a ticket for each job of our own types, in the transaction of `session`."""
    tickets: dict[str, list[dict[str, Any]]] = {}
    for job_id, job_type in jobs:
        handler = HANDLERS.get(job_type)
        if handler is not None:
            queue = RECORD if handler.record is not None else SEND
            tickets.setdefault(queue, []).append({"job_id": job_id})
    for queue, arguments in tickets.items():
        deferrer = _writer().configure_task(CARRY_OUT, queue=queue, connection=driver_of(session)[0])
        deferrer.batch_defer(*arguments)


@cache
def _writer() -> App:
    """An app that only writes tickets, on connections that it is given."""
    return App(connector=PsycopgConnector())


def _app_of(rt: Runtime) -> App:
    address = make_url(rt.config.database_url).set(drivername="postgresql")
    connector = PsycopgConnector(
        conninfo=address.render_as_string(hide_password=False), min_size=1, max_size=4
    )
    app = App(connector=connector)

    @app.task(name=CARRY_OUT)
    def carry_out_ticket(job_id: str) -> None:
        if not carry_out(rt, job_id, wait=True):
            send(rt, job_id)

    return app


async def _worker(app: App, queue: str, concurrency: int) -> None:
    await app.run_worker_async(
        name=queue,
        queues=[queue],
        concurrency=concurrency,
        fetch_job_polling_interval=POLL_S,
        listen_notify=False,
        delete_jobs=DeleteJobCondition.ALWAYS,
        install_signal_handlers=False,
        shutdown_graceful_timeout=STOP_S / 2,
    )


async def _free_stalled(app: App) -> None:
    """Give the tickets of workers that died to others; without it they would stay `doing` for ever."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            try:
                await app.job_manager.retry_job(job)
            except ProcrastinateException:
                continue  # another worker was first
        await asyncio.sleep(STALLED_S / 3)


async def _work_off(app: App) -> None:
    """Run Procrastinate's workers; when one ends, as when the database went away, end all of them."""
    parts = [_worker(app, RECORD, RECORDERS), _worker(app, SEND, SENDERS), _free_stalled(app)]
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _overdue(rt: Runtime, stopping: Callable[[], bool]) -> Pace:
    """Carry out retries that are due, and what nobody has begun `OVERDUE_S` after it was ready."""
    jobs = job_pass(rt, stopping=stopping, overdue_s=OVERDUE_S)
    sent = send_pass(rt, overdue_s=OVERDUE_S)
    return Pace(jobs.done + sent.done, min(jobs.wait_s, sent.wait_s))
