"""The pages on a real, furnished database, asked through Flask's test client as a browser would."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from lxml import html
from werkzeug.test import TestResponse

from engine import clock
from engine.assembly import Redress, assemble
from tests.world import MONDAY, knowing, register, settings, sqlite_seed
from web import create_app

__all__ = ["sqlite_seed"]

USERS = {
    "agents": "agent",
    "handlers": "handler",
    "supervisors": "supervisor",
    "management": "management",
    "supervision-group": "monitor",
    "compliance": "compliance",
    "complaint-management": "analyst",
    "auditors": "auditor",
    "process-owners": "owner",
    "administrators": "admin",
}


@pytest.fixture
def engine(sqlite_seed: Path, tmp_path: Path) -> Iterator[Redress]:
    """A furnished installation of the test's own on SQLite, its clock at MONDAY."""
    folder = tmp_path / "var"
    shutil.copytree(sqlite_seed, folder)
    with closing(assemble(settings(folder))) as made:
        clock.set_to(MONDAY)
        yield knowing(made)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates: each test has an application of its own, which would compile them anew."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(engine: Redress, templates: FileSystemBytecodeCache) -> Flask:
    made = create_app(engine)
    made.jinja_env.bytecode_cache = templates
    made.testing = True
    return made


class Browser:
    """A test client that keeps to what a browser does: it reads the page's token and sends it back."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"Accept-Language": language, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, headers=self.headers, **options)
        self._read_token(answer)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        if not self.token:
            self.get("/login")
        answer = self.client.post(
            path, data={"csrf_token": self.token, **(data or {})}, headers=self.headers, **options
        )
        self._read_token(answer)
        return answer

    def send(self, path: str, body: Any, key: str | None = None) -> TestResponse:
        """Send JSON as the page's own script does, each attempt under a key of its own."""
        headers = {**self.headers, "X-CSRFToken": self.token, "Accept": "application/json"}
        headers["Idempotency-Key"] = key or secrets.token_hex(16)
        return self.client.post(path, json=body, headers=headers)

    def log_in(self, username: str, password: str | None = None) -> TestResponse:
        answer = self.post("/login", {"username": username, "password": password or f"{username}-demo"})
        self.get("/tasks")
        return answer

    def _read_token(self, answer: TestResponse) -> None:
        if answer.mimetype == "text/html" and answer.data:
            found = page(answer).xpath("//meta[@name='csrf-token']/@content")
            self.token = found[0] if found else self.token


def page(answer: TestResponse) -> Any:
    """Parse a page."""
    return html.document_fromstring(answer.get_data(as_text=True))


def text(answer: TestResponse) -> str:
    """Return what a reader sees, spaces made single."""
    body = page(answer).find("body")
    return " ".join(body.text_content().split())


Visit = Callable[..., Browser]


@pytest.fixture
def visit(app: Flask) -> Visit:
    """Open a browser, logged in as a demo user where a name is given."""

    def open_browser(username: str | None = None, language: str = "en") -> Browser:
        browser = Browser(app, language)
        if username is not None:
            assert browser.log_in(username).status_code == 303
        return browser

    return open_browser


@pytest.fixture
def complaint_no(engine: Redress) -> str:
    """A registered complaint of grade 3."""
    return register(engine).complaint_no


@pytest.fixture
def task_id(engine: Redress, complaint_no: str) -> str:
    """The first task of that complaint, open to the handlers."""
    from tests.driving import open_tasks

    return str(open_tasks(engine, complaint_no)[0].id)
