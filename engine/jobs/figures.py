"""How the machinery stands, as figures for Prometheus: read from the database at each scrape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine import clock
from engine.jobs.handlers import HANDLERS
from engine.read.standing import Standing, standing
from engine.runtime.runtime import Runtime

LATE_AFTER: Final = timedelta(seconds=60)
"""A timer that is due for longer is late: the tick comes every second."""


class StandingCollector(Collector):
    """Gives the gauges; the same whichever process is asked."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    def collect(self) -> Iterator[Metric]:
        """Give the families."""
        with self._rt.sessions.read() as session:
            now = standing(session, HANDLERS, late_after=LATE_AFTER)
        yield from _families(now)
        yield _gauge(
            "redress_clock_offset_seconds",
            "How far the engine's clock is ahead of real time",
            {(): clock.offset().total_seconds()},
        )


def _families(now: Standing) -> Iterator[Metric]:
    queues = {("own",): now.own_jobs, ("outside",): now.outside_jobs}
    yield _gauge(
        "redress_queue_jobs",
        "Jobs that are ready (counted up to 10000)",
        {key: each.count for key, each in queues.items()},
        "queue",
    )
    yield _gauge(
        "redress_queue_age_seconds",
        "For how long the oldest ready job has waited",
        {key: each.oldest_s for key, each in queues.items()},
        "queue",
    )
    yield _gauge("redress_jobs_dead", "Jobs that were given up", {(): now.dead_jobs})
    yield _gauge("redress_timers_due", "Timers whose instant has come", {(): now.due_timers.count})
    yield _gauge("redress_timers_late", "Timers due for more than a minute", {(): now.late_timers})
    yield _gauge("redress_timers_failed", "Timers that were given up", {(): now.failed_timers})
    yield _gauge(
        "redress_timer_age_seconds",
        "For how long the oldest due timer has waited",
        {(): now.due_timers.oldest_s},
    )
    yield _gauge("redress_incidents_open", "Incidents that wait for somebody", {(): now.incidents.count})
    yield _gauge(
        "redress_incident_age_seconds",
        "For how long the oldest incident is open",
        {(): now.incidents.oldest_s},
    )


def _gauge(name: str, help_text: str, values: dict[tuple[str, ...], float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
