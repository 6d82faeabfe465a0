"""Input that is nearly right: refused by field and in the caller's language, or read as it was meant."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from engine.assembly import Redress
from engine.runtime.deploy import deploy
from tests.web.api.conftest import API, Calling
from tests.world import actor, intake

SETTINGS = Path(__file__).parents[3] / "processes" / "complaint" / "process.toml"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grade": 2.5}, "grade"),
        ({"complainants": 1.5}, "complainants"),
        ({"content": "  \n"}, "content"),
        ({"customer": {"name": " "}}, "customer.name"),
        ({"customer": {"name": "王小明", "nickname": "x"}}, "customer.nickname"),
        ({"channel": "fax"}, "channel"),
        ({"handler": "nobody"}, "handler"),
        ({"handler": "agent"}, "handler"),
        ({"department": "nowhere"}, "department"),
    ],
)
@pytest.mark.parametrize("graded", [True, False])
def test_a_complaint_that_cannot_be_is_refused_at_its_field(
    calling: Calling, changes: dict[str, Any], field: str, graded: bool
) -> None:
    body = intake(**({} if graded else {"category": None, "grade": None})) | changes
    answer = calling("agent").post("/complaints", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_what_a_caller_leaves_open_counts_as_not_given(calling: Calling) -> None:
    open_fields = dict.fromkeys(("received_at", "urgent", "legal_risk", "complainants", "product", "amount"))
    customer = {"name": "王小明", "phone": None, "email": "", "id_number": None}
    number = calling("agent").do("/complaints", intake(customer=customer, **open_fields))["complaint_no"]
    case = calling("agent").read(f"/complaints/{number}")
    assert case["customer"] == {"name": "王小明"}
    assert (case["urgent"], case["received_at"][:13]) == (False, "2026-03-02T01")


def test_a_grade_is_never_cut_to_a_whole_number(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake())["complaint_no"]
    answer = calling("handler").post(f"/complaints/{number}/regrade", {"grade": 1.5, "reason": "graver"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["grade"])
    assert calling("agent").read(f"/complaints/{number}")["grade"] == 3


def test_more_than_a_page_holds_gives_a_full_page_and_the_next(calling: Calling) -> None:
    for _ in range(3):
        calling("agent").do("/complaints", intake())
    assert len(calling("agent").read("/complaints", limit=100_000)["items"]) == 3
    refused = calling("agent").get("/complaints", limit=0)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["limit"])


def test_a_body_nested_without_end_is_refused_with_a_key_and_without(calling: Calling) -> None:
    for levels in (130, 400, 900):
        text = '{"content": ' + "[" * levels + '"\\u0000"' + "]" * levels + "}"
        for key in (None, "k" * 20):
            answer = calling("agent").post("/complaints", data=text, content_type="application/json", key=key)
            assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_an_owner_adds_a_channel_in_the_settings_of_the_family(calling: Calling, engine: Redress) -> None:
    added = b'\n[channels.kiosk]\nzh-Hant = "\xe8\x87\xaa\xe5\x8a\xa9\xe6\xa9\x9f"\nen = "Kiosk"\n'
    files = {"process.toml": SETTINGS.read_bytes() + added}
    deploy(engine.runtime, actor(engine, "owner"), files, family="complaint", note_text="a kiosk")
    number = calling("agent").do("/complaints", intake(channel="kiosk"))["complaint_no"]
    assert calling("agent").read(f"/complaints/{number}")["channel"] == "kiosk"
    body = {"channel": "kiosk", "direction": "in", "summary": "asked again"}
    assert calling("agent").post(f"/complaints/{number}/contacts", body).status_code == 201
    body["channel"] = "fax"
    refused = calling("agent").post(f"/complaints/{number}/contacts", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["channel"])


@pytest.mark.parametrize(("language", "words"), [("zh-TW", "請"), ("zh-CN", "请"), ("en", "Must be one of")])
def test_refusals_are_in_the_language_that_was_asked_for(calling: Calling, language: str, words: str) -> None:
    answer = calling("agent", language).post("/complaints", intake(grade=4))
    assert words in answer.json["errors"]["grade"][0]
    listed = "1, 2, 3" if language == "en" else "1、2、3"
    assert listed in answer.json["errors"]["grade"][0]


def test_who_sends_too_large_a_file_to_a_real_server_hears_that_it_is_too_large(
    app: Flask, calling: Calling
) -> None:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    try:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        length = app.config["MAX_CONTENT_LENGTH"] + 1_000_000
        headers = calling("agent").headers | {"Content-Type": "multipart/form-data; boundary=x"}
        connection.request("POST", f"{API}/documents", body=b"x" * length, headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
        connection.close()
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
