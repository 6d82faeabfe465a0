"""Migrate one instance to another version of its process, after a preview of what maps and what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import NotActive
from engine.people.actor import Actor
from engine.runtime.form_context import read_step
from engine.runtime.migrating import Outlook, find_target, look_ahead, migrate_step
from engine.runtime.once import Once
from engine.runtime.operating import PERMISSION, RUNNING, operate
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step


def preview_migration(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    *,
    version: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Outlook:
    """Return what a migration to `version` (the newest without one) would do; nothing is changed.

    `mapping` gives the new id of elements and flows that are called otherwise there. Raises Forbidden,
    NotFound, Conflict (on that version already, ended), InvalidInput (the mapping names what is not there).
    """
    actor.require(PERMISSION)
    with rt.sessions.read() as session:
        step = read_step(rt, session, instance_id, actor)
        if step.instance.state not in RUNNING:
            raise NotActive(f"the instance is {step.instance.state}; only running ones are migrated")
        target = find_target(rt, session, step.instance.process_id, version)
        return look_ahead(step, target, mapping or {})[0]


def migrate_instance(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    reason: str,
    *,
    version: int | None = None,
    mapping: Mapping[str, str] | None = None,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> dict[str, Any]:
    """Bring a running instance to another version of its process; return its `state`, `bundle`, `version`.

    Open tasks stay with who has them, timers keep their dates unless they are drawn otherwise, and a
    complaint's limit is counted anew; history keeps both bundles. A suspended instance stays suspended.
    Raises as `operate` and `preview_migration`; Conflict with all that does not fit.
    """

    def act(step: Step, why: str) -> dict[str, Any]:
        target = find_target(rt, step.session, step.instance.process_id, version)
        migrate_step(step, target, mapping or {}, why)
        if step.instance.state == "active":
            step.run()
        return {"bundle": target.bundle.id, "version": target.version}

    return operate(rt, actor, instance_id, reason, act, revision=revision, idempotency=idempotency)
