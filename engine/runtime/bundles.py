"""Deployed bundles, read once and kept: compiled processes, decisions, forms and the limits drawn in them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.decisions import DecisionModel, load_model
from engine.errors import ModelRefused, NotFound, StepFailed
from engine.metrics import CACHE
from engine.models.bundle import file_kind
from engine.models.dialects.neutral import make_neutral
from engine.models.dialects.zeebe import read_properties
from engine.models.forms import Form
from engine.models.settings import read_settings
from engine.models.xml import bpmn, parse_model
from engine.runtime.functions import DISPATCHED, in_force
from engine.runtime.spiff import CompiledBundle, compile_processes
from engine.store.tables.models import Bundle, BundleFile, Definition, ModelBlob

KEPT = 32
_HIT, _MISS = (CACHE.labels("bundle", result) for result in ("hit", "miss"))


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A process of a bundle as lists show it; one that is not executable is shown, not run."""

    process_id: str
    file: str
    name: str
    labels: Mapping[str, str]
    executable: bool


@dataclass(frozen=True)
class LoadedBundle:
    """A bundle ready to run. Immutable, so that all threads may share it."""

    id: str
    family: str
    files: Mapping[str, bytes]
    compiled: CompiledBundle
    forms: Mapping[str, Form]
    decisions: Mapping[str, DecisionModel]
    processes: tuple[ProcessInfo, ...] = ()
    limits: Mapping[int, str] = field(default_factory=dict)
    lifecycles: frozenset[str] = frozenset()
    """The processes that move the business: those that draw milestones."""
    reads_records: bool = False
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What an owner called the channels that he added, by name and language."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What texts of decision tables are called in other languages."""

    def form(self, form_id: str) -> Form:
        """Return the form of this id. Raises NotFound naming it."""
        if form_id not in self.forms:
            raise NotFound(f"the form {form_id!r} is not in this version of {self.family}")
        return self.forms[form_id]

    def decision_name(self, decision_id: str, language: str) -> str:
        """Return what a decision is called in a language; its id where this version does not have it."""
        model = self.decisions.get(decision_id)
        found = None if model is None else model.find(f"#{decision_id}")
        return self.called(decision_id if found is None else found[2].name, language)

    def called(self, text: str, language: str) -> str:
        """Return what a text of a decision table is called in a language; as it is where it has no words."""
        return self.words.get(text, {}).get(language, text)

    def decide(self, decision_id: str, scope: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
        """Evaluate a decision with our `functions`; return its result with the explanation.

        Raises StepFailed if it is unknown.
        """
        if decision_id not in self.decisions:
            raise StepFailed(f"the decision {decision_id!r} is not in this version of {self.family}")
        with in_force(functions):
            return self.decisions[decision_id].evaluate(decision_id, scope)


def load_files(
    bundle_id: str,
    family: str,
    files: Mapping[str, bytes],
    zone: ZoneInfo,
    *,
    outside: Collection[str] | None = None,
) -> LoadedBundle:
    """Compile model files; days of timers begin in `zone`; `outside` names what may be called of other
    families, None where that was checked before. Raises ModelRefused with every finding.
    """
    roots = {
        path: parse_model(data, path) for path, data in files.items() if file_kind(path) in ("bpmn", "dmn")
    }
    processes = {path: root for path, root in roots.items() if file_kind(path) == "bpmn"}
    decisions: dict[str, DecisionModel] = {}
    for path, root in roots.items():
        if file_kind(path) == "dmn":
            model = load_model(root, source=path, functions=DISPATCHED)
            decisions |= dict.fromkeys(model.decision_ids, model)
    forms = [Form.parse(data, path) for path, data in files.items() if file_kind(path) == "form"]
    neutral = make_neutral(roots, {form.id: form for form in forms})
    if any(finding.severity == "error" for finding in neutral.findings):
        raise ModelRefused.of(neutral.findings)
    forms += neutral.forms
    settings = read_settings(files)
    compiled = compile_processes(processes, zone=zone, outside=outside)
    return LoadedBundle(
        id=bundle_id,
        family=family,
        files=dict(files),
        compiled=compiled,
        forms={form.id: form for form in forms},
        decisions=decisions,
        processes=tuple(_processes(processes)),
        limits=_limits(compiled),
        lifecycles=_lifecycles(compiled),
        channels=settings.channels,
        words=settings.words,
        reads_records=any(b"case.records" in data for data in files.values()),
    )


def _processes(roots: Mapping[str, etree._Element]) -> Iterator[ProcessInfo]:
    for path, root in roots.items():
        pools = {node.get("processRef"): node for node in root.iter(bpmn("participant"))}
        for node in root.iter(bpmn("process")):
            process_id = node.get("id", "")
            said = [read_properties(item) for item in (node, pools.get(process_id)) if item is not None]
            name = next((item.name for item in said if item.name), process_id)
            labels = next((item.labels for item in said if item.labels), {})
            yield ProcessInfo(process_id, path, name, labels, node.get("isExecutable") == "true")


def _limits(compiled: CompiledBundle) -> dict[int, str]:
    """Return, for each grade, the expression of the boundary timer that is drawn as its limit (R36-R38)."""
    found = {}
    executable = [process_id for process_id in compiled.process_ids if compiled.executable(process_id)]
    for process_id in executable:
        for element in compiled.elements(process_id).values():
            grade = element.custom.get("redress:limit")
            if grade and element.timer is not None:
                found[int(grade)] = element.timer.text.strip().removeprefix("=").strip()
    return found


def _lifecycles(compiled: CompiledBundle) -> frozenset[str]:
    return frozenset(
        process_id
        for process_id in compiled.process_ids
        if any("redress:milestone" in each.custom for each in compiled.elements(process_id).values())
    )


class BundleCache:
    """Loaded bundles by id; the least recently used go first. Safe between threads."""

    def __init__(self, zone: ZoneInfo, size: int = KEPT) -> None:
        self._zone = zone
        self._size = size
        self._held: OrderedDict[str, LoadedBundle] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session: Session, bundle_id: str) -> LoadedBundle:
        """Return a bundle, reading and compiling it on first use. Raises NotFound."""
        with self._lock:
            found = self._held.get(bundle_id)
            if found is not None:
                self._held.move_to_end(bundle_id)
                _HIT.inc()
                return found
        _MISS.inc()
        loaded = _read(session, bundle_id, self._zone)
        with self._lock:
            self._held[bundle_id] = loaded
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return loaded


