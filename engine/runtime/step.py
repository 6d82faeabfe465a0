"""One instance inside one transaction: what is loaded, what may be done with it, what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.audit import Entry, Head
from engine.models.properties import ElementProperties
from engine.people.actor import Actor
from engine.runtime.bundles import LoadedBundle, find_bundles
from engine.runtime.business import NO_LIMITS, BoundCase, Limits
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Changes, CompiledBundle, Event, Scope, Workflow
from engine.store.prepared import Writes


@dataclass(slots=True)
class InstanceRow:
    """The columns of an instance that a step works with; `found_in` is the state that it was locked in."""

    id: str
    process_id: str
    bundle_id: str
    business_key: str | None
    state: str
    version: int
    started_at: datetime
    started_by: str = ""
    is_new: bool = False
    ended_at: datetime | None = None
    found_in: str = ""

    @classmethod
    def of(cls, row: Any, found_in: str = "") -> InstanceRow:
        """Return what a step works with of a row that was read."""
        return cls(
            row.id,
            row.process_id,
            row.bundle_id,
            row.business_key,
            row.state,
            row.version,
            row.started_at,
            row.started_by,
            found_in=found_in,
        )


@dataclass(frozen=True, slots=True)
class CompletedTask:
    """Who completed a user task in this step, and under which task id it is remembered."""

    task_id: str
    username: str


@dataclass
class Step:
    """A step in progress. It is also the surroundings that the workflow asks for facts and decisions."""

    rt: Runtime
    session: Session
    actor: Actor
    now: datetime
    instance: InstanceRow
    bundle: LoadedBundle
    head: Head
    functions: Mapping[str, Callable[..., Any]]
    readonly: bool = False
    workflow: Workflow = field(init=False)
    case: BoundCase | None = None
    changes: list[Changes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    completed_tasks: dict[int, CompletedTask] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    def note(self, entry: Entry) -> None:
        """Have `entry` written to the instance's history with this step."""
        self.entries.append(entry)

    def run(self) -> None:
        """Run to the next wait states and collect what happened."""
        self.workflow.advance()
        self.collect()

    def collect(self) -> None:
        """Take over what the workflow recorded since the last call."""
        self.take(self.workflow.take_changes())

    def take(self, changes: Changes) -> None:
        """Take over these changes: their events become history, their waits rows."""
        self.changes.append(changes)
        for event in changes.events:
            self._translate(event)

    @property
    def limits(self) -> Limits:
        """The dates that bound the tasks of this instance."""
        return self.case.limits if self.case is not None else NO_LIMITS

    # What the workflow asks of its surroundings (engine.runtime.spiff.Surroundings).

    def facts(self) -> Mapping[str, Any]:
        """Names visible to every expression beside the variables."""
        row = self.instance
        own = {
            "instance": {"id": row.id, "business_key": row.business_key, "started_by": row.started_by},
        }
        return {**own, **self.case.facts()} if self.case is not None else own

    def bundle_of(self, process_id: str) -> LoadedBundle:
        """Return the bundle of a process that the instance runs: its own, or one of another family."""
        if not self.bundle.compiled.declares(process_id):
            for bundle_id in self.workflow.other_bundles:
                other = self.rt.bundles.get(self.session, bundle_id)
                if other.compiled.declares(process_id):
                    return other
        return self.bundle

    def find_called(self, process_id: str, tag: str = "") -> tuple[str, CompiledBundle] | None:
        """Return the newest bundle in which a process is deployed, and its id; with `tag` the newest whose
        process carries that version tag.
        """
        for bundle_id in find_bundles(self.session, process_id):
            compiled = self.find_bundle(bundle_id)
            if not tag or (process_id in compiled.specs and compiled.process(process_id).version_tag == tag):
                return bundle_id, compiled
        return None

    def find_bundle(self, bundle_id: str) -> CompiledBundle:
        """Return a deployed bundle. Raises NotFound."""
        return self.rt.bundles.get(self.session, bundle_id).compiled

    def decide(self, decision_id: str, scope: Mapping[str, Any], process_id: str) -> Any:
        """Evaluate a decision table and keep its explanation in history."""
        result = self.bundle_of(process_id).decide(decision_id, scope, self.functions)
        self.note(Entry("decision.evaluated", {"decision": decision_id, "explanation": result.explanation}))
        if self.case is not None:
            self.case.decision_made(decision_id, result.value)
        return result.value

    def entered(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """An element was entered: nothing to do before it is completed."""

    def completed(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """An element was completed: the business record moves by its milestone or stage."""
        if self.case is not None and not _MARKERS.isdisjoint(element.custom):
            self.collect()  # what led here stands before what follows from it
            self.case.element_completed(element, scope)

    def _translate(self, event: Event) -> None:
        """Write a workflow's event as history entry; flows are kept with the element that they left."""
        if event.kind == "flow.taken":
            self._flow_taken(event)
            return
        element = self.bundle_of(event.process_id).compiled.elements(event.process_id).get(event.element_id)
        is_user_task = element is not None and element.kind in ("userTask", "manualTask")
        if is_user_task and element is not None and element.loop is not None:
            is_user_task = "instance" in event.data  # the whole of a repeated task is nobody's task
        kind = event.kind
        if is_user_task:
            if kind == "element.completed":
                return  # the command noted task.completed, with who and what
            kind = {"element.entered": "task.created", "element.cancelled": "task.withdrawn"}.get(kind, kind)
        elif kind == "element.entered" and not _waits(element) and not _repeats(element):
            return  # it completes in the same step; one row says so
        where = {"process_id": event.process_id, "token": event.token}
        name = element.name if element else None
        if kind == "variables.changed":
            values = {key: {"old": pair[0], "new": pair[1]} for key, pair in event.data.items()}
            entry = Entry(kind, {**where, "names": sorted(values)}, event.element_id or None, name, values)
        elif "variables" in event.data:  # what was thrown with a message or signal
            data = {key: value for key, value in event.data.items() if key != "variables"}
            values = dict(event.data["variables"])
            entry = Entry(kind, {**data, **where}, event.element_id or None, name, values or None)
        else:
            entry = Entry(kind, {**event.data, **where}, event.element_id or None, name)
        self.note(entry)

    def _flow_taken(self, event: Event) -> None:
        flow = event.data.get("flow", event.element_id)
        for entry in reversed(self.entries):
            if entry.kind in _LEAVING and entry.data.get("token") == event.token:
                entry.data = {**entry.data, "flows": [*entry.data.get("flows", []), flow]}
                return
        self.note(Entry("flow.taken", {"process_id": event.process_id, "flow": flow, "token": event.token}))


_LEAVING = frozenset(
    {"element.completed", "task.completed", "timer.fired", "message.caught", "signal.caught"}
)
_MARKERS = frozenset({"redress:milestone", "redress:stage", "redress:status"})


def _repeats(element: ElementProperties | None) -> bool:
    return element is not None and element.loop is not None and element.kind in ("userTask", "manualTask")


def _waits(element: ElementProperties | None) -> bool:
    if element is None:
        return False
    return element.kind in ("subProcess", "callActivity", "transaction", "adHocSubProcess") or bool(
        element.job_type
    )
