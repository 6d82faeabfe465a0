"""The only room that imports SpiffWorkflow: compiling processes and running them in memory."""

from engine.runtime.spiff.changes import Changes, Closed, Event, Wait
from engine.runtime.spiff.compiled import CompiledBundle, compile_processes
from engine.runtime.spiff.migration import Moved, Plan
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.starting import Beginning
from engine.runtime.spiff.surroundings import Surroundings
from engine.runtime.spiff.workflow import Workflow

__all__ = [
    "Beginning",
    "Changes",
    "Closed",
    "CompiledBundle",
    "Event",
    "Moved",
    "Plan",
    "Scope",
    "Surroundings",
    "Wait",
    "Workflow",
    "compile_processes",
]
