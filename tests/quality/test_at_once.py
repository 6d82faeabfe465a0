"""Two people at the same moment: of what counts once there is one, and whoever came second is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.domain.kpi import read_period
from engine.errors import Conflict
from engine.quality.accountability.opening import open_by_hand
from engine.quality.contest import contest
from engine.quality.files import FILE
from engine.quality.freezing import (
    _begin,
    _write_cases,
    correct,
    freeze_due,
    frozen,
    seen_of,
    verify_all_frozen,
)
from engine.quality.kinds import ACCOUNTABILITY, CONTEST, INQUIRY, MAJOR_REPORT, Kind
from engine.quality.publicity import open_publication
from engine.quality.regulator.opening import open_inquiry, open_major_report
from engine.quality.training.records import CONTENTS, Attended, enter_training
from engine.runtime.commands import claim, complete
from engine.runtime.form_context import task_form
from tests.at_once import at_once
from tests.driving import do, drive, open_tasks_of
from tests.filling import fill
from tests.quality.test_freezing import CLOSING
from tests.world import actor, register

MARCH = read_period("2026-03")


@pytest.fixture
def answered(redress: Redress) -> str:
    """A case of March that was answered, with the figures of March frozen."""
    number = register(redress).complaint_no
    drive(redress, number)
    clock.set_to(CLOSING)
    freeze_due(redress.runtime)
    return number


def count(redress: Redress, kind: Kind) -> int:
    with redress.sessions.read() as session:
        found = session.scalar(select(func.count()).select_from(FILE).where(FILE.c.kind == kind.name))
    return int(found or 0)


def test_of_what_counts_once_there_is_one_and_whoever_came_second_is_told(
    redress: Redress, answered: str
) -> None:
    rt = redress.runtime
    analyst, compliance, handler = (actor(redress, name) for name in ("analyst", "compliance", "handler"))
    letter: dict[str, Any] = {"reference": "L-1", "question": "x", "received_on": date(2026, 4, 14)}
    attended = Attended("handler", CONTENTS, date(2026, 4, 14), 90, "HR-1")
    publication = open_publication(rt, analyst, "投訴專頁").no
    do(redress, open_tasks_of(redress, publication)[0], "analyst", material="V1", due_date="2026-06-30")
    (review,) = open_tasks_of(redress, publication)
    claim(rt, compliance, review.id)
    with redress.sessions.read() as session:
        form = task_form(rt, session, compliance, review.id, "en")
    reviewed = fill(form.schema, form.values)
    answer_survey(rt, survey_token(redress.keyring, answered), {"score": "1"})
    for verb in (
        lambda: open_inquiry(rt, compliance, **letter),
        lambda: open_major_report(rt, compliance, answered, "x"),
        lambda: open_by_hand(rt, compliance, answered, reason="x"),
        lambda: enter_training(rt, analyst, attended),
        lambda: complete(rt, compliance, review.id, reviewed),
        lambda: correct(rt, analyst, "2026-03", "a late answer to the survey"),
    ):
        outcomes = at_once(verb, verb, verb)
        assert [type(each) for each in outcomes].count(Conflict) == 2, outcomes
    one, again = at_once(*[lambda: contest(rt, handler, "2026-03", 2, "timeliness", answered, "x")] * 2)
    assert one == again  # the same person about the same: led to the file that is there
    assert [count(redress, kind) for kind in (INQUIRY, MAJOR_REPORT, ACCOUNTABILITY, CONTEST)] == [1] * 4
    with redress.sessions.read() as session:
        assert frozen(session, "2026-03")["version"] == 2
        assert verify_all_frozen(session) == []


def test_a_version_that_another_has_begun_anew_is_given_up_and_harms_none(
    redress: Redress, answered: str
) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    with redress.sessions.read() as session:
        first = frozen(session, "2026-03")
        seen = seen_of(session, first["id"])
    body = first["body"] | {"calendar": "another"}
    slow, _ = _begin(rt, analyst, MARCH, body, "correction", "x")
    answer_survey(rt, survey_token(redress.keyring, answered), {"score": "1"})
    assert correct(rt, analyst, "2026-03", "a late answer to the survey") == 2
    with pytest.raises(Conflict, match="somebody else"):
        _write_cases(rt, slow, MARCH, seen)
    with redress.sessions.read() as session:
        assert verify_all_frozen(session) == []
