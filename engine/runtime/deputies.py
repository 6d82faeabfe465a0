"""Who does a task that four eyes keep from everybody of its own groups (R24, Art. 20)."""

from __future__ import annotations

from engine.models.vocabulary import DEPUTIES
from engine.read.four_eyes import Checked, for_nobody
from engine.runtime.spiff import Wait
from engine.runtime.step import Step


def groups_of(step: Step, wait: Wait, task: Checked) -> tuple[str, ...]:
    """Return the groups that may take a task which opens now: those drawn, and with them the deputies drawn
    beside where nobody of the former may do it. The same four eyes hold for a deputy.
    """
    drawn = wait.candidate_groups
    named = map(str.strip, wait.element.custom.get(DEPUTIES, "").split(","))
    deputies = [name for name in named if name and name not in drawn]
    if not deputies:
        return drawn
    step.writes.send(step.session)  # what this very step completed bars, too
    return (*drawn, *deputies) if for_nobody(step.session, [(task, drawn)]) else drawn
