"""Bringing the state of an instance to the specifications of another bundle, element by element.

What a token stands on is looked for under its own id, or the one that the caller's mapping gives, in the same
scope of the new bundle, and must be of the same kind there. Boundary events and event sub-processes that the
new bundle has not are disarmed; those that it has more are armed. Called processes of the instance's own
family go with it; those of other families stay as they are. Whatever does not fit is told by name, all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.runtime.spiff.specs.activities import JobTask, UserTask
from engine.runtime.spiff.specs.catching import Boundary, BoundarySplit, Catching
from engine.runtime.spiff.specs.gateways import EventGateway
from engine.runtime.spiff.specs.loops import MultiInstance, Repeated
from engine.runtime.spiff.specs.node import Node, kept_values
from engine.runtime.spiff.specs.subprocess import CallActivity
from engine.runtime.spiff.state import OWN_LEVEL
from engine.runtime.spiff.tokens import CANCELLED, COMPLETED, FINISHED, Token
from engine.runtime.spiff.values import dump_values, load_values

if TYPE_CHECKING:
    from engine.runtime.spiff.compiled import CompiledBundle
    from engine.runtime.spiff.specs.process import ProcessSpec
    from engine.runtime.spiff.tree import Level, ProcessTree

_ID, _PARENT, _NAME, _STATE, _INTERNAL = 0, 1, 2, 3, 5


_NOT_HERE = "is not in this scope of the new version; name its counterpart in the mapping"


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of one thing: `to` is its element in the new bundle, empty where it ends or does not fit.

    `problem` says why the migration cannot be made; `note` what else there is to know.
    """

    kind: str
    element_id: str
    process_id: str
    to: str = ""
    token: int = 0
    problem: str = ""
    note: str = ""


