"""Texts that are kept in clear, as many read them, take nothing that tells who somebody is (R60, R61)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from engine.assembly import Redress
from tests.web.rows import bearer
from tests.world import intake

PHONE = "17799990123"
TYPED = "客戶 177-9999-0123"
DAY = "2026-04-01"
MATTER = {"received_on": "2026-03-02", "reference": TYPED}
SESSION = {"title": TYPED, "contents": ["law"], "planned_on": DAY, "trainer": "compliance"}
RECORD = {
    "username": "handler2",
    "contents": ["law"],
    "held_on": "2026-03-01",
    "reference": TYPED,
    "score": 9,
}
REFUSED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("agent", "/api/v1/complaints", {"source": TYPED}),
    ("agent", "/api/v1/complaints", {"source_ref": TYPED}),
    ("agent", "/api/v1/complaints", {"product": TYPED}),
    ("admin", "/api/v1/instances", {"process_id": "complaint", "business_key": TYPED}),
    ("admin", "/api/v1/instances", {"process_id": "complaint", "variables": {"note": {"text": [TYPED]}}}),
    ("admin", "/api/v1/messages", {"name": "paid", "correlation_key": TYPED, "ttl_s": 60}),
    ("admin", "/api/v1/messages", {"name": "paid", "variables": {"phone": PHONE}, "ttl_s": 60}),
    ("admin", "/api/v1/signals", {"name": "paid", "variables": {"phone": PHONE}}),
    ("compliance", "/api/v1/regulator/inquiries", {"question": "x", **MATTER}),
    ("compliance", "/api/v1/regulator/rectifications", {"opinion": "x", **MATTER}),
    ("analyst", "/api/v1/publications", {"title": TYPED}),
    ("analyst", "/api/v1/training/sessions", SESSION),
    ("analyst", "/api/v1/training/records", RECORD),
)


def test_what_tells_who_somebody_is_is_refused_at_its_field_and_kept_nowhere(
    app: Flask, engine: Redress
) -> None:
    client, wrong = app.test_client(), []
    for name, path, body in REFUSED:
        given = intake() | body if path.endswith("/complaints") else body
        answer = client.post(path, json=given, headers=bearer(engine, name))
        if answer.status_code != 422 or "errors" not in answer.get_json() or TYPED in answer.get_data(True):
            wrong.append((path, body, answer.status_code, answer.get_data(as_text=True)))
    answer = client.post("/tasks/views", data={"name": TYPED}, headers=bearer(engine, "handler"))
    assert answer.status_code == 422
    assert wrong == []
    reason = {"reason": TYPED, "value": 9, "effective_from": DAY}
    client.post(
        "/api/v1/parameters/statute.most_representatives", json=reason, headers=bearer(engine, "owner")
    )
    files = b"".join(path.read_bytes() for path in engine.config.data_dir.glob("redress.db*"))
    assert (PHONE.encode() in files, TYPED.encode() in files) == (False, False)
    assert "客戶 177****0123".encode() in files
