"""Migrate all instances of a process: one transaction an instance, restartable, going on past failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, NotActive, NotFound, RedressError
from engine.people.acting import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.runtime.advance import open_step
from engine.runtime.commands.migrate import preview_migration
from engine.runtime.migrating import Outlook, find_target, migrate_step, summed
from engine.runtime.once import Once, recall, remember
from engine.runtime.operating import PERMISSION, RUNNING, stated
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.migrations import Migration, MigrationFailure
from engine.store.tables.runtime import Instance

SAMPLE = 200
"""How many instances a preview of all looks into; the others are told by number."""


def preview_migration_of_all(
    rt: Runtime,
    actor: Actor,
    process_id: str,
    *,
    version: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return how many instances would be migrated, how many were looked into (the oldest), and what of them
    does not fit, by element. Raises as `preview_migration`.
    """
    actor.require(PERMISSION)
    with rt.sessions.read() as session:
        target = find_target(rt, session, process_id, version)
        running = _running(process_id, target.bundle.id)
        total = session.scalar(select(func.count()).select_from(running.subquery())) or 0
        sample = session.scalars(running.order_by(Instance.id).limit(SAMPLE)).all()
    looked: list[Outlook | RedressError] = []
    for instance_id in sample:
        try:
            looked.append(preview_migration(rt, actor, instance_id, version=target.version, mapping=mapping))
        except RedressError as error:
            looked.append(error)
    fit = sum(isinstance(each, Outlook) and not each.problems for each in looked)
    problems = [
        {"kind": kind, "element_id": element, "problem": problem, "instances": count}
        for (kind, element, problem), count in sorted(summed(looked).items())
    ]
    return {
        "process_id": process_id,
        "bundle": target.bundle.id,
        "version": target.version,
        "instances": total,
        "checked": len(looked),
        "fit": fit,
        "problems": problems,
    }


def start_migration(
    rt: Runtime,
    actor: Actor,
    process_id: str,
    reason: str,
    *,
    version: int | None = None,
    mapping: Mapping[str, str] | None = None,
    idempotency: Once | None = None,
) -> str:
    """Begin to migrate every running instance of a process and return the migration's id.

    The worker carries it out, an instance after the other; an instance that does not fit stays as it is and
    is told with its reason. Raises Forbidden, InvalidInput, NotFound, Conflict (one is under way).
    """
    actor.require(PERMISSION)
    why = stated(reason)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["id"])
        target = find_target(rt, session, process_id, version)
        busy = select(Migration.id).where(Migration.process_id == process_id, Migration.state == "running")
        if session.scalars(busy).first() is not None:
            raise Conflict(f"instances of {process_id!r} are being migrated already; stop that or wait")
        running = _running(process_id, target.bundle.id)
        migration_id = new_id()
        session.execute(
            insert(Migration).values(
                id=migration_id,
                process_id=process_id,
                bundle_id=target.bundle.id,
                version=target.version,
                mapping=dict(mapping or {}),
                reason=why,
                actor=actor.username,
                state="running",
                total=session.scalar(select(func.count()).select_from(running.subquery())) or 0,
                created_at=clock.now(),
            )
        )
        remember(session, actor, idempotency, {"id": migration_id})
    rt.wake()
    return migration_id


def stop_migration(rt: Runtime, actor: Actor, migration_id: str) -> None:
    """Migrate no further instance; those that were stay. Raises Forbidden, NotFound, Conflict (ended)."""
    actor.require(PERMISSION)
    with rt.sessions.step() as session:
        found = session.scalar(select(Migration.state).where(Migration.id == migration_id).with_for_update())
        if found is None:
            raise NotFound("there is no such migration")
        if found != "running":
            raise Conflict(f"the migration is {found}")
        _set(session, migration_id, state="stopped", ended_at=clock.now())


def run_migrations(rt: Runtime, limit: int = 50) -> int:
    """Migrate up to `limit` further instances of each migration that is under way; return how many."""
    with rt.sessions.read() as session:
        running = session.scalars(select(Migration.id).where(Migration.state == "running")).all()
    done = 0
    for migration_id in running:
        for _ in range(limit):
            if not migrate_next(rt, migration_id):
                break
            done += 1
    return done


def migrate_next(rt: Runtime, migration_id: str) -> bool:
    """Migrate the next instance and count it in the same transaction; false when there is none to do now.

    Several workers may call this at once: one works on a migration, the others pass.
    """
    instance_id = ""
    try:
        with rt.sessions.step() as session:
            row = _claim(session, migration_id)
            if row is None:
                return False
            instance_id = session.scalar(_next(row)) or ""
            if not instance_id:
                _set(session, migration_id, state="done", ended_at=clock.now())
                return False
            with open_step(rt, session, instance_id, _actor(session, row), allow=RUNNING) as step:
                target = find_target(rt, session, row.process_id, row.version)
                migrate_step(step, target, row.mapping, row.reason)
                if step.instance.state == "active":
                    step.run()
            _set(session, migration_id, position=instance_id, migrated=Migration.migrated + 1)
    except DBAPIError:
        raise  # the database has a moment of weakness; nothing was counted
    except Exception as error:  # noqa: BLE001 - one instance that cannot be migrated keeps no other from it
        return bool(instance_id) and _failed(rt, migration_id, instance_id, error)
    return True


def _failed(rt: Runtime, migration_id: str, instance_id: str, error: Exception) -> bool:
    message = str(error) if isinstance(error, RedressError) else f"unexpected {type(error).__name__}"
    with rt.sessions.step() as session:
        row = _claim(session, migration_id)
        if row is None or row.position >= instance_id:
            return False  # another worker was faster
        _set(session, migration_id, position=instance_id)
        if isinstance(error, NotActive):
            return True  # it ended in this very moment: nothing to migrate
        values = {"migration_id": migration_id, "instance_id": instance_id, "message": message[:2000]}
        session.execute(insert(MigrationFailure).values(**values, at=clock.now()))
        _set(session, migration_id, failed=Migration.failed + 1)
    return True


def _claim(session: Session, migration_id: str) -> Migration | None:
    return session.scalars(
        select(Migration)
        .where(Migration.id == migration_id, Migration.state == "running")
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _actor(session: Session, row: Migration) -> Actor:
    """Who asked for it, as they are now; somebody who has left does not stop it half-way."""
    try:
        return load_actor(session, row.actor)
    except NotFound:
        return SYSTEM


def _running(process_id: str, but_bundle: str) -> Any:
    return select(Instance.id).where(
        Instance.process_id == process_id, Instance.state.in_(RUNNING), Instance.bundle_id != but_bundle
    )


def _next(row: Migration) -> Any:
    return (
        _running(row.process_id, row.bundle_id)
        .where(Instance.id > row.position)
        .order_by(Instance.id)
        .limit(1)
    )


def _set(session: Session, migration_id: str, **values: Any) -> None:
    session.execute(update(Migration).where(Migration.id == migration_id).values(**values))
