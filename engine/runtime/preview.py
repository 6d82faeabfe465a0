"""What deploying files would change, told before it is done: elements, rules, fields, and what runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.errors import Finding
from engine.models.difference import FileDifference, compare
from engine.people.actor import Actor
from engine.runtime.deploy import prepare
from engine.runtime.operating import RUNNING
from engine.runtime.runtime import Runtime
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Instance


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deployment would come to; `base` is the id of the bundle that it would follow, or empty."""

    family: str
    base: str
    number: int
    files: list[FileDifference]
    definitions: dict[str, str]
    """The id of each process's newest version, by the file that it stands in."""
    drawings: dict[str, str]
    """The new text of each diagram that differs, by file."""
    running: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def preview(
    rt: Runtime,
    actor: Actor,
    files: Mapping[str, bytes],
    *,
    family: str | None = None,
    replace: bool = False,
) -> Preview:
    """Return what `deploy` would change with the same arguments; nothing is written.

    Raises Forbidden, and as `deploy` does.
    """
    actor.require("model.deploy")
    with rt.sessions.read() as session:
        ready = prepare(rt, session, files, family=family, replace=replace)
        differences = compare(ready.earlier, ready.files)
        changed = {each.path for each in differences if each.kind == "bpmn" and each.told}
        known = _newest(session, ready.latest.id) if ready.latest else {}
        return Preview(
            family=ready.family,
            base=ready.latest.id if ready.latest else "",
            number=ready.latest.number + 1 if ready.latest else 1,
            files=differences,
            definitions={row["file"]: row["id"] for row in known.values()},
            drawings={
                each.path: ready.files[each.path].decode("utf-8-sig", "replace")
                for each in differences
                if each.kind == "bpmn" and each.path in ready.files
            },
            running=_running(session, [name for name, row in known.items() if row["file"] in changed]),
            warnings=ready.warnings,
        )


def _newest(session: Session, bundle_id: str) -> dict[str, dict[str, Any]]:
    rows = session.execute(
        select(Definition.process_id, Definition.id, Definition.file).where(Definition.bundle_id == bundle_id)
    )
    return {row.process_id: dict(row._mapping) for row in rows}


def _running(session: Session, processes: Collection[str]) -> list[dict[str, Any]]:
    """Return how many instances of the processes run, by process and version."""
    of = and_(Definition.bundle_id == Instance.bundle_id, Definition.process_id == Instance.process_id)
    rows = session.execute(
        select(
            Instance.process_id,
            Definition.version,
            Definition.name,
            Definition.labels,
            func.count().label("instances"),
        )
        .join(Definition, of)
        .where(Instance.process_id.in_(processes), Instance.state.in_(RUNNING))
        .group_by(Instance.process_id, Definition.id)
        .order_by(Instance.process_id, Definition.version)
    )
    return [dict(row._mapping) for row in rows]
