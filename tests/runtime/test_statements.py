"""What a completion costs the database: few statements and one commit, so that nothing creeps in unseen."""

from __future__ import annotations

from engine.assembly import Redress
from engine.people.actor import SYSTEM
from engine.runtime.commands import complete, start_instance
from engine.runtime.deploy import deploy
from tests.bench.models import TASKS, VARIABLES, bench_process
from tests.bench.ours import open_task
from tests.statements import statements
from tests.world import actor


def test_a_completion_takes_at_most_ten_statements_and_one_commit(redress: Redress) -> None:
    deploy(redress.runtime, SYSTEM, {"bench.bpmn": bench_process(zeebe=True)}, family="bench")
    handler = actor(redress, "handler")
    key = start_instance(redress.runtime, handler, "bench", VARIABLES)
    for _ in range(TASKS):
        task = open_task(redress, key)
        with statements(redress.sessions) as seen:
            complete(redress.runtime, handler, task, {})
        kinds = [sql.split()[0] for sql in seen]
        assert kinds.count("BEGIN") == kinds.count("COMMIT") == 1
        assert kinds[-1] == "COMMIT"
        assert 2 <= len(kinds) - 2 <= 10, seen
