"""What the database means to do for the statements of a call: whether it would read whole tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.assembly import Redress

BIG = (
    *("task", "task_group", "instance", "complaint", "history", "history_value"),
    *("timer", "job", "incident", "notification", "subscription", "buffered_message", "idempotency"),
    *("case_measure", "case_record", "contact", "survey", "survey_answer", "frozen_case", "personal_value"),
    *("quality_file", "quality_record", "quality_frame", "training_record", "sanction", "document"),
    *("archive", "received_mail", "dispatch", "hotline_call", "chat", "subject_index"),
)
"""Tables that grow with the years."""


_WHOLE = re.compile(rf"(?:SCAN|Seq Scan on) (?:{'|'.join(BIG)})\b(.*)")


def scans(redress: Redress, call: Callable[[Session], object], *, walked: tuple[str, ...] = ()) -> list[str]:
    """Return the steps of query plans that read the whole of a big table, or of an index of one.

    `walked` names indexes that may be read from their beginning until the page is full.
    """
    return [
        f"{step}: {' '.join(statement.split())}"
        for step, statement in steps(redress, call)
        if (whole := _WHOLE.match(step)) and not whole.group(1).endswith(walked or "-")
    ]


def steps(redress: Redress, call: Callable[[Session], object]) -> list[tuple[str, str]]:
    """Return each step of the plans of a call's statements, with its statement."""
    return [
        (step, statement)
        for statement, parameters in _statements(redress, call)
        for step in _plan(redress, statement, parameters)
    ]


def statements_of(redress: Redress, call: Callable[[Session], object]) -> int:
    """Return how many queries a call sends."""
    return len(_statements(redress, call))


def _statements(redress: Redress, call: Callable[[Session], object]) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            seen.append((statement, parameters))

    engines = {redress.sessions.read_engine, redress.sessions.step_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        with redress.sessions.read() as session:
            call(session)
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return seen


def _plan(redress: Redress, statement: str, parameters: Any) -> list[str]:
    with redress.sessions.read_engine.connect() as connection:
        if redress.sessions.is_sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in rows]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables would always be scanned
        rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
        return [row[0].split("->")[-1].strip() for row in rows]
