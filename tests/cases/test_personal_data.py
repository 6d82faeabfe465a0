"""No personal value is found in clear anywhere but where it is shown to who may see it (R60, R61)."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text

from engine.assembly import Redress
from engine.audit.export import export_stream
from engine.cases.contact import record_contact
from engine.cases.regrading import regrade
from engine.errors import InvalidInput
from engine.privacy.values import read_values
from engine.runtime.form_context import HIDDEN, task_form
from engine.store.base import Base
from tests.driving import complaint, do, drive, open_tasks
from tests.world import actor, intake, register

CANARIES = (
    "王小明CANARY",
    "13912345678",
    "canary@example.com",
    "11010519491231002X",
    "CANARY-CONTENT",
    "CANARY-NOTE",
)


def everything(redress: Redress) -> str:
    """Return all rows of all tables as one text."""
    with redress.sessions.read() as session:
        rows = [
            row
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table.name}"'))
        ]
    return "\n".join(_shown(value) for row in rows for value in row)


def _shown(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def test_no_personal_value_is_in_clear_in_rows_files_history_or_logs(
    redress: Redress, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = register(redress)
    done = drive(
        redress,
        made.complaint_no,
        answers={
            "investigate": {"facts_found": "CANARY-NOTE 王小明CANARY 13912345678"},
            "propose-plan": {"plan_summary": "CANARY-NOTE"},
            "archive": {"archive_note": "CANARY-NOTE"},
        },
    )
    assert done[-1] == "archive"
    second = register(redress)
    record_contact(
        redress.runtime,
        actor(redress, "handler"),
        second.complaint_no,
        channel="hotline",
        direction="in",
        summary="CANARY-NOTE 王小明CANARY",
    )
    regrade(redress.runtime, actor(redress, "supervisor"), second.complaint_no, 1, "CANARY-NOTE")
    with redress.sessions.read() as session:
        exported = "\n".join(
            line
            for stream in (made.instance_id, second.instance_id, "system")
            for line in export_stream(session, stream)
        )
    places = {"rows": everything(redress), "history": exported, "logs": caplog.text}
    for file in redress.config.data_dir.rglob("*"):
        if file.is_file():
            places[file.name] = file.read_bytes().decode("utf-8", "replace")
    leaks = {(place, canary) for place, content in places.items() for canary in CANARIES if canary in content}
    assert leaks == set()


def test_who_works_on_the_case_reads_what_was_written(redress: Redress) -> None:
    made = register(redress)
    drive(
        redress,
        made.complaint_no,
        until="propose-plan",
        answers={"investigate": {"facts_found": "CANARY-NOTE"}},
    )
    drive(
        redress,
        made.complaint_no,
        until="approve-plan",
        answers={"propose-plan": {"plan_summary": "PLAN-NOTE"}},
    )
    task = open_tasks(redress, made.complaint_no)[0]
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, actor(redress, "supervisor"), task.id, "en")
        refs = complaint(redress, made.complaint_no).personal
        content = read_values(session, redress.keyring, [refs["content"]])[refs["content"]]
    assert form.values["plan_summary"] == "PLAN-NOTE"
    assert content == intake()["content"]


def test_who_only_oversees_sees_dots(redress: Redress) -> None:
    made = register(redress)
    drive(
        redress,
        made.complaint_no,
        until="approve-plan",
        answers={"propose-plan": {"plan_summary": "PLAN-NOTE"}},
    )
    task = open_tasks(redress, made.complaint_no)[0]
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, actor(redress, "auditor"), task.id, "en")
    assert form.values["plan_summary"] == HIDDEN


def test_a_reference_typed_into_a_form_brings_up_nothing(redress: Redress) -> None:
    other = register(redress, content="SOMEBODY-ELSE")
    reference = complaint(redress, other.complaint_no).personal["content"]
    made = register(redress)
    task = open_tasks(redress, made.complaint_no)[0]
    do(redress, task, "handler", facts_found=reference)
    drive(
        redress,
        made.complaint_no,
        until="approve-plan",
        answers={"propose-plan": {"plan_summary": reference}},
    )
    approval = open_tasks(redress, made.complaint_no)[0]
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, actor(redress, "supervisor"), approval.id, "en")
    assert "SOMEBODY-ELSE" not in str(form.values)
    assert form.values["plan_summary"] == reference


def test_personal_data_typed_where_none_is_meant_is_kept_apart_all_the_same(redress: Redress) -> None:
    made = register(redress, category=None, grade=None, product=None)
    (task,) = open_tasks(redress, made.complaint_no)
    do(redress, task, product="present: canary@example.com", category="service", grade=3)
    found = everything(redress)
    assert [canary for canary in CANARIES if canary in found] == []
    row = complaint(redress, made.complaint_no)
    assert (row.grade, row.product) == (3, None)


@pytest.mark.parametrize("field", ["product", "partner"])
def test_the_columns_of_the_register_take_no_personal_data(redress: Redress, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(redress, **{field: "貸款，客戶電話 13912345678"})
    assert list(refused.value.errors) == [field]
