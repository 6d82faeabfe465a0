"""`/metrics`: what Prometheus reads, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from engine import clock
from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.people.accounts import create_token
from engine.runtime.incidents import open_incident
from engine.store.ids import new_id
from tests.web.conftest import Visit
from tests.world import register

Figures = dict[tuple[str, ...], float]


def scrape(app: Flask, engine: Redress, username: str = "admin") -> Figures:
    with engine.sessions.step() as session:
        token = create_token(session, username)
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_steps_caches_and_timers_are_counted(app: Flask, engine: Redress) -> None:
    before = scrape(app, engine)
    register(engine)
    clock.advance(timedelta(days=10))
    run_until_quiet(engine.runtime)
    now = scrape(app, engine)

    def more(*name: str) -> float:
        return now.get(name, 0.0) - before.get(name, 0.0)

    assert more("redress_step_seconds_count", "start") >= 1
    assert more("redress_step_seconds_count", "advance") >= 1
    assert more("redress_cache_total", "workflow", "hit") >= 1
    assert more("redress_timers_total", "fired") >= 1
    assert more("redress_timer_lateness_seconds_count") == more("redress_timers_total", "fired")


def test_what_waits_and_what_has_failed_is_read_from_the_database(app: Flask, engine: Redress) -> None:
    register(engine)
    quiet = scrape(app, engine)
    assert quiet["redress_timers_due",] == quiet["redress_incidents_open",] == 0
    clock.advance(timedelta(days=10))
    with engine.sessions.step() as session:
        open_incident(session, "job", new_id(), None, "notify", "no answer")
    clock.advance(timedelta(minutes=5))
    late = scrape(app, engine)
    assert late["redress_timers_due",] == late["redress_timers_late",] >= 1
    assert late["redress_timer_age_seconds",] > 24 * 3600
    assert (late["redress_incidents_open",], late["redress_incident_age_seconds",] >= 300) == (1, True)
    assert late["redress_clock_offset_seconds",] == pytest.approx(clock.offset().total_seconds())


def test_only_who_may_see_how_the_system_runs_may_read_it(app: Flask, engine: Redress, visit: Visit) -> None:
    assert app.test_client().get("/metrics", headers={"Accept": "text/plain"}).status_code == 401
    assert visit("agent").get("/metrics").status_code == 403
    for username in ("admin", "owner", "auditor"):
        assert scrape(app, engine, username)
