"""The specification of one level: a process, or the inside of a sub-process, and how it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed
from engine.models.properties import ElementProperties
from engine.runtime.spiff.library import BpmnProcessSpec, BpmnStartTask, WorkflowSpec
from engine.runtime.spiff.specs.node import Flow, Node
from engine.runtime.spiff.starting import Beginning
from engine.runtime.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.ad_hoc import AdHoc
    from engine.runtime.spiff.specs.catching import Listener
    from engine.runtime.spiff.specs.events import StartEvent


class ProcessStart(Node, BpmnStartTask):  # type: ignore[misc]
    """The root of a level's tree; not drawn. Arms the listeners of event sub-processes, then starts."""

    drawn = False

    def _on_complete(self, token: Token) -> None:
        spec: ProcessSpec = token.workflow.spec
        only = token.internal_data.pop("only", "")
        if only:
            self.take(token, [Flow("", spec.task_specs[only])])
            return
        listeners = [token.spawn(listener) for listener in spec.listeners]
        for listener in listeners:
            listener.update()
        if spec.ad_hoc is not None:
            spec.ad_hoc.begin(token)
            return
        self.take(token, [Flow("", self._first(token))])

    def _first(self, token: Token) -> Node:
        spec: ProcessSpec = token.workflow.spec
        tree = token.workflow.top_workflow
        wanted = tree.start_event if token.workflow is tree else ""
        if wanted:
            for start in spec.starts:
                if start.element_id == wanted:
                    return start
            if wanted in spec.instantiating:
                return spec.instantiating[wanted][0]
            message = f"process {spec.process_id!r} has no start event {wanted!r}"
            raise StepFailed(message, element_id=wanted, process_id=spec.process_id)
        for start in spec.starts:
            if start.properties.event is None or start.is_met(token):
                return start
        if len(spec.starts) == 1:
            if spec.starts[0].condition is None:
                return spec.starts[0]
            message = f"the condition of start event {spec.starts[0].element_id!r} does not hold"
            raise StepFailed(message, element_id=spec.starts[0].element_id, process_id=spec.process_id)
        message = f"process {spec.process_id!r} has no plain start event; name the start event to use"
        raise StepFailed(message, process_id=spec.process_id)


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """One level. `name` is its key in the bundle; internal names hold `#`, which no drawn id can."""

    task_specs: dict[str, Any]

    def __init__(self, key: str, process_id: str, properties: ElementProperties, filename: str) -> None:
        WorkflowSpec.__init__(self, name=key, filename=filename)
        self.process_id = process_id
        self.properties = properties
        self.svg = self.end = self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.starts: list[StartEvent] = []
        #: Where an instance begins that the event of an element starts, and what that element waits for.
        self.instantiating: dict[str, tuple[Node, tuple[Beginning, ...]]] = {}
        self.listeners: list[Listener] = []
        #: The event sub-process that compensates this sub-process as a whole, by its name in it.
        self.compensated_by = ""
        self.ad_hoc: AdHoc | None = None
        self.start = ProcessStart(self, "#start")
        self.start.describe(properties, process_id)
