"""Logging in and out, and what ends a session."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from engine.assembly import Redress, assemble
from engine.people.accounts import set_active, set_password
from engine.people.browser_sessions import forget_ended_sessions
from engine.store.tables.people import EndedSession
from tests.web.conftest import Browser, Visit, text
from web import create_app
from web.identity import ABSOLUTE_LIMIT_S, IDLE_LIMIT_S


def test_the_right_password_leads_to_the_page_that_was_wanted(app: Flask) -> None:
    browser = Browser(app)
    assert browser.get("/complaints?grade=1").location == "/login?next=/complaints?grade%3D1"
    answer = browser.post(
        "/login", {"username": "agent", "password": "agent-demo", "next": "/complaints?grade=1"}
    )
    assert answer.location == "/complaints?grade=1"
    assert browser.get("/complaints").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "//[",
        "https://[evil",
        "/tasks\r\nX-Evil: 1",
    ],
)
def test_the_login_never_leads_to_another_site(app: Flask, elsewhere: str) -> None:
    browser = Browser(app)
    assert browser.get("/login", query_string={"next": elsewhere}).status_code == 200
    answer = browser.post("/login", {"username": "agent", "password": "agent-demo", "next": elsewhere})
    assert answer.location == "/"


@pytest.mark.parametrize(("username", "password"), [("agent", "wrong"), ("nobody", "nobody-demo"), ("", "")])
def test_every_refusal_reads_alike_and_keeps_the_name(app: Flask, username: str, password: str) -> None:
    answer = Browser(app).post("/login", {"username": username, "password": password})
    assert answer.status_code == 422
    assert "do not match" in text(answer)


def test_the_session_begins_anew_with_the_login(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/login")
    with browser.client.session_transaction() as before:
        before["planted"] = "by somebody else"
        token = before["csrf_token"]
    browser.log_in("agent")
    with browser.client.session_transaction() as after:
        assert "planted" not in after
        assert after["csrf_token"] != token


@pytest.mark.parametrize(("stamp", "limit"), [("seen", IDLE_LIMIT_S), ("began", ABSOLUTE_LIMIT_S)])
def test_a_session_ends_when_it_was_idle_or_open_for_too_long(visit: Visit, stamp: str, limit: int) -> None:
    browser = visit("agent")
    with browser.client.session_transaction() as session:
        session[stamp] -= limit - 60
    assert browser.get("/tasks").status_code == 200
    with browser.client.session_transaction() as session:
        session[stamp] -= 120 + IDLE_LIMIT_S
        session["began"] -= 0 if stamp == "seen" else ABSOLUTE_LIMIT_S
    assert browser.get("/tasks").location == "/login?next=/tasks"


def test_a_new_password_or_a_closed_account_ends_the_sessions(engine: Redress, visit: Visit) -> None:
    first, second = visit("agent"), visit("agent2")
    with engine.sessions.step() as session:
        set_password(session, "agent", "another password")
        set_active(session, "agent2", False)
    assert first.get("/tasks").status_code == 302
    assert second.get("/tasks").status_code == 302


def test_logging_out_ends_the_session(visit: Visit) -> None:
    browser = visit("agent")
    assert browser.post("/logout").location == "/login"
    assert browser.get("/tasks").status_code == 302


def test_a_copy_of_the_cookie_ends_with_the_session_and_another_browser_goes_on(
    engine: Redress, visit: Visit
) -> None:
    browser, copy, other = visit("agent"), visit("agent"), visit("agent")
    with browser.client.session_transaction() as session, copy.client.session_transaction() as copied:
        copied.clear()
        copied.update(session)
    assert copy.get("/tasks").status_code == 200
    browser.post("/logout")
    assert copy.get("/tasks").location == "/login?next=/tasks"
    assert other.get("/tasks").status_code == 200
    with engine.sessions.step() as session:
        assert forget_ended_sessions(session) == 0
        session.execute(update(EndedSession).values(over_at=datetime(2020, 1, 1, tzinfo=UTC)))
        assert forget_ended_sessions(session) == 1


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Flask, engine: Redress) -> None:
    cookie = Browser(app).get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert app.config["SESSION_COOKIE_SECURE"] is (engine.config.environment == "production")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://wiki.localhost"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost:8080"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://name.behind.the.proxy"}, 303),
    ],
)
def test_a_form_that_another_site_s_page_sends_does_nothing_though_its_token_is_right(
    visit: Visit, headers: dict[str, str], status: int
) -> None:
    browser = visit("agent")
    browser.headers |= headers
    answer = browser.post("/logout")
    assert answer.status_code == status
    assert (status == 403) == ("another site" in text(answer))
    assert browser.get("/tasks").status_code == (200 if status == 403 else 302)


def test_a_form_may_come_from_the_address_that_browsers_know(app: Flask, engine: Redress) -> None:
    config = replace(engine.config, public_url="https://complaints.example")
    with closing(assemble(config)) as system:
        browser = Browser(create_app(system))
        browser.headers |= {"Origin": "https://complaints.example"}
        assert browser.log_in("agent").status_code == 303


def test_one_password_cannot_be_tried_on_all_accounts_from_one_place(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.login.place.MOST_FAILURES", 3)
    browser = Browser(app)
    for number, name in enumerate(("handler", "nobody", "supervisor")):
        browser.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        answer = browser.post("/login", {"username": name, "password": "Summer-2026"})
        assert answer.status_code == 422
    refused = browser.post("/login", {"username": "agent", "password": "agent-demo"})
    assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (429, True)
    assert "from your network" in text(refused)
    elsewhere = {"environ_base": {"REMOTE_ADDR": "198.51.100.9"}}
    answer = browser.post("/login", {"username": "agent", "password": "agent-demo"}, **elsewhere)
    assert answer.status_code == 303


def test_setting_the_demo_clock_logs_nobody_out(engine: Redress, visit: Visit) -> None:
    from datetime import timedelta

    from engine import clock

    browser = visit("agent")
    clock.advance(timedelta(days=30))
    assert browser.get("/tasks").status_code == 200
