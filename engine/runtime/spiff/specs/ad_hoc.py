"""The inside of an ad-hoc sub-process: activities without an order, until its condition says enough.

Every activity that no flow enters is performed once, or those that `activeElementsCollection` names: all at
once, or one after the other where the ordering is sequential. A condition is asked whenever an activity
inside completes (BPMN 2.0, 13.3.5); without one the sub-process ends with its activities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StepFailed
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.node import Node
    from engine.runtime.spiff.tree import Level


@dataclass(frozen=True)
class AdHoc:
    """How the inside of one ad-hoc sub-process runs. `entries` are its nodes by id of the activity."""

    element_id: str
    process_id: str
    entries: Mapping[str, Node]
    sequential: bool = False
    cancels_rest: bool = True
    condition: Formula | None = None
    active: Formula | None = None

    def begin(self, root: Token) -> None:
        """Start the activities, or the first of them. Raises StepFailed where one is not in it."""
        names = self._chosen(root)
        root.internal_data["todo"] = names[1:] if self.sequential else []
        self._start(root, names[:1] if self.sequential else names)

    def go_on(self, level: Level) -> bool:
        """Start the next activity of a sequence, as the one before has ended; false if there is none."""
        todo = level.task_tree.internal_data.get("todo")
        if not todo:
            return False
        self._start(level.task_tree, [todo.pop(0)])
        return True

    def is_over(self, token: Token) -> bool:
        """Ask the condition after `token` has completed; once it holds nothing more is started here."""
        level, root = token.workflow, token.workflow.task_tree
        if root.internal_data.get("over"):
            return True
        if self.condition is None or not token.task_spec.drawn or token is root:
            return False
        if level.top_workflow.evaluate(token, self.condition, "the completion condition") is not True:
            return False
        root.internal_data.update(over=True, todo=[])
        if self.cancels_rest:
            level.cancel_open("scope-ended", but=token)
        return True

    def _chosen(self, root: Token) -> list[str]:
        if self.active is None:
            return list(self.entries)
        tree = root.workflow.top_workflow
        names = tree.evaluate(root, self.active, "the active elements")
        if not isinstance(names, list) or not all(name in self.entries for name in names):
            message = f"{self.element_id!r}: the active elements {self.active.text} gave {names!r}; "
            message += f"it takes a list of {', '.join(self.entries)}"
            raise StepFailed(message, element_id=self.element_id, process_id=self.process_id)
        return list(names)

    def _start(self, root: Token, names: list[str]) -> None:
        for token in [root.spawn(self.entries[name]) for name in names]:
            token.update()
