"""Compensation: undoing completed activities, newest first, one after the other.

Each completed activity with a handler leaves a record `[scope, activity, level, handler]`. A completed
sub-process hands the records of its inside to the level around it. A handler runs in a fresh inside of the
level it is drawn in, so that handlers of completed sub-processes run too, and may wait for people.

A sub-process with a compensation event sub-process is compensated by that alone: its record holds those of
the inside as a fifth value, for the event sub-process to throw again (BPMN 2.0, 13.5.5).
"""

from __future__ import annotations

from typing import Any

from engine.runtime.spiff.library import BpmnSpecMixin
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.specs.subprocess import WithInside
from engine.runtime.spiff.throwing import throw_cancel
from engine.runtime.spiff.tokens import Token


class CompensationRun(WithInside, BpmnSpecMixin):  # type: ignore[misc]
    """Runs one handler; not drawn."""

    drawn = False
    handler = True

    def _update_hook(self, token: Token) -> bool:
        records = token.internal_data.pop("records", [])
        super()._update_hook(token)
        tree = token.workflow.top_workflow
        inside = tree.subprocesses[token.id].task_tree.id
        tree.compensations += [[inside, *record[1:]] for record in records]
        return False

    def keeps_records(self) -> bool:
        """What a handler does is not compensated itself."""
        return False

    def inside_key(self, token: Token) -> str:
        """Return the level in which the handler is drawn."""
        return str(token.internal_data["level"])

    def inside_scope(self, token: Token) -> Scope:
        """A handler works on the variables that the throwing event sees."""
        return token.scope


class CompensationThrow(Node, BpmnSpecMixin):  # type: ignore[misc]
    """An intermediate or end event that compensates one activity of its level, or all."""

    activity = ""
    runner: CompensationRun

    def _run_hook(self, token: Token) -> bool | None:
        todo = token.internal_data.get("todo")
        if todo is None:
            self._begin(token)
            todo = token.internal_data["todo"] = self._take_records(token)
        if not todo:
            del token.internal_data["todo"]
            self._end(token)
            return True
        _, activity, level, handler, *inside = todo.pop()
        tree = token.workflow.top_workflow
        data = {"activity": activity}
        tree.recorder.event("compensation.started", token.id, self.element_id, self.process_id, data)
        child = Token(token.workflow, self.runner, token)
        child.internal_data.update(level=level, only=handler)
        if inside:
            child.internal_data["records"] = inside[0]
        child.update()
        return None

    def _begin(self, token: Token) -> None:
        """Act before the first handler runs."""

    def _end(self, token: Token) -> None:
        """Act after the last handler has run."""

    def child_done(self, token: Token, child: Token) -> None:
        """Go on with the next handler."""
        token._ready()

    def _take_records(self, token: Token) -> list[Any]:
        records = token.workflow.top_workflow.compensations
        scopes = {token.workflow.task_tree.id}
        holder = getattr(token.workflow, "holder", None)
        if holder is not None and holder.task_spec.by_event:
            scopes.add(holder.workflow.task_tree.id)
        mine = [each for each in records if each[0] in scopes and self.activity in ("", each[1])]
        records[:] = [each for each in records if each not in mine]
        return mine


class CancelEnd(CompensationThrow):
    """A cancel end event: stops its transaction, compensates what it did, and leaves by its cancel event."""

    def _begin(self, token: Token) -> None:
        token.workflow.cancel_open("cancelled", but=token)

    def _end(self, token: Token) -> None:
        throw_cancel(token)
