"""Answers are sent in gzip to who reads it, and unchanged to who does not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from flask import Flask

from engine.assembly import Redress
from tests.web.conftest import Browser, Visit, page
from tests.world import register
from web.assets import asset

GZIP = {"Accept-Encoding": "gzip, br"}
MOST_BYTES = 100_000


def fetch(browser: Browser, path: str, **headers: str) -> Any:
    answer = browser.client.get(path, headers={**browser.headers, **headers})
    answer.get_data()
    answer.close()
    return answer


def linked(answer: Any) -> list[str]:
    """The files of ours that a page names, and that a browser therefore fetches with it."""
    found = page(answer).xpath("//script/@src | //link[not(contains(@rel, 'canonical'))]/@href")
    return [str(path) for path in dict.fromkeys(found)]


def test_a_page_and_its_files_are_the_same_in_gzip_and_plain(visit: Visit) -> None:
    browser = visit("handler")
    for path in asset("app"):
        packed, plain = fetch(browser, path, **GZIP), fetch(browser, path)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "immutable" in packed.headers["Cache-Control"]
    packed = fetch(browser, "/tasks", **GZIP)
    assert gzip.decompress(packed.data).decode().startswith("<!doctype html>")


def test_the_length_of_a_page_in_gzip_is_not_always_the_same(visit: Visit) -> None:
    browser = visit("handler")
    assert len({len(fetch(browser, "/me", **GZIP).data) for _ in range(12)}) > 3


@pytest.mark.parametrize("wish", ["identity", "gzip;q=0", "br"])
def test_who_does_not_read_gzip_gets_none(visit: Visit, wish: str) -> None:
    answer = fetch(visit("handler"), "/tasks", **{"Accept-Encoding": wish})
    assert "Content-Encoding" not in answer.headers


def test_a_list_that_did_not_change_is_not_sent_again_in_gzip_either(visit: Visit) -> None:
    browser = visit("handler")
    first = fetch(browser, "/tasks", **GZIP)
    again = fetch(browser, "/tasks", **GZIP, **{"If-None-Match": first.headers["ETag"], "X-Poll": "1"})
    assert (again.status_code, again.data) == (304, b"")


def test_the_first_full_page_of_tasks_takes_less_than_100_kb_with_all_that_it_needs(
    engine: Redress, app: Flask, visit: Visit
) -> None:
    for _ in range(40):
        register(engine)
    browser = visit("handler")
    listed = fetch(browser, "/tasks?tab=groups", **GZIP)
    shown = fetch(browser, "/tasks?tab=groups")
    assert shown.get_data(as_text=True).count('class="row-title"') >= 30
    assert (
        len(listed.data) + sum(len(fetch(browser, each, **GZIP).data) for each in linked(shown)) < MOST_BYTES
    )
