"""Versions of the policy, dated decisions, and the matrix of its clauses."""

from __future__ import annotations

import importlib
import re
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.matrix import deployed_files, policy_matrix
from engine.cases.policy import decide_parameter, enter_version, parameters_in_force
from engine.domain.policy.parameters import register as all_parameters
from engine.errors import Conflict, InvalidInput
from engine.store.tables.audit import History
from tests.driving import complaint
from tests.processes.test_scenarios import SCENARIOS
from tests.world import ROOT, actor, register

NAME = "contact.silent_days"


def value_on(redress: Redress, day: date) -> int:
    with redress.sessions.read() as session:
        return redress.runtime.parameters.current(session).value(NAME, day)


def test_a_decision_holds_from_its_day_and_history_keeps_it(redress: Redress) -> None:
    owner = actor(redress, "owner")
    decide_parameter(redress.runtime, owner, NAME, 3, effective_from=date(2026, 3, 10), reason="管理層決定")
    assert value_on(redress, date(2026, 3, 9)) == 5
    assert value_on(redress, date(2026, 3, 10)) == 3
    with redress.sessions.read() as session:
        kept = session.scalars(select(History).where(History.kind == "parameter.decided")).one()
        data = orjson.loads(kept.data)
        (found,) = [
            each for each in parameters_in_force(redress.runtime, session) if each.parameter.name == NAME
        ]
    assert (kept.actor, data["from"], data["to"]) == ("owner", 5, 3)
    assert (found.value, found.is_decided, found.decisions[0]["value"]) == (5, False, 3)


@pytest.mark.parametrize(
    ("value", "days", "reason", "field"),
    [(0, 0, "x", "value"), (3, -1, "x", "effective_from"), (3, 0, "  ", "reason")],
)
def test_what_cannot_be_decided_is_refused_at_its_field(
    redress: Redress, value: int, days: int, reason: str, field: str
) -> None:
    day = clock.now().date() + timedelta(days=days)
    with pytest.raises(InvalidInput) as refused:
        decide_parameter(
            redress.runtime, actor(redress, "owner"), NAME, value, effective_from=day, reason=reason
        )
    assert list(refused.value.errors) == [field]


def test_models_read_the_value_in_force(redress: Redress) -> None:
    today = clock.now().date()
    decide_parameter(redress.runtime, actor(redress, "owner"), NAME, 2, effective_from=today, reason="x")
    with redress.sessions.read() as session:
        functions = redress.runtime.functions(session)
    assert functions["setting"](NAME) == 2
    assert functions["setting"](NAME, today - timedelta(days=1)) == 5
    assert functions["setting"]("no.such") is None


def test_a_case_is_stamped_with_the_version_in_force_when_it_was_received(redress: Redress) -> None:
    owner = actor(redress, "owner")
    enter_version(redress.runtime, owner, "2026-2", effective_from=date(2026, 3, 3), reason="修訂")
    clock.advance(timedelta(days=2))
    early = register(redress, received_at="2026-03-02T10:00:00+08:00").complaint_no
    late = register(redress).complaint_no
    assert complaint(redress, early).policy_version == "1"
    assert complaint(redress, late).policy_version == "2026-2"
    with pytest.raises(Conflict, match="2026-2"):
        enter_version(redress.runtime, owner, "2026-2", effective_from=date(2026, 5, 1), reason="x")


def test_the_matrix_names_only_what_exists(redress: Redress) -> None:
    with redress.sessions.read() as session:
        files = deployed_files(session)
    rows = {row.clause: row for row in policy_matrix(files)}
    drawn = " ".join(content.decode("utf-8", "replace") for content in files.values())
    forms = {path.rpartition("/")[2].removesuffix(".form") for path in files}
    scenarios = {
        f"{path.parent.parent.name}/{path.stem}" for path in ROOT.glob("processes/*/scenarios/*.toml")
    }
    assert list(rows) == [f"R{number}" for number in range(1, 71)]
    for row in rows.values():
        assert all(f'id="{element}"' in drawn for element in [*row.elements, *row.decisions]), row.clause
        assert set(row.forms) <= forms
        assert set(row.scenarios) <= scenarios
        assert set(row.settings) <= set(all_parameters())
        for guard in row.guards:
            module, _, name = guard["function"].rpartition(".")
            assert callable(getattr(importlib.import_module(module), name)), guard
            path, _, test = guard["test"].partition("::")
            assert re.search(rf"^def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), guard


def test_every_clause_is_carried_out_and_what_proves_it_runs(redress: Redress) -> None:
    """A clause that nothing carries out fails, and so does one that nothing proves: neither a scenario
    that `test_scenarios` plays in this run (one that does not come true fails there), nor a guard's test.
    """
    with redress.sessions.read() as session:
        rows = policy_matrix(deployed_files(session))
    assert [row.clause for row in rows if row.kind == "open"] == []
    assert [row.clause for row in rows if not row.scenarios and not row.guards] == []
    played = {f"{path.parent.parent.name}/{path.stem}" for path in SCENARIOS}
    assert {scenario for row in rows for scenario in row.scenarios} <= played
    assert "tests/processes/test_scenarios.py" not in {
        guard["test"].partition("::")[0] for row in rows for guard in row.guards if not row.scenarios
    }
