"""Set variables of a running instance: those that its models declare, none that is personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.audit import Entry
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.runtime.declared import check_declared
from engine.runtime.once import Once
from engine.runtime.operating import operate
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Scope
from engine.runtime.step import Step

MOST = 100


def set_variables(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    values: Mapping[str, Any],
    reason: str,
    *,
    element_id: str | None = None,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> dict[str, Any]:
    """Give variables new values and run on, as conditions may hold now; return the names that changed.

    Each is written to the nearest scope that has it, as seen from where a token waits at `element_id`, or
    from the instance without one; else to the root. Old and new values go into history. Raises as
    `operate`; InvalidInput by name for what no form, mapping or result of the bundle declares, for personal
    fields, and for what a form's field would not take.
    """
    if not values or len(values) > MOST:
        raise InvalidInput(f"give 1 to {MOST} variables", {"variables": [f"takes 1 to {MOST} names"]})

    def act(step: Step, why: str) -> dict[str, Any]:
        scope = _scope(step, element_id)
        checked = check_declared(step, values, scope)
        changed = {}
        for name, value in checked.items():
            old = scope.get(name)
            if old != value or name not in scope:
                changed[name] = {"old": old, "new": value}
                scope.overwrite(name, value)
        if changed:
            data = {"names": sorted(changed), "reason": why, "process_id": step.instance.process_id}
            step.note(Entry("variables.changed", data, element_id, values=changed))
        if step.instance.state == "active":
            step.run()
        return {"changed": sorted(changed)}

    return operate(rt, actor, instance_id, reason, act, revision=revision, idempotency=idempotency)


def _scope(step: Step, element_id: str | None) -> Scope:
    if not element_id:
        return step.workflow.root_scope
    found = [wait for wait in step.workflow.waits() if wait.element.element_id == element_id]
    if len(found) != 1:
        raise Conflict(
            f"{len(found)} tokens wait at {element_id!r}; name an element at which exactly one does, or none"
        )
    return step.workflow.scope(found[0].token)
