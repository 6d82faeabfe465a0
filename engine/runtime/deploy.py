"""Deploying model files: checked as a whole, kept for ever under one hash, used by every later start."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, Finding, InvalidInput, Message, ModelRefused
from engine.models.bundle import bundle_hash, file_kind
from engine.models.lint import lint
from engine.models.settings import read_settings
from engine.people.actor import Actor
from engine.people.roles import ROLES
from engine.runtime.bundles import LoadedBundle, ProcessInfo, latest_bundle, load_files, read_files
from engine.runtime.runtime import Runtime
from engine.runtime.starts import arm_starts
from engine.store.ids import new_id
from engine.store.tables.models import Bundle, BundleFile, Definition, ModelBlob


@dataclass(frozen=True, slots=True)
class Deployed:
    """A bundle, the processes that it defines with their versions, and what was found but let pass."""

    bundle_id: str
    family: str
    is_new: bool
    definitions: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def deploy(
    rt: Runtime,
    actor: Actor,
    files: Mapping[str, bytes],
    *,
    family: str | None = None,
    note_text: str = "",
    replace: bool = False,
    base: str | None = None,
) -> Deployed:
    """Deploy files over the family's latest bundle (`replace`: instead of it) and return the new bundle.

    The same content again gives the bundle that there is. `base` is the id of the latest bundle as it was
    when somebody looked at what changes, empty where there was none. Raises ModelRefused with every finding,
    InvalidInput where there is no file, Conflict where the latest is another than `base`.
    """
    with rt.sessions.step() as session:
        ready = prepare(rt, session, files, family=family, replace=replace)
        name, loaded, latest, warnings = ready.family, ready.loaded, ready.latest, ready.warnings
        if base is not None and base != (latest.id if latest else ""):
            raise Conflict(
                "somebody deployed another version meanwhile: look again at what changes, now from that one"
            )
        checksum = bundle_hash(ready.files)
        if latest is not None and latest.sha256 == checksum:
            return Deployed(latest.id, name, False, _definitions(session, latest.id), warnings)
        _insert(session, actor, loaded, checksum, latest.number + 1 if latest else 1, note_text)
        arm_starts(rt, session, loaded)
        definitions = _definitions(session, loaded.id)
        note(
            session,
            actor.username,
            "bundle.deployed",
            {
                "bundle": loaded.id,
                "family": name,
                "sha256": checksum,
                "note": note_text,
                "definitions": definitions,
            },
        )
        return Deployed(loaded.id, name, True, definitions, warnings)


@dataclass(frozen=True, slots=True)
class Ready:
    """Files that were checked and can be deployed: all of their family, over its `latest` bundle."""

    family: str
    files: Mapping[str, bytes]
    earlier: Mapping[str, bytes]
    latest: Bundle | None
    loaded: LoadedBundle
    warnings: list[Finding]


def prepare(
    rt: Runtime,
    session: Session,
    files: Mapping[str, bytes],
    *,
    family: str | None = None,
    replace: bool = False,
) -> Ready:
    """Check files as `deploy` does, and return what it would deploy; nothing is written.

    Raises ModelRefused with every finding, InvalidInput where there is no file.
    """
    if not files:
        raise InvalidInput("there is no file to deploy", {"files": ["choose at least one file"]})
    name = family or _family_of(session, files)
    latest = latest_bundle(session, name)
    earlier = {} if latest is None else read_files(session, latest.id)
    whole = dict(files) if replace else {**earlier, **files}
    outside = _processes_of_others(session, name)
    loaded, warnings = check_files(new_id(), name, whole, rt.config.timezone, outside=outside)
    _refuse_processes_of_others(session, loaded)
    return Ready(name, whole, earlier, latest, loaded, warnings)


def check_files(
    bundle_id: str,
    family: str,
    files: Mapping[str, bytes],
    zone: ZoneInfo,
    *,
    outside: Collection[str] = (),
) -> tuple[LoadedBundle, list[Finding]]:
    """Check and compile the files of a family, which may call the processes `outside` of other families.

    Raises ModelRefused with everything found, errors first; returns warnings.
    """
    settings = read_settings(files)
    findings = lint(files, roles=ROLES, settings=settings)
    # Whether what is called is there is told by the compiler, which knows what is deployed.
    errors = [each for each in findings if each.severity == "error" and each.code != "bpmn.call"]
    warnings = [finding for finding in findings if finding.severity == "warning"]
    try:
        loaded = load_files(bundle_id, family, files, zone, outside=outside)
    except ModelRefused as refused:
        known = {(finding.file, finding.element_id, finding.code) for finding in errors}
        errors += [f for f in refused.findings if (f.file, f.element_id, f.code) not in known]
        raise ModelRefused.of([*errors, *warnings]) from refused
    if errors:
        raise ModelRefused.of([*errors, *warnings])
    return loaded, warnings


def _refuse_processes_of_others(session: Session, loaded: LoadedBundle) -> None:
    """A process belongs to the family that deployed it first: a start takes its newest version, so another
    family could put itself in its place, past the checks of the family's own settings. Raises ModelRefused.
    """
    families = {
        row.process_id: row.family
        for row in session.execute(
            select(Definition.process_id, Definition.family).where(
                Definition.process_id.in_([process.process_id for process in loaded.processes]),
                Definition.family != loaded.family,
            )
        )
    }
    if families:
        raise ModelRefused.of(
            Finding(
                Message(
                    "the process '{process}' belongs to the family '{family}'; deploy it there, or "
                    "give it another id",
                    process=process.process_id,
                    family=families[process.process_id],
                ),
                process.file,
                process.process_id,
                code="bundle.process",
            )
            for process in loaded.processes
            if process.process_id in families
        )


def _processes_of_others(session: Session, family: str) -> list[str]:
    query = select(Definition.process_id).where(Definition.family != family, Definition.executable)
    return list(session.scalars(query.distinct()))


def _family_of(session: Session, files: Mapping[str, bytes]) -> str:
    """The family that the files name, or the one that has a file of the same name, or the first file's
    name.
    """
    settings = read_settings(files)
    if settings.family:
        return settings.family
    known = session.scalars(
        select(Bundle.family)
        .join(BundleFile, BundleFile.bundle_id == Bundle.id)
        .where(BundleFile.path.in_(list(files)))
        .order_by(Bundle.id.desc())
        .limit(1)
    ).first()
    if known is not None:
        return known
    models = sorted(path for path in files if file_kind(path) == "bpmn") or sorted(files)
    return models[0].rsplit("/", 1)[-1].split(".")[0]


def _insert(
    session: Session, actor: Actor, loaded: LoadedBundle, checksum: str, number: int, note_text: str
) -> None:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in loaded.files.items()}
    known = set(session.scalars(select(ModelBlob.sha256).where(ModelBlob.sha256.in_(hashes.values()))))
    blobs = {digest: loaded.files[path] for path, digest in hashes.items() if digest not in known}
    session.execute(
        insert(Bundle).values(
            id=loaded.id,
            family=loaded.family,
            number=number,
            sha256=checksum,
            deployed_at=clock.now(),
            deployed_by=actor.username,
            note=note_text,
        )
    )
    if blobs:
        session.execute(
            insert(ModelBlob), [{"sha256": digest, "content": content} for digest, content in blobs.items()]
        )
    session.execute(
        insert(BundleFile),
        [
            {"bundle_id": loaded.id, "path": path, "kind": file_kind(path), "sha256": digest}
            for path, digest in hashes.items()
        ],
    )
    rows = [_definition_row(session, loaded, process) for process in loaded.processes]
    if rows:
        session.execute(insert(Definition), rows)


def _definition_row(session: Session, loaded: LoadedBundle, process: ProcessInfo) -> dict[str, Any]:
    newest = session.scalars(
        select(func.max(Definition.version)).where(Definition.process_id == process.process_id)
    ).one()
    return {
        "id": new_id(),
        "process_id": process.process_id,
        "version": (newest or 0) + 1,
        "bundle_id": loaded.id,
        "family": loaded.family,
        "file": process.file,
        "name": process.name,
        "labels": dict(process.labels),
        "executable": process.executable,
    }


def _definitions(session: Session, bundle_id: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Definition.process_id, Definition.version)
        .where(Definition.bundle_id == bundle_id)
        .order_by(Definition.process_id)
    )
    return [{"process_id": row.process_id, "version": row.version} for row in rows]
