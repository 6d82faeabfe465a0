"""The acknowledgement by letter: a task until it has left, and a contact from the day on which it left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import clock
from engine.assembly import Redress
from engine.cases.registration import register_complaint
from engine.errors import FormRefused
from tests.driving import complaint, do, open_tasks
from tests.world import MONDAY, actor, intake, register

TASK = "post-acknowledgement"


def elements(redress: Redress, no: str) -> list[str]:
    return [task.element_id for task in open_tasks(redress, no)]


def test_a_letter_counts_as_a_contact_from_the_day_on_which_it_left(redress: Redress) -> None:
    no = register(redress, preferred_contact="letter").complaint_no
    (task,) = [each for each in open_tasks(redress, no) if each.element_id == TASK]
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2026-03-03T16:00:00+00:00"  # the end of the next working day
    clock.set_to(MONDAY + timedelta(days=2))
    with pytest.raises(FormRefused, match="before 2026-03-02"):
        do(redress, task, "agent2", acknowledged_on="2026-03-01")
    do(redress, task, "agent2", acknowledged_on="2026-03-03", acknowledged_by="posted")
    told_at = complaint(redress, no).last_contact_at
    assert told_at is not None
    assert told_at.isoformat() == "2026-03-03T15:59:00+00:00"
    assert TASK not in elements(redress, no)


def test_whoever_is_told_another_way_or_by_another_system_needs_no_letter(redress: Redress) -> None:
    assert TASK not in elements(redress, register(redress, preferred_contact="phone").complaint_no)
    handed_over = intake(preferred_contact="letter", source="crm", source_ref="1")
    done = register_complaint(redress.runtime, actor(redress, "agent"), handed_over)
    assert TASK not in elements(redress, done.complaint_no)
