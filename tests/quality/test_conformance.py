"""Log against model: what ran as drawn fits wholly, what people moved past the diagram is named."""

from __future__ import annotations

from engine.assembly import Redress
from engine.cases.withdrawal import withdraw
from engine.domain.kpi import read_period
from engine.quality.conformance import Replayed, conformance_page, conformance_total
from engine.runtime.commands import move_token
from tests.driving import complaint, drive, open_tasks
from tests.world import actor, pass_time, register


def replayed(redress: Redress) -> dict[str, Replayed]:
    with redress.sessions.read() as session:
        who = actor(redress, "monitor")
        found = conformance_page(redress.runtime, session, who, read_period("2026-03"), limit=100)
    return {row["no"]: row["replayed"] for row in found.items}


def test_a_case_that_ran_as_drawn_fits_and_one_that_was_moved_does_not(redress: Redress) -> None:
    as_drawn = register(redress).complaint_no
    drive(redress, as_drawn)
    moved = register(redress, grade=2).complaint_no
    withdrawn = register(redress).complaint_no
    withdraw(redress.runtime, actor(redress, "agent"), withdrawn, "示例")
    pass_time(redress, days=12)
    (task,) = [each for each in open_tasks(redress, moved) if each.element_id == "investigate"]
    instance = str(complaint(redress, moved).instance_id)
    admin = actor(redress, "admin")
    move_token(redress.runtime, admin, instance, task.element_id, "propose-plan", "a test", leave=True)
    found = replayed(redress)
    assert found[as_drawn].deviations == []
    assert found[as_drawn].fitness == 1
    assert found[withdrawn].deviations == []
    kinds = {(each.kind, each.element_id) for each in found[moved].deviations}
    assert ("intervened", "propose-plan") in kinds
    drive(redress, moved, until="archive")
    found = replayed(redress)
    assert ("unexpected", "propose-plan") in {(d.kind, d.element_id) for d in found[moved].deviations}
    of_moved = found[moved].fitness
    assert of_moved is not None
    assert 0.5 < of_moved < 1
    with redress.sessions.read() as session:
        who = actor(redress, "monitor")
        total = conformance_total(redress.runtime, session, who, read_period("2026-03"))
        nothing = conformance_total(redress.runtime, session, who, read_period("2025-01"))
    assert (nothing.cases, nothing.replayed.fitness) == (0, None)
    assert (total.cases, total.complete) == (3, True)
    assert sum(count for _, count in total.by_kind()) == sum(len(each.deviations) for each in found.values())
    assert total.replayed.fitness is not None
    assert of_moved < total.replayed.fitness < 1
