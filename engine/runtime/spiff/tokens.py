"""The library's Task as our token: a small id, a shared scope, every change of state told to its workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.runtime.spiff.library import Task, TaskState
from engine.runtime.spiff.scopes import Scope

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.node import Node
    from engine.runtime.spiff.tree import Level

FINISHED: int = TaskState.FINISHED_MASK
FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED


class Token(Task):  # type: ignore[misc]
    """One token in the tree of a level (a process, a sub-process or a call).

    `data` is the scope that the token reads and writes, shared by reference; None until the first update.
    """

    id: int
    workflow: Level
    task_spec: Node
    internal_data: dict[str, Any]
    _state: int
    #: Variables that completing brings: set before `complete`, written by it.
    result: dict[str, Any] | None = None

    def __init__(
        self,
        workflow: Level,
        task_spec: Node,
        parent: Token | None = None,
        state: int = FUTURE,
        identifier: int | None = None,
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, identifier or workflow.top_workflow.next_id())
        self.data: Scope | None = None
        workflow.state_changed(self)

    @property
    def scope(self) -> Scope:
        """The token's scope; there is one from its first update on."""
        if self.data is None:
            self.data = self.workflow.root_scope if self.parent is None else self.parent.scope
        return self.data

    @property
    def is_open(self) -> bool:
        """Whether the token is neither completed nor cancelled."""
        return not self._state & FINISHED

    def spawn(self, spec: Node, *, via: str = "") -> Token:
        """Add a child that runs `spec`, arriving by the flow `via`; it is not yet updated."""
        child = Token(self.workflow, spec, self, FUTURE)
        if via and spec.joins:
            child.internal_data["via"] = via
        return child

    def wait_silently(self) -> None:
        """Wait without asking the specification."""
        self._set_state(WAITING)

    def update(self) -> None:
        """Let the specification decide whether the token runs now or waits."""
        self.task_spec._update(self)

    def _set_state(self, value: int) -> None:
        old = self._state
        if value == old and value != READY:
            return
        self._state = value
        self.workflow.state_changed(self)
        self.task_spec.state_changed(self, old, value)

    def _add_child(self, task_spec: Node, state: int = FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _inherit_data(self) -> None:
        if self.data is None:
            self.task_spec.open_scope(self)

    def _ready(self) -> None:
        if self._state & FINISHED:
            return
        self._set_state(READY)
        self.task_spec._on_ready(self)

    def cancel(self) -> None:
        """Cancel an open token and what runs below it: the instances of a loop, the inside of a sub-process.

        The library drops open children without cancelling them, which leaves their sub-processes behind.
        """
        if self._state & FINISHED:
            return
        for child in self.children:
            child.cancel()
        self._set_state(CANCELLED)
        self.task_spec._on_cancel(self)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return nothing: the library's logging is not used."""
        return dct or {}
