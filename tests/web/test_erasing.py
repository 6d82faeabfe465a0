"""A key that was erased over the web is left in none of SQLite's files (R62)."""

from __future__ import annotations

from flask import Flask

from engine.assembly import Redress
from engine.store.tables.privacy import DataSubject
from tests.driving import complaint, drive
from tests.web.conftest import Visit
from tests.web.rows import bearer
from tests.world import register


def test_an_erased_key_is_left_in_no_file_of_the_database(app: Flask, engine: Redress, visit: Visit) -> None:
    by_page, by_api = (register(engine, grade=3).complaint_no for _ in range(2))
    for no in (by_page, by_api):
        drive(engine, no)
    for no in (by_page, by_api):
        with engine.sessions.read() as session:
            key = session.get_one(DataSubject, complaint(engine, no).subject_id).wrapped_key
        assert key is not None
        assert _kept(engine, key)
        if no == by_page:
            visit("compliance").post(f"/complaints/{no}/erase", {"reason": "request", "sure": "1"})
        else:
            body, headers = {"reason": "request"}, bearer(engine, "compliance")
            app.test_client().post(f"/api/v1/complaints/{no}/erase", json=body, headers=headers)
        with engine.sessions.read() as session:
            subject = session.get_one(DataSubject, complaint(engine, no).subject_id)
        assert subject.wrapped_key is None
        assert not _kept(engine, key)


def _kept(engine: Redress, key: bytes) -> bool:
    return any(key in path.read_bytes() for path in engine.config.data_dir.glob("redress.db*"))
