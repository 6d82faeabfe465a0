"""A bundle's processes, compiled once and shared by all its instances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from engine.errors import Finding, Message, ModelRefused, NotFound
from engine.models.properties import ElementProperties
from engine.models.vocabulary import FUNCTIONS
from engine.models.xml import BPMN, bpmn, local_name, namespace
from engine.runtime.spiff.migration import Moved, Plan, plan_migration, settle_in
from engine.runtime.spiff.parser.build import LevelBuilder
from engine.runtime.spiff.parser.document import Document
from engine.runtime.spiff.parser.global_tasks import unfold_global_tasks
from engine.runtime.spiff.parser.refuse import refuse_connections, refuse_elements, refuse_foreign
from engine.runtime.spiff.specs.process import ProcessSpec
from engine.runtime.spiff.starting import Beginning
from engine.runtime.spiff.state import missing_elements, restore
from engine.runtime.spiff.surroundings import Surroundings
from engine.runtime.spiff.tree import ProcessTree
from engine.runtime.spiff.values import load_values
from engine.runtime.spiff.workflow import Workflow

_NOTHING: Mapping[str, ElementProperties] = MappingProxyType({})
DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


class CompiledBundle:
    """The executable processes of a bundle.

    `specs` holds each level by its key; nothing here ever changes.
    """

    def __init__(
        self,
        specs: Mapping[str, ProcessSpec],
        elements: Mapping[str, Mapping[str, ElementProperties]],
        declared: Mapping[str, bool],
        zone: ZoneInfo,
    ) -> None:
        self.specs = specs
        self.zone = zone
        self._elements = {key: MappingProxyType(dict(each)) for key, each in elements.items()}
        self._declared = declared

    @property
    def process_ids(self) -> list[str]:
        """The ids of all processes, executable or not, in the order of the files."""
        return list(self._declared)

    def declares(self, process_id: str) -> bool:
        """Return whether the process is in this bundle, executable or not."""
        return process_id in self._declared

    def executable(self, process_id: str) -> bool:
        """Return whether instances of the process can be started. Raises NotFound."""
        if process_id not in self._declared:
            raise NotFound(f"there is no process {process_id!r} in this bundle")
        return self._declared[process_id]

    def elements(self, process_id: str) -> Mapping[str, ElementProperties]:
        """Return what each drawn flow node of the process says, also within its sub-processes.

        Raises NotFound.
        """
        self.executable(process_id)
        return self._elements.get(process_id, _NOTHING)

    def start_events(self, process_id: str) -> list[ElementProperties]:
        """Return the start events of the process itself: what may start it, a message, signal or timer."""
        spec = self.specs.get(process_id)
        return [] if spec is None else [start.properties for start in spec.starts]

    def beginnings(self) -> list[Beginning]:
        """Return what starts an instance of any executable process: messages, signals, timers."""
        return [
            each
            for key, spec in self.specs.items()
            if "/" not in key
            for begun in (
                *(start.beginnings for start in spec.starts),
                *(begun for _, begun in spec.instantiating.values()),
            )
            for each in begun
        ]

    def process(self, process_id: str) -> ElementProperties:
        """Return what an executable process itself says. Raises NotFound."""
        return self._spec(process_id).properties

    def start(
        self,
        process_id: str,
        surroundings: Surroundings,
        variables: Mapping[str, Any] | None = None,
        start_event: str | None = None,
    ) -> Workflow:
        """Return a new workflow, not yet advanced. Raises NotFound if the process cannot start."""
        tree = ProcessTree(self._spec(process_id), self, surroundings)
        tree.start_event = start_event or ""
        tree.root_scope.values_here.update(variables or {})
        tree.begin()
        return Workflow(tree)

    def restore(self, state: bytes, surroundings: Surroundings) -> Workflow:
        """Return the workflow that `Workflow.dump` wrote, with the same tokens."""
        return Workflow(restore(state, self, surroundings))

    def plan_migration(self, state: bytes, old: CompiledBundle, mapping: Mapping[str, str]) -> Plan:
        """Return what becomes of a state of the bundle `old` on this one, `mapping` old ids to new ones."""
        return plan_migration(state, old, self, mapping)

    def migrate(
        self, plan: Plan, old: CompiledBundle, mapping: Mapping[str, str], surroundings: Surroundings
    ) -> tuple[Workflow, list[Moved]]:
        """Return the workflow of a plan without problems, not yet advanced, and what it armed or changed.

        Raises StepFailed when an expression of this bundle cannot be evaluated.
        """
        tree = restore(plan.state, self, surroundings)
        return Workflow(tree), settle_in(tree, plan, old, mapping)

    def lacks(self, state: bytes) -> list[str]:
        """Return the elements on which tokens of `state` stand and that this bundle has not."""
        return missing_elements(load_values(state), self)

    def _spec(self, process_id: str) -> ProcessSpec:
        spec = self.specs.get(process_id)
        if spec is None or "/" in process_id:
            raise NotFound(f"there is no executable process {process_id!r} in this bundle")
        return spec


def compile_processes(
    roots: Mapping[str, etree._Element],
    *,
    functions: Iterable[str] = FUNCTIONS,
    zone: ZoneInfo = DEFAULT_ZONE,
    outside: Collection[str] | None = (),
) -> CompiledBundle:
    """Compile the BPMN files of a bundle (source name -> root element).

    `functions` names our own functions that expressions may call; `zone` is where days begin for timers;
    `outside` the processes of other bundles that may be called, None for any.
    Raises ModelRefused with every finding, each with file, element id and line.
    """
    findings: list[Finding] = []
    for root in roots.values():
        unfold_global_tasks(root)
    documents = [Document(root, source, findings, functions) for source, root in roots.items()]
    declared: dict[str, bool] = {}
    for document in documents:
        _declare(document, declared)
    known = None
    if outside is not None:
        known = {process_id for process_id, executable in declared.items() if executable} | set(outside)
    specs: dict[str, ProcessSpec] = {}
    elements: dict[str, Mapping[str, ElementProperties]] = {}
    for document in documents:
        refuse_foreign(document)
        for process in document.processes():
            if process.get("isExecutable") == "true":
                refuse_elements(document, process)
                refuse_connections(document, process)
                elements[process.get("id", "")] = _build(document, process, specs, known, zone)
    if findings:
        raise ModelRefused.of(_distinct(findings))
    return CompiledBundle(specs, elements, declared, zone)


def _declare(document: Document, declared: dict[str, bool]) -> None:
    root = document.root
    if namespace(root) != BPMN or local_name(root) != "definitions":
        document.refuse(root, Message("this is no BPMN file: its root is not bpmn:definitions"), "bpmn.root")
        return
    processes = document.processes()
    if not any(process.get("isExecutable") == "true" for process in processes):
        document.refuse(
            root, Message("there is no executable process; set one to executable"), "bpmn.process"
        )
    for process in processes:
        process_id = process.get("id", "")
        if not process_id:
            document.refuse(process, Message("the process has no id"), "bpmn.id")
        elif process_id in declared:
            document.refuse(
                process,
                Message("process '{process}' is in this bundle twice", process=process_id),
                "bpmn.id",
            )
        else:
            declared[process_id] = process.get("isExecutable") == "true"
    for participant in root.iter(bpmn("participant")):
        reference = participant.get("processRef", "").split(":")[-1]
        if reference and reference not in document.by_id:
            document.refuse(
                participant,
                Message("the pool's process '{reference}' does not exist", reference=reference),
                "bpmn.reference",
            )


def _build(
    document: Document,
    process: etree._Element,
    specs: dict[str, ProcessSpec],
    known: Collection[str] | None,
    zone: ZoneInfo,
) -> Mapping[str, ElementProperties]:
    elements: dict[str, ElementProperties] = {}
    identifiers = [node.get("id") for node in process.iter(f"{{{BPMN}}}*") if node.get("id")]
    if process.get("id") and len(set(identifiers)) == len(identifiers):
        LevelBuilder(document, process, process.get("id", ""), specs, elements, known, zone).build()
    return elements


def _distinct(findings: list[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda each: (each.file, each.line or 0, each.element_id, each.message))
