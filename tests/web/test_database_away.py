"""A database that is away or full: pages and programs are told so, in their language, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.people.accounts import create_token
from tests.web.conftest import Browser
from web.extensions import db


@pytest.fixture
def away(app: Flask, engine: Redress) -> Flask:
    """The application after the disk of its database is gone."""
    app.testing = False
    with app.app_context():
        db.engine.dispose()
    engine.close()
    path = Path(engine.config.data_dir / "redress.db")
    path.rename(path.with_suffix(".gone"))
    path.mkdir()
    return app


def test_a_program_is_told_to_repeat_under_its_key(
    app: Flask, engine: Redress, request: pytest.FixtureRequest
) -> None:
    with engine.sessions.step() as session:
        token = create_token(session, "admin")
    client = request.getfixturevalue("away").test_client()
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en", "Idempotency-Key": "k"}
    for path in ("/api/v1/instances", "/api/v1/jobs/activate"):
        answer = client.post(path, json={"process_id": "p"}, headers=headers)
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        assert answer.json["title"] == "The database does not answer"
        assert "Idempotency-Key" in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) > 0


def test_a_page_says_so_without_asking_the_database_again(app: Flask, request: pytest.FixtureRequest) -> None:
    browser = Browser(app)
    browser.log_in("handler")
    request.getfixturevalue("away")
    answer = browser.client.get("/tasks", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 503
    assert "数据库没有回应" in answer.get_data(as_text=True)
