"""What a completion costs the database: few statements and one commit, so that nothing creeps in unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import event

from engine.assembly import Redress
from engine.people.actor import SYSTEM
from engine.runtime import parameters, runtime
from engine.runtime.commands import claim, complete, keep_draft, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.form_context import task_form
from tests.bench.models import TASKS, TIMED, VARIABLES, bench_process
from tests.bench.ours import open_task
from tests.driving import complaint, open_tasks
from tests.filling import fill
from tests.runtime.consistency import assert_consistent
from tests.runtime.spiff.drawing import (
    END,
    START,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    z,
)
from tests.statements import statements
from tests.world import actor, register

STEPS = ("investigate", "propose-plan")
FORM = {"type": "default", "id": "answer", "components": [{"type": "textfield", "key": "answer"}]}
AGENTS = z("assignmentDefinition", candidateGroups="agents")
GROUPS = b'<zeebe:assignmentDefinition candidateGroups="handlers"/>'


@pytest.fixture(autouse=True)
def nothing_falls_due_to_be_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold parameters and calendar: whichever step comes two seconds later asks for them, not each."""
    monkeypatch.setattr(parameters, "RECHECK_S", 3600.0)
    monkeypatch.setattr(runtime, "CALENDAR_RECHECK_S", 3600.0)


@pytest.mark.parametrize("values", [{}, {"answer": "yes"}], ids=["without a form", "with form and timers"])
def test_a_completion_takes_at_most_ten_statements_and_one_commit(
    redress: Redress, values: dict[str, str]
) -> None:
    model = bench_process(zeebe=True, timed=range(1, TASKS + 1) if values else TIMED)
    files = {"bench.bpmn": model}
    if values:
        with_form = GROUPS + b'<zeebe:formDefinition formId="answer"/>'
        files = {"bench.bpmn": model.replace(GROUPS, with_form), "answer.form": json.dumps(FORM).encode()}
    deploy(redress.runtime, SYSTEM, files, family="bench")
    handler = actor(redress, "handler")
    key = start_instance(redress.runtime, handler, "bench", VARIABLES)
    for _ in range(TASKS):
        task = open_task(redress, key)
        with statements(redress.sessions) as seen:
            complete(redress.runtime, handler, task, values)
        kinds = [sql.split()[0] for sql in seen]
        assert kinds.count("BEGIN") == kinds.count("COMMIT") == 1
        assert kinds[-1] == "COMMIT"
        assert 2 <= len(kinds) - 2 <= 10, seen


def test_timers_on_one_task_end_in_one_statement_and_a_kept_draft_costs_one_more(redress: Redress) -> None:
    steps = [
        element("userTask", name, ext(AGENTS + z("formDefinition", formId="answer")))
        + "".join(
            boundary(duration(f"P{days}D"), name, interrupting=False, name=f"{name}_{days}")
            for days in (1, 2, 3)
        )
        for name in ("one", "two", "three")
    ]
    told = "".join(f"{name}_{days}->e;" for name in ("one", "two", "three") for days in (1, 2, 3))
    drawn = process(START + END + "".join(steps) + f"s->one;one->two;two->three;three->e;{told}")
    files = {"p.bpmn": definitions("", drawn), "answer.form": json.dumps(FORM).encode()}
    deploy(redress.runtime, SYSTEM, files, family="watched")
    agent = actor(redress, "agent")
    key = start_instance(redress.runtime, agent, "p", {})
    for has_draft in (False, True, False):
        task = open_task(redress, key)
        claim(redress.runtime, agent, task)
        if has_draft:
            keep_draft(redress.runtime, agent, task, {"answer": "ye"})
        with statements(redress.sessions) as seen:
            complete(redress.runtime, agent, task, {"answer": "yes"})
        assert sum("DELETE FROM timer" in sql for sql in seen) == 1
        assert 2 <= len(seen) - 2 <= 10 + has_draft, seen
    assert_consistent(redress, key)


def test_a_task_of_a_complaint_is_completed_past_sqlalchemy(redress: Redress) -> None:
    no, asked = register(redress).complaint_no, list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(redress.sessions.step_engine, "before_cursor_execute", note)
    for element_id in STEPS:
        (task,) = open_tasks(redress, no)
        assert task.element_id == element_id
        who = actor(redress, task.assignee or "handler")
        with redress.sessions.read() as session:
            form = task_form(redress.runtime, session, who, task.id, "en")
        asked.clear()
        complete(redress.runtime, who, task.id, fill(form.schema, form.values))
        assert asked == []
    assert_consistent(redress, str(complaint(redress, no).instance_id))
