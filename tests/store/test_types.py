"""Instants as text keep their width, so that they sort by time in every year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from engine.store.types import instant_text


def test_the_text_of_an_instant_sorts_as_the_instant_does_and_reads_back() -> None:
    instants = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))),
        datetime(9999, 12, 31, tzinfo=UTC),
    ]
    texts = [instant_text(instant) for instant in instants]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
    assert [datetime.fromisoformat(text) for text in texts] == instants
