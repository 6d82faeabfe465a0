"""Whoever is shown a customer's data in clear stands in the trail with it, whatever the answer is (R60).

Every address is asked for, read and sent to, by everybody who may have to do with the case; the answer is
looked through, files in it too.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from engine.assembly import Redress
from engine.documents.register import store_document
from engine.store.tables.audit import History
from tests.web.conftest import Visit
from tests.web.rows import bearer
from tests.web.test_canary import CANARIES, addresses, places
from tests.world import actor

__all__ = ["places"]
NOTED = ("personal.revealed", "document.opened", "archive.exported", "pack.produced", "file.viewed")
SENT = {"purpose": "handling", "language": "zh-Hant", "letter": "letter-result"}
ENDING = ("/logout",)


def texts(body: bytes) -> Iterator[str]:
    """Give what stands in an answer: as it is, or in the files of a ZIP, which workbooks are, too."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name
                yield from texts(archive.read(name))
    else:
        yield body.decode("utf-8", "replace")


def noted(engine: Redress, username: str) -> int:
    query = select(func.count()).where(History.actor == username, History.kind.in_(NOTED))
    with engine.sessions.read() as session:
        return session.scalar(query) or 0


@pytest.mark.parametrize("username", ["handler", "supervisor", "auditor"])
def test_nobody_is_shown_a_customer_in_clear_without_a_row(
    app: Flask, engine: Redress, visit: Visit, places: dict[str, str], username: str
) -> None:
    browser, headers = visit(username), bearer(engine, username)
    asked = [(method, each) for method in ("GET", "POST") for each in addresses(app, places, method)]
    unnoted, shown = set(), 0
    for method, address in asked:
        before = noted(engine, username)
        if address.startswith("/api/"):
            sent = {} if method == "POST" else None
            answer = app.test_client().open(address, method=method, headers=headers, json=sent)
        elif method == "GET":
            answer = browser.get(address, follow_redirects=True)
        elif address not in ENDING:
            answer = browser.post(address, SENT)
        found = {each for each in CANARIES if any(each in text for text in texts(answer.data))}
        shown += bool(found)
        if found and noted(engine, username) == before:
            unnoted.add((method, address, answer.status_code, *found))
    assert unnoted == set()
    assert shown


def test_the_name_of_a_file_is_masked_to_whoever_has_nothing_to_do_with_its_case(
    app: Flask, engine: Redress, places: dict[str, str]
) -> None:
    def told(username: str, document_id: str) -> tuple[str, int]:
        before = noted(engine, username)
        address = f"/api/v1/documents/{document_id}"
        answer = app.test_client().get(address, headers=bearer(engine, username))
        return answer.get_json()["name"], noted(engine, username) - before

    assert told("supervisor", places["document_id"]) == ("CANARY-letter.txt", 1)
    assert told("auditor", places["document_id"]) == ("•••.txt", 0)
    with engine.sessions.step() as session:
        content, by = io.BytesIO(b"x"), actor(engine, "handler")
        own = store_document(session, engine.vault, content, "CANARY-new.txt", "text/plain", by).id
    assert told("handler", own) == ("CANARY-new.txt", 0)
