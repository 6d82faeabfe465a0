"""What a completion costs the database: few statements and one commit, so that nothing creeps in unseen."""

from __future__ import annotations

import json

import pytest

from engine.assembly import Redress
from engine.people.actor import SYSTEM
from engine.runtime.commands import complete, start_instance
from engine.runtime.deploy import deploy
from tests.bench.models import TASKS, TIMED, VARIABLES, bench_process
from tests.bench.ours import open_task
from tests.statements import statements
from tests.world import actor

FORM = {"type": "default", "id": "answer", "components": [{"type": "textfield", "key": "answer"}]}
GROUPS = b'<zeebe:assignmentDefinition candidateGroups="handlers"/>'


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