def _read(session: Session, bundle_id: str, zone: ZoneInfo) -> LoadedBundle:
    bundle = session.get(Bundle, bundle_id)
    if bundle is None:
        raise NotFound(f"there is no bundle {bundle_id!r}")
    return load_files(bundle.id, bundle.family, read_files(session, bundle_id), zone)


def read_files(session: Session, bundle_id: str) -> dict[str, bytes]:
    """Return the files of a bundle by path."""
    query = (
        select(BundleFile.path, ModelBlob.content)
        .join(ModelBlob, ModelBlob.sha256 == BundleFile.sha256)
        .where(BundleFile.bundle_id == bundle_id)
        .order_by(BundleFile.path)
    )
    return {row.path: row.content for row in session.execute(query)}


def latest_bundle(session: Session, family: str) -> Bundle | None:
    """Return the newest bundle of a family, which every new start uses."""
    return session.scalars(
        select(Bundle).where(Bundle.family == family).order_by(Bundle.number.desc()).limit(1)
    ).one_or_none()


def find_bundles(session: Session, process_id: str) -> Iterator[str]:
    """Yield the bundles in which a process is deployed, the newest first."""
    query = select(Definition.bundle_id).where(Definition.process_id == process_id)
    yield from session.scalars(query.order_by(Definition.version.desc())).all()


def find_definition(session: Session, process_id: str, version: int | None = None) -> Definition:
    """Return the newest definition of a process, or the given version. Raises NotFound."""
    query = select(Definition).where(Definition.process_id == process_id)
    if version is not None:
        query = query.where(Definition.version == version)
    found = session.scalars(query.order_by(Definition.version.desc()).limit(1)).one_or_none()
    if found is None:
        which = f" in version {version}" if version is not None else ""
        raise NotFound(f"no process {process_id!r} is deployed{which}")
    return found
