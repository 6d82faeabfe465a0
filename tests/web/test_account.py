"""Settling one's own login, the second step at the login, single sign-on, and the administration's pages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from engine.assembly import Redress, assemble
from engine.people.administration import close_account, give_new_password
from engine.people.second_factor import begin_enrolment, confirm_enrolment
from tests.codes import code, next_code
from tests.jobs.push_service import Subscription
from tests.web.conftest import Browser, Visit, page, text
from tests.world import actor
from web import create_app


def test_a_generator_is_set_up_and_then_asked_for(app: Flask, visit: Visit) -> None:
    browser = visit("agent")
    drawn = browser.post("/account/generator")
    secret = page(drawn).xpath("//code/text()")[0]
    assert page(drawn).xpath("//img/@src")[0].startswith("data:image/svg+xml")
    again = browser.post("/account/generator/confirm", {"code": "1"})
    assert (again.status_code, page(again).xpath("//code/text()")) == (422, [secret])
    assert "is not right" in text(again)
    codes = page(browser.post("/account/generator/confirm", {"code": code(secret)})).xpath("//li/code/text()")
    assert len(codes) == 10
    fresh = Browser(app)
    answer = fresh.post("/login", {"username": "agent", "password": "agent-demo", "next": "/trail"})
    assert answer.location == "/login/code"
    assert fresh.get("/tasks").status_code == 302
    assert "recovery codes" in text(fresh.get("/login/code"))
    assert fresh.post("/login/code", {"code": "000000"}).status_code == 422
    assert fresh.post("/login/code", {"code": next_code(secret)}).location == "/trail"
    assert fresh.get("/tasks").status_code == 200
    third = Browser(app)
    third.post("/login", {"username": "agent", "password": "agent-demo"})
    third.get("/login/code")
    assert third.post("/login/code", {"code": codes[0]}).status_code == 303
    assert "Recovery codes left: 9" in text(third.get("/account"))
    assert third.post("/account/generator/remove", {"current": "wrong"}).status_code == 422
    assert third.post("/account/generator/remove", {"current": "agent-demo"}).status_code == 303
    assert Browser(app).post("/login", {"username": "agent", "password": "agent-demo"}).location == "/"


def test_the_second_step_is_open_for_five_minutes_after_the_password(
    app: Flask, engine: Redress, visit: Visit
) -> None:
    agent = actor(engine, "agent")
    with engine.sessions.step() as session:
        secret = begin_enrolment(session, engine.keyring, agent).secret
        confirm_enrolment(session, engine.keyring, agent, code(secret))
    assert Browser(app).post("/login/code", {"code": next_code(secret)}).location == "/login"
    browser = Browser(app)
    browser.post("/login", {"username": "agent", "password": "agent-demo"})
    browser.get("/login/code")
    with browser.client.session_transaction() as session:
        assert "person" not in session
        session["pending"] = session["pending"] | {"until": 0}
    assert browser.post("/login/code", {"code": next_code(secret)}).location == "/login"
    assert browser.get("/tasks").status_code == 302


def test_a_new_password_ends_the_other_browsers_and_keeps_this_one(app: Flask, visit: Visit) -> None:
    here, elsewhere = visit("agent"), visit("agent")
    new = {"current": "agent-demo", "password": "a long sentence", "again": "a long sentence"}
    assert here.post("/account/password", new | {"again": "another"}).status_code == 422
    assert here.post("/account/password", new | {"current": "wrong"}).status_code == 422
    assert (
        here.post("/account/password", new | dict.fromkeys(("password", "again"), "short")).status_code == 422
    )
    assert here.post("/account/password", new).location == "/account"
    assert here.get("/tasks").status_code == 200
    assert elsewhere.get("/tasks").status_code == 302
    assert here.post("/account/sessions/end").status_code == 303
    assert here.get("/tasks").status_code == 200


def test_a_token_is_shown_once_and_works(app: Flask, visit: Visit) -> None:
    browser = visit("agent")
    assert browser.post("/account/tokens", {"current": "wrong"}).status_code == 422
    token = page(browser.post("/account/tokens", {"current": "agent-demo"})).xpath("//code/text()")[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/tasks", headers=headers).status_code == 200
    assert token not in browser.get("/account").get_data(as_text=True)
    browser.post("/account/tokens/revoke")
    assert app.test_client().get("/api/v1/tasks", headers=headers).status_code == 401


def test_who_was_handed_a_password_chooses_one_before_anything_else(app: Flask, visit: Visit) -> None:
    admin = visit("admin")
    sent = {
        "username": "zhao",
        "display_name": "趙文君",
        "roles": ["handlers"],
        "department_id": "collections",
    }
    assert admin.post("/admin/people/new", sent | {"roles": []}).status_code == 422
    nameless = admin.post("/admin/people/new", sent | {"username": " "})
    (said,) = page(nameless).xpath("//*[@id='username-note']")
    assert (nameless.status_code, said.text_content().strip()) == (422, "a user name is needed")
    assert "cannot be added" not in text(nameless)
    assert page(nameless).xpath("//*[@data-error-summary]//a/@href") == ["#username"]
    password = page(admin.post("/admin/people/new", sent)).xpath("//code/text()")[0]
    browser = Browser(app)
    assert browser.post("/login", {"username": "zhao", "password": password}).status_code == 303
    assert browser.get("/tasks").location == "/account"
    assert browser.get("/api/v1/tasks").status_code == 403
    browser.get("/account")
    new = {"current": password, "password": "a long sentence", "again": "a long sentence"}
    assert browser.post("/account/password", new).status_code == 303
    assert browser.get("/tasks").status_code == 200


def test_administrators_change_close_and_open_accounts_on_their_page(app: Flask, visit: Visit) -> None:
    admin, agent = visit("admin"), visit("agent")
    at = "/admin/people/agent"
    assert "張曉彤" in text(admin.get(at))
    change = {"display_name": "張曉彤", "roles": ["agents", "handlers"], "department_id": "customer-service"}
    assert admin.post(at, change).location == at
    assert page(admin.get(at)).xpath("//input[@name='roles' and @checked]/@value") == ["agents", "handlers"]
    assert admin.post(at, change | {"superior": "agent"}).status_code == 422
    assert admin.post(f"{at}/close").location == at
    assert agent.get("/tasks").status_code == 302
    assert admin.post(f"{at}/open").location == at
    assert admin.post(f"{at}/dance").status_code == 404
    assert admin.post("/admin/people/admin/close").status_code == 422
    for verb in ("unlock", "end-sessions", "remove-factors", "revoke-tokens"):
        assert admin.post(f"{at}/{verb}").location == at, verb
    password = page(admin.post(f"{at}/new-password")).xpath("//code/text()")[0]
    assert Browser(app).post("/login", {"username": "agent", "password": password}).status_code == 303


def test_departments_are_kept_on_their_page(visit: Visit) -> None:
    admin, auditor = visit("admin"), visit("auditor")
    sent = {"id": "legal", "name": "法務部", "parent_id": "compliance", "active": "1"}
    assert admin.post("/admin/departments", sent | {"id": "?"}).status_code == 422
    assert admin.post("/admin/departments", sent).status_code == 303
    assert "法務部" in text(auditor.get("/admin/departments"))
    assert not page(auditor.get("/admin/departments")).xpath("//main//form")


@pytest.fixture
def provider() -> Iterator[str]:
    """A real OpenID Connect provider on this machine; its login form takes any name."""
    with warnings.catch_warnings():
        import authlib.deprecate  # noqa: F401 - puts a filter of its own in front of ours

        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def signing_on(engine: Redress, provider: str) -> Iterator[Flask]:
    config = replace(
        engine.config,
        oidc_issuer=provider,
        oidc_client_id="redress",
        oidc_client_secret="secret",
        oidc_claim="sub",
        public_url="http://localhost",
    )
    with closing(assemble(config)) as system:
        made = create_app(system)
        made.testing = True
        yield made


def come_back(browser: Browser, name: str, way: str = "/login/sso?next=/trail") -> str:
    """Log in at the provider under `name`; return the address to which it leads back."""
    leads = browser.get(way).location
    asked = parse_qs(urlsplit(leads).query)
    assert asked["code_challenge_method"] == ["S256"]
    answer = requests.post(leads, data={"sub": name}, allow_redirects=False, timeout=60)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/login/sso/callback"
    return f"{back.path}?{back.query}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_single_sign_on_opens_the_account_of_that_name(signing_on: Flask, engine: Redress) -> None:
    browser = Browser(signing_on)
    assert "/login/sso" in browser.get("/login").get_data(as_text=True)
    assert browser.get(come_back(browser, "agent")).location == "/trail"
    assert browser.get("/tasks").status_code == 200
    with engine.sessions.step() as session:
        give_new_password(session, actor(engine, "admin"), "handler")
    beside = Browser(signing_on)
    assert beside.get(come_back(beside, "handler")).location == "/trail"
    assert beside.get("/tasks").status_code == 200, "nobody asks for a password that was never used"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_who_signs_on_elsewhere_confirms_who_they_are_by_logging_in_there_anew(signing_on: Flask) -> None:
    browser = Browser(signing_on)
    browser.get(come_back(browser, "agent"))
    with browser.client.session_transaction() as session:
        session["confirmed"] = 0
    browser.get("/tasks")
    asks = browser.post("/account/generator").location
    (fresh,) = page(browser.get(asks)).xpath("//a[contains(@href, '/login/sso')]/@href")
    asked = parse_qs(urlsplit(browser.get(fresh).location).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    browser.get(come_back(browser, "agent", fresh))
    browser.get("/tasks")
    assert browser.post("/account/generator").status_code == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_single_sign_on_opens_nothing_to_strangers_closed_accounts_and_forged_answers(
    signing_on: Flask, engine: Redress
) -> None:
    with engine.sessions.step() as session:
        close_account(session, actor(engine, "admin"), "agent2")
    for name in ("stranger", "agent2", actor(engine, "agent").id):
        browser = Browser(signing_on)
        answer = browser.get(come_back(browser, name))
        assert answer.status_code == 422
        assert "no open account" in text(answer)
        assert browser.get("/tasks").status_code == 302
    browser = Browser(signing_on)
    stolen = come_back(browser, "agent")
    assert Browser(signing_on).get(stolen).status_code == 422
    assert browser.get(re.sub("state=[^&]+", "state=forged", stolen)).status_code == 422
    assert browser.get("/tasks").status_code == 302


def test_without_a_provider_there_is_no_single_sign_on(visit: Visit) -> None:
    browser = visit()
    assert browser.get("/login/sso").status_code == 404
    assert "/login/sso" not in browser.get("/login").get_data(as_text=True)


def test_an_answer_without_a_challenge_is_no_passkey(visit: Visit) -> None:
    nobody = visit()
    nobody.get("/login")
    assert nobody.send("/login/passkey", {"credential": {"id": "x"}}).status_code == 422
    browser = visit("agent")
    assert browser.send("/account/passkeys/options", {}).status_code == 200
    refused = browser.send("/account/passkeys", {"credential": {"id": "x", "rawId": "eA"}, "name": "mine"})
    assert refused.status_code == 422
    assert nobody.send("/login/passkey/options", {}).status_code == 200
    assert nobody.send("/login/passkey", {"credential": {"id": "unknown"}}).status_code == 422


def test_who_closes_an_account_gives_back_what_was_theirs(
    engine: Redress, visit: Visit, task_id: str
) -> None:
    assert visit("handler").post(f"/tasks/{task_id}/claim").status_code == 303
    told = visit("admin").post("/admin/people/handler/close", follow_redirects=True)
    assert "Tasks given back: 1" in text(told)
    assert "Claim" in text(visit("handler2").get("/tasks?tab=groups"))


def test_the_page_of_who_has_left_names_who_counts_on_them(visit: Visit) -> None:
    admin = visit("admin")
    assert "report to this account" not in text(admin.get("/admin/people/supervisor"))
    told = text(admin.post("/admin/people/supervisor/close", follow_redirects=True))
    assert "give them another superior: 張曉彤, 王思琪" in told


def test_a_device_is_kept_for_messages_if_they_can_get_there_and_is_its_owner_s_to_remove(
    app: Flask, visit: Visit
) -> None:
    browser = visit("agent")
    address = Subscription("https://fcm.googleapis.com/fcm/send/x").to_json(name="Desk")
    for wrong in (
        {**address, "endpoint": "http://127.0.0.1:5432/"},
        {**address, "keys": {**address["keys"], "p256dh": "BAAA"}},
        {**address, "keys": {**address["keys"], "auth": "AAAA"}},
        {**address, "keys": "none"},
        {},
    ):
        assert send(browser, wrong).status_code == 422, wrong
    assert send(browser, address).status_code == 200
    (device,) = page(browser.get("/me")).xpath("//*[@data-push-device]/@data-push-device")
    assert "Desk" in text(browser.get("/me"))
    assert visit("handler").post(f"/me/devices/{device}/remove").status_code == 404
    assert browser.post(f"/me/devices/{device}/remove").status_code == 303
    assert "Desk" not in text(browser.get("/me"))
    worker = app.test_client().get("/push-worker.js")
    assert (worker.status_code, worker.mimetype) == (200, "text/javascript")


def send(browser: Browser, address: dict[str, Any]) -> TestResponse:
    """Send an address as the page's script does."""
    return browser.client.post(
        "/me/devices", json=address, headers={"X-CSRFToken": browser.token, "Accept": "application/json"}
    )