@dataclass
class Plan:
    """The whole of what becomes of an instance's state, and the state as it would be."""

    items: list[Moved] = field(default_factory=list)
    state: bytes = b""
    #: New key of a level -> its key in the old bundle.
    levels: dict[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[Moved]:
        """What keeps the instance from being migrated."""
        return [item for item in self.items if item.problem]


class _Names:
    """Internal names under a mapping of element ids: `a#split` follows `a`."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping

    def __call__(self, name: str) -> str:
        base, mark, suffix = name.partition("#")
        return f"{self._mapping.get(base, base)}{mark}{suffix}"

    def key(self, key: str) -> str:
        """A level's key: the process, and the sub-process in it."""
        process_id, slash, inner = key.partition("/")
        return f"{process_id}{slash}{self(inner)}"


def plan_migration(
    state: bytes, old: CompiledBundle, new: CompiledBundle, mapping: Mapping[str, str]
) -> Plan:
    """Return what becomes of each token, timer, subscription and record; nothing is changed."""
    document, plan, names = load_values(state), Plan(), _Names(mapping)
    levels = [[document["process"], document["top"]]]
    levels += [[each[1], each[2]] for each in document["inner"] if len(each) == OWN_LEVEL]
    holders = {each[0]: each[1] for each in document["inner"]}
    for key, rows in levels:
        _plan_level(plan, rows, old.specs[key], new.specs.get(names.key(key)), names, holders)
        plan.levels[names.key(key)] = key
    for each in document["inner"]:
        if len(each) == OWN_LEVEL:
            each[1] = names.key(each[1])
    for record in document.get("comp", []):
        _plan_record(plan, record, old, new, names)
    plan.items = [_said_where(item, new) for item in plan.items]
    plan.state = dump_values(document)
    return plan


def _said_where(item: Moved, new: CompiledBundle) -> Moved:
    """Say of what is drawn in another scope now where that is: no mapping leads there."""
    if item.problem != _NOT_HERE:
        return item
    keys = [key for key, spec in new.specs.items() if item.element_id in spec.task_specs]
    found = next((key for key in keys if key.partition("/")[0] == item.process_id), None)
    if found is None:
        return item
    inner = found.partition("/")[2]
    where = f"in the sub-process {inner!r}" if inner else "outside of its sub-process"
    problem = f"lies {where} in the new version; let the instance end in its own, or move it past there first"
    return replace(item, problem=problem)


def _plan_level(
    plan: Plan,
    rows: list[Any],
    old: ProcessSpec,
    new: ProcessSpec | None,
    names: _Names,
    holders: Mapping[int, str],
) -> None:
    if new is None:
        what = "process" if "/" not in old.name else "sub-process"
        problem = f"the {what} is not in the new version, or lies in another scope there"
        plan.items.append(Moved("scope", old.name.rpartition("/")[2], old.process_id, problem=problem))
        return
    parents = {row[_PARENT] for row in rows[1:] if not row[_STATE] & FINISHED}
    for number, row in enumerate(rows[1:]):
        node = old.task_specs.get(row[_NAME])
        row[_NAME] = names(row[_NAME])
        _rename_inside(row, names)
        if row[_STATE] & FINISHED or node is None or node.name.startswith("#"):
            _plan_ad_hoc(plan, row, old, new)
            if number in parents and isinstance(node, EventGateway):
                _plan_gateway(plan, node, new.task_specs.get(row[_NAME]), names)
            continue
        fitting: Any = new.task_specs.get(row[_NAME])
        kind = _kind(row)
        if fitting is None and _watches(node):
            plan.items.append(
                Moved(kind, node.element_id, old.process_id, token=row[_ID], note="is disarmed")
            )
            row[_STATE], row[_INTERNAL] = CANCELLED, None
            continue
        problem = _unfit(node, fitting, row, names, holders)
        to = "" if problem else fitting.element_id
        if problem or node.drawn or node.listens:
            plan.items.append(Moved(kind, node.element_id, old.process_id, to, row[_ID], problem))


def _rename_inside(row: list[Any], names: _Names) -> None:
    internal = row[_INTERNAL]
    if not internal:
        return
    if isinstance(internal.get("via"), str):
        internal["via"] = names(internal["via"])
    if "todo" in internal and all(isinstance(each, str) for each in internal["todo"]):
        internal["todo"] = [names(each) for each in internal["todo"]]


def _plan_ad_hoc(plan: Plan, row: list[Any], old: ProcessSpec, new: ProcessSpec) -> None:
    todo = (row[_INTERNAL] or {}).get("todo")
    if row[_NAME] != "#start" or not todo:
        return
    entries: Mapping[str, Node] = new.ad_hoc.entries if new.ad_hoc is not None else {}
    missing = [name for name in todo if name not in entries]
    if missing:
        problem = f"the activities {', '.join(missing)}, still to come, are not in the new version"
        plan.items.append(Moved("scope", old.name.rpartition("/")[2], old.process_id, problem=problem))


def _plan_gateway(plan: Plan, old: EventGateway, new: Node | None, names: _Names) -> None:
    before = {names(flow.target.name) for flow in old.flows}
    if not isinstance(new, EventGateway) or before != {flow.target.name for flow in new.flows}:
        problem = "waits for one of several events, which are others in the new version"
        plan.items.append(Moved("token", old.element_id, old.process_id, problem=problem))


def _kind(row: list[Any]) -> str:
    wait = (row[_INTERNAL] or {}).get("wait")
    return {"user": "task"}.get(wait["kind"], str(wait["kind"])) if wait else "token"


def _watches(node: Node) -> bool:
    return isinstance(node, Boundary) or node.listens


def _unfit(old: Node, new: Node | None, row: list[Any], names: _Names, holders: Mapping[int, str]) -> str:
    """Return why a token on `old` cannot go on at `new`, or an empty text."""
    if new is None:
        return _NOT_HERE
    if type(old) is not type(new) or old.properties.kind != new.properties.kind:
        loops = isinstance(old, Repeated), isinstance(new, Repeated)
        if old.instance != new.instance or loops[0] != loops[1]:
            return "is repeated in one of the versions only"
        return f"is a {new.properties.kind} in the new version, not a {old.properties.kind}"
    internal = row[_INTERNAL] or {}
    checks = (
        _unfit_event(old, new, names),
        _unfit_loop(old, new),
        _unfit_work(old, new, internal, holders.get(row[_ID])),
        _unfit_arrival(new, internal),
    )
    return next((each for each in checks if each), "")


def _unfit_event(old: Node, new: Node, names: _Names) -> str:
    if not isinstance(old, Catching) or not isinstance(new, Catching):
        return ""
    if old.trigger.kind != new.trigger.kind:
        return f"waits for a {new.trigger.kind} in the new version, not for a {old.trigger.kind}"
    if isinstance(old, Boundary) and names(old.properties.attached_to) != new.properties.attached_to:
        return f"is attached to {new.properties.attached_to!r} in the new version"
    return ""


def _unfit_loop(old: Node, new: Node) -> str:
    if not isinstance(old, MultiInstance) or not isinstance(new, MultiInstance):
        return ""
    if old.sequential != new.sequential:
        return "is repeated in parallel in one version and one after the other in the other"
    if bool(old.output_collection) != bool(new.output_collection):
        return "collects outputs in one of the versions only"
    return ""


def _unfit_work(old: Node, new: Node, internal: Mapping[str, Any], called: str | None) -> str:
    if isinstance(new, JobTask) and isinstance(old, JobTask):
        queued = (old.job_type.text, internal.get("wait", {}).get("job_type"))
        if new.job_type.text not in queued:
            return f"has the job type {new.job_type.text!r} in the new version; its job is queued already"
    if isinstance(new, CallActivity) and isinstance(old, CallActivity):
        running = (old.called.text, called)
        if called is not None and new.called.text not in running:
            return f"calls {new.called.text!r} in the new version; {called!r} runs already"
    if "todo" in internal:
        return "is undoing what was done; migrate when the compensation is over"
    if old.handler:
        return "undoes something; migrate when the compensation is over"
    return ""


def _unfit_arrival(new: Node, internal: Mapping[str, Any]) -> str:
    via = internal.get("via")
    incoming: Mapping[str, str] = getattr(new, "incoming", {})
    if via and new.joins and via not in incoming:
        return f"a token waits there that came by the flow {via!r}, which the new version lacks"
    return ""


def _plan_record(
    plan: Plan, record: list[Any], old: CompiledBundle, new: CompiledBundle, names: _Names
) -> None:
    """Bring a record of something that can be undone to the new names, with those inside it."""
    _, activity, level, handler, *inside = record
    for each in inside[0] if inside else []:
        _plan_record(plan, each, old, new, names)
    if level not in old.specs:
        return  # of another family, which stays
    record[1:4] = [names(activity), names.key(level), names(handler)]
    spec = new.specs.get(record[2])
    known = spec is not None and record[3] in spec.task_specs
    bound = known and (
        spec.compensated_by == record[3]  # type: ignore[union-attr]
        or any(getattr(node, "compensated_by", "") == record[3] for node in spec.task_specs.values())  # type: ignore[union-attr]
    )
    process_id = level.partition("/")[0]
    problem = "" if bound else f"was done and can be undone by {handler!r}, which the new version lacks"
    to = "" if problem else record[1]
    plan.items.append(Moved("compensation", activity, process_id, to, problem=problem))


def settle_in(tree: ProcessTree, plan: Plan, old: CompiledBundle, mapping: Mapping[str, str]) -> list[Moved]:
    """Arm in a restored tree what the new bundle has more; bring waits to what it draws; return what changed.

    Raises StepFailed when an expression of the new version cannot be evaluated.
    """
    names, told = _Names(mapping), []
    for level in [tree, *tree.subprocesses.values()]:
        before = old.specs.get(plan.levels.get(level.spec.name, "")) if not level.bundle_id else None
        if before is None:
            continue
        known = {names(name): node for name, node in before.task_specs.items()}
        told += list(_arm_more(level, known))
        for token in [each for each in level.open_tokens.values() if "wait" in each.internal_data]:
            earlier = known.get(token.task_spec.name)
            if earlier is not None:
                told += list(_bring_wait(token, earlier))
    return told


def _arm_more(level: Level, known: Mapping[str, Node]) -> Iterator[Moved]:
    specs, process_id = level.spec.task_specs, level.spec.process_id
    for listener in level.spec.listeners:
        if listener.name not in known and not level.completed:
            level.task_tree.spawn(listener).update()
            yield Moved("event", "", process_id, listener.element_id, note="is armed")
    for token in list(level.open_tokens.values()):
        if not token.is_open or not token.task_spec.attached:
            continue
        split = _split(level, token, specs[f"{token.task_spec.element_id}#split"])
        for flow in split.task_spec.flows:
            if flow.target is not token.task_spec and flow.target.name not in known:
                split.spawn(flow.target).update()
                yield Moved("event", "", process_id, flow.target.element_id, note="is armed")


def _split(level: Level, token: Token, spec: Node) -> Token:
    """Return the parent of an activity's token and its boundary events, made where there was none."""
    parent: Token = token.parent
    if isinstance(parent.task_spec, BoundarySplit) and parent.task_spec.name == spec.name:
        return parent
    split = Token(level, spec, parent, COMPLETED)
    split.data = parent.scope
    parent._children.remove(token.id)
    token._parent = split.id
    split._children.append(token.id)
    return split


def _bring_wait(token: Token, old: Node) -> Iterator[Moved]:
    """Evaluate anew what the new version draws otherwise; the rest stays as it was evaluated."""
    new, wait = token.task_spec, token.internal_data["wait"]
    kind, fresh = str(wait["kind"]), wait
    if isinstance(new, UserTask) and _drawn(old) != _drawn(new):
        fresh = kept_values(new.wait_values(token))
    elif isinstance(new, Catching) and isinstance(old, Catching):
        fresh = {**wait, **new.values_drawn_anew(token, old.trigger)}
    wait = {name: _plain(value) for name, value in wait.items()}
    fresh = {name: _plain(value) for name, value in fresh.items()}
    if fresh == wait:
        return
    token.internal_data["wait"] = fresh
    changed = sorted(name for name in {*fresh, *wait} if fresh.get(name) != wait.get(name))
    notes = [f"{name}: {wait.get(name)} -> {fresh.get(name)}" for name in changed]
    yield Moved(
        "task" if kind == "user" else kind,
        old.element_id,
        new.process_id,
        new.element_id,
        token.id,
        note="; ".join(notes),
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _drawn(node: Node) -> dict[str, str]:
    formulas = getattr(node, "formulas", {})
    return {name: formula.text for name, formula in formulas.items()}
