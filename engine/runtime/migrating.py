"""What a migration to another bundle would do to an instance, and doing it to its step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import Conflict, InvalidInput, RedressError, StepFailed
from engine.runtime import projection
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.declared import declared_names
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Changes, Closed, Moved, Wait, Workflow
from engine.runtime.step import Step
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Instance

MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class Target:
    """The bundle to migrate to, and the version of the process in it."""

    bundle: LoadedBundle
    version: int


@dataclass
class Outlook:
    """What becomes of each token, timer, subscription, open task, form and variable of an instance."""

    instance_id: str
    revision: int
    from_bundle: str
    bundle: str
    version: int
    items: list[Moved] = field(default_factory=list)

    @property
    def problems(self) -> list[Moved]:
        """What keeps it from being migrated; none means that it can be."""
        return [item for item in self.items if item.problem]

    def refuse(self) -> None:
        """Raise Conflict naming everything that does not fit."""
        if self.problems:
            told = "; ".join(f"{item.kind} {item.element_id!r} {item.problem}" for item in self.problems)
            raise Conflict(f"the instance cannot be migrated: {told}")


def find_target(rt: Runtime, session: Session, process_id: str, version: int | None) -> Target:
    """Return the newest version of a process, or the one given. Raises NotFound, Conflict."""
    found = find_definition(session, process_id, version)
    bundle = rt.bundles.get(session, found.bundle_id)
    if not bundle.compiled.executable(process_id):
        raise Conflict(f"version {found.version} of {process_id!r} is drawn as not executable")
    return Target(bundle, found.version)


def look_ahead(step: Step, target: Target, mapping: Mapping[str, str]) -> tuple[Outlook, Workflow | None]:
    """Return what a migration would do, and the workflow as it would be (None where it cannot be made).

    The step's bundle is then the new one. Raises Conflict where the instance is on it already, InvalidInput
    for a mapping of what is not there.
    """
    old, new = step.bundle, target.bundle
    if old.id == new.id:
        raise Conflict(f"the instance runs on version {target.version} already")
    check_mapping(old, new, mapping)
    outlook = Outlook(step.instance.id, step.instance.version, old.id, new.id, target.version)
    plan = new.compiled.plan_migration(step.workflow.dump(), old.compiled, mapping)
    outlook.items = list(plan.items)
    outlook.items += _variables(step.workflow, old, new)
    outlook.items += _called(step)
    if outlook.problems:
        return outlook, None
    step.bundle = new
    try:
        workflow, told = new.compiled.migrate(plan, old.compiled, mapping, step)
    except StepFailed as error:
        outlook.items.append(Moved("expression", error.element_id, error.process_id, problem=str(error)))
        return outlook, None
    notes = {item.token: item for item in told if item.token}
    outlook.items = [
        replace(item, note=notes[item.token].note) if item.token in notes else item for item in outlook.items
    ]
    outlook.items += [item for item in told if not item.token]
    outlook.items += _forms(workflow, new)
    return outlook, None if outlook.problems else workflow


def migrate_step(step: Step, target: Target, mapping: Mapping[str, str], reason: str) -> None:
    """Bring the instance of a step to another bundle. Raises Conflict with everything that does not fit."""
    before, from_bundle = step.workflow.waits(), step.bundle
    outlook, workflow = look_ahead(step, target, mapping)
    outlook.refuse()
    assert workflow is not None
    data = {"from": from_bundle.id, "to": target.bundle.id, "version": target.version, "reason": reason}
    step.note(Entry("instance.migrated", {**data, **({"mapping": dict(mapping)} if mapping else {})}))
    step.workflow = workflow
    step.session.execute(
        update(Instance).where(Instance.id == step.instance.id).values(bundle_id=target.bundle.id)
    )
    step.instance.bundle_id = target.bundle.id
    if step.case is not None:
        step.case.bundle_changed()
    _take_over(step, before)


def _take_over(step: Step, before: list[Wait]) -> None:
    changes, known = step.workflow.take_changes(), {wait.token: wait for wait in before}
    now = {wait.token: wait for wait in step.workflow.waits()}
    told = {item.token for item in changes.closed}
    gone = [
        Closed(wait.token, wait.kind, "cancelled")
        for wait in before
        if wait.token not in now and wait.token not in told
    ]
    opened = [wait for wait in changes.opened if wait.token not in known]
    step.take(Changes(changes.events, opened, [*changes.closed, *gone]))
    stayed = [now[token] for token in known if token in now]
    for wait in stayed:
        earlier = known[wait.token].due_at
        if wait.kind == "timer" and wait.due_at != earlier:
            dates = {"token": wait.token, "process_id": wait.process_id, "from": earlier, "to": wait.due_at}
            step.note(Entry("timer.rescheduled", dates, wait.element.element_id, wait.element.name))
    projection.rewrite(step, stayed)


def check_mapping(old: LoadedBundle, new: LoadedBundle, mapping: Mapping[str, str]) -> None:
    """Refuse a mapping of elements that a bundle has not. Raises InvalidInput by name."""
    if len(mapping) > MOST_NAMES:
        raise InvalidInput("the mapping is too long", {"mapping": [f"takes at most {MOST_NAMES} names"]})
    known, wanted = set(_elements(old)), set(_elements(new))
    errors = {}
    for name, to in mapping.items():
        if name not in known:
            errors[f"mapping.{name}"] = ["is no element or flow of the instance's version"]
        elif to not in wanted:
            errors[f"mapping.{name}"] = [f"{to!r} is no element or flow of the new version"]
    if errors:
        raise InvalidInput("the mapping names what is not there", errors)


def _elements(bundle: LoadedBundle) -> Iterator[str]:
    for spec in bundle.compiled.specs.values():
        for node in spec.task_specs.values():
            yield node.element_id
            yield from (flow.id for flow in node.flows if flow.id)


def _forms(workflow: Workflow, new: LoadedBundle) -> Iterator[Moved]:
    for wait in workflow.waits():
        form = wait.form_id or wait.element.form_id
        if wait.kind == "user" and form and new.compiled.declares(wait.process_id):
            problem = "" if form in new.forms else "is not in the new version"
            to = "" if problem else wait.element.element_id
            yield Moved("form", form, wait.process_id, to, problem=problem)


def _called(step: Step) -> Iterator[Moved]:
    """Processes of other families stay on the version that was called, whatever becomes of their caller."""
    for bundle_id in step.workflow.other_bundles:
        running = step.workflow.called_of(bundle_id)
        declared = [each.process_id for each in step.rt.bundles.get(step.session, bundle_id).processes]
        for process_id in running or declared:
            query = select(Definition.version).where(Definition.process_id == process_id)
            here = step.session.scalar(query.where(Definition.bundle_id == bundle_id))
            newest = find_definition(step.session, process_id).version
            note = (
                f"runs on its version {here} to the end"
                if running
                else f"later calls take its version {here}"
            )
            note += (
                f", not {newest}: it is of another family" if newest != here else ": it is of another family"
            )
            yield Moved("called", process_id, process_id, process_id, note=note)


def _variables(workflow: Workflow, old: LoadedBundle, new: LoadedBundle) -> Iterator[Moved]:
    """Variables stay; what the new version does not write any more is worth a look."""
    before, after = declared_names([old]), declared_names([new])
    for name in sorted(workflow.variables):
        lost = name in before and name not in after
        yield Moved(
            "variable",
            name,
            workflow.process_id,
            name,
            note="is kept; the new version does not write it" if lost else "",
        )


def summed(outlooks: Iterable[Outlook | RedressError]) -> dict[tuple[str, str, str], int]:
    """Count the problems of several instances: (kind, element, problem) -> instances."""
    found: dict[tuple[str, str, str], int] = {}
    for each in outlooks:
        if isinstance(each, Outlook):
            keys = {(item.kind, item.element_id, item.problem) for item in each.problems}
        else:
            keys = {("instance", "", str(each))}
        for key in keys:
            found[key] = found.get(key, 0) + 1
    return found
