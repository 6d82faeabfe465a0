"""The running workflow: the library's, with an index of what changed instead of walks over the tree."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.errors import RedressError, StepFailed
from engine.runtime.spiff.changes import CloseReason, Recorder
from engine.runtime.spiff.environment import feel_engine
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import BpmnSubWorkflow, BpmnWorkflow
from engine.runtime.spiff.scopes import Scope, View
from engine.runtime.spiff.tokens import FINISHED, FUTURE, READY, WAITING, Token

if TYPE_CHECKING:
    from engine.runtime.spiff.compiled import CompiledBundle
    from engine.runtime.spiff.specs.process import ProcessSpec
    from engine.runtime.spiff.surroundings import Surroundings

#: A process that takes more steps than this without waiting runs in a circle.
MAX_STEPS = 50_000
#: Calls and sub-processes may lie this deep in one another.
MAX_DEPTH = 100
_PRUNE_EVERY = 500
_ENGINE = feel_engine()


class Level:
    """What the top process and each sub-process or call have in common: one tree of tokens."""

    spec: ProcessSpec
    tasks: dict[int, Token]
    task_tree: Token
    completed: bool
    success: bool
    top_workflow: ProcessTree
    root_scope: Scope
    #: The bundle of the level's process where it is not the instance's own.
    bundle_id = ""

    def _prepare(self, root_scope: Scope) -> None:
        self.root_scope = root_scope
        self.open_tokens: dict[int, Token] = {}
        self.arrivals: dict[str, dict[int, Token]] = {}
        self.dirty: list[Token] = []

    def begin(self, only: str = "") -> None:
        """Make the root token of a fresh level and let it run; `only` names the one node to run in it."""
        self.task_tree = Token(self, self.spec.start, None, FUTURE)
        self.task_tree.data = self.root_scope
        if only:
            self.task_tree.internal_data["only"] = only
        self.task_tree._ready()

    def state_changed(self, token: Token) -> None:
        """Keep the indexes right; called at every change of state."""
        state = token._state
        if state & FINISHED:
            self.open_tokens.pop(token.id, None)
            self.dirty.append(token)
            top = self.top_workflow
            top.touched[id(self)] = top.dirty_levels[id(self)] = self
            return
        self.open_tokens[token.id] = token
        if state == READY and not token.task_spec.manual:
            queue = self.top_workflow.queue
            # What interrupts goes before everything else that is ready.
            if token.task_spec.urgent:
                queue.appendleft(token)
            else:
                queue.append(token)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs here any more but listeners of event sub-processes."""
        return all(token.task_spec.listens and token._state == WAITING for token in self.open_tokens.values())

    def cancel_open(self, reason: CloseReason, *, but: Token | None = None) -> None:
        """Cancel every open token of this level and all that lies in it, except one."""
        with self.top_workflow.cancelling(reason):
            for token in list(self.open_tokens.values()):
                if token is not but:
                    token.cancel()

    def prune(self) -> None:
        """Remove finished leaves and links; history, not the tree, remembers the past.

        An open token needs its parent only where several belong together (`keeps_children`).
        """
        work, self.dirty = self.dirty, []
        tasks = self.tasks
        work.extend([parent for token in work if (parent := token.parent) is not None])
        while work:
            token = work.pop()
            if token.id not in tasks or token._parent is None or not token._state & FINISHED:
                continue
            parent = tasks[token._parent]
            if not token._children:
                parent._children.remove(token.id)
                del tasks[token.id]
                work.append(parent)
            elif len(token._children) == 1 and token._children[0] in tasks:
                child = tasks[token._children[0]]
                held = token.task_spec.keeps_children or parent.task_spec.keeps_children
                if child._state & FINISHED or not held:
                    parent._children[parent._children.index(token.id)] = child.id
                    child._parent = parent.id
                    del tasks[token.id]
                    work.append(parent)
                    work.append(child)

    # -- what the library asks for
    def is_completed(self) -> bool:
        """Return whether the level has come to its end."""
        return self.completed

    def update_waiting_tasks(self) -> None:
        """Nothing: tokens are told by the index what concerns them."""

    def _task_completed_notify(self, task: Token) -> None:
        """Nothing: see `ProcessTree.settle`."""

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return nothing: the library's logging is not used."""
        return dct or {}


class InnerTree(Level, BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of a sub-process, or of a called process."""

    def __init__(self, spec: ProcessSpec, holder: Token, root_scope: Scope, bundle_id: str) -> None:
        self.holder = holder
        self.bundle_id = bundle_id
        self._prepare(root_scope)
        super().__init__(spec, holder.id, holder.workflow.top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        depth: int = self.holder.workflow.depth + 1  # type: ignore[attr-defined]
        return depth

    @property
    def parent_workflow(self) -> Level:
        """The level that holds this one."""
        return self.holder.workflow

    def cancel(self, success: bool = False) -> list[Token]:
        """Cancel everything inside, for the reason that is being told."""
        self.success, self.completed = success, True
        cancelled = list(self.open_tokens.values())
        for token in cancelled:
            token.cancel()
        return cancelled


class ProcessTree(Level, BpmnWorkflow):  # type: ignore[misc]
    """The top process of an instance: queue, ids, waits, and the way to the surroundings."""

    subprocesses: dict[int, InnerTree]

    def __init__(self, spec: ProcessSpec, bundle: CompiledBundle, surroundings: Surroundings) -> None:
        self.bundle = bundle
        self.others: dict[str, CompiledBundle] = {}
        self.surroundings = surroundings
        self.recorder = Recorder()
        self.queue: deque[Token] = deque()
        self.touched: dict[int, Level] = {}
        self.dirty_levels: dict[int, Level] = {}
        self.blocked: dict[int, Level] = {}
        self.waits: dict[int, Token] = {}
        self.conditional: dict[int, Token] = {}
        self.last_id = 0
        self.compensations: list[list[Any]] = []
        self.reason: CloseReason = "cancelled"
        self.start_event = ""
        self._prepare(Scope(self.recorder))
        super().__init__(spec, bundle.specs, _ENGINE, deserializing=True)

    def next_id(self) -> int:
        """Return a new token id: small, and never used again in this instance."""
        self.last_id += 1
        return self.last_id

    def bundle_of(self, level: Level) -> CompiledBundle:
        """Return the bundle of a level's process."""
        return self.find_bundle(level.bundle_id)

    def find_bundle(self, bundle_id: str) -> CompiledBundle:
        """Return a bundle that the instance runs on, by its id; an empty one is the instance's own."""
        if not bundle_id:
            return self.bundle
        found = self.others.get(bundle_id)
        if found is None:
            found = self.others[bundle_id] = self.surroundings.find_bundle(bundle_id)
        return found

    def bind(self, process_id: str, caller: Level, tag: str = "") -> str | None:
        """Return the id of the bundle in which a call finds its process, None where there is none.

        That is the caller's own bundle, then those that the instance runs on already, then the newest one in
        which the process is deployed: the first call decides for the rest of the instance. A call that names
        a version `tag` finds only a process that carries it.
        """
        for bundle_id in (caller.bundle_id, "", *self.others):
            bundle = self.find_bundle(bundle_id)
            if process_id in bundle.specs and tag in ("", bundle.process(process_id).version_tag):
                return bundle_id
        found = self.surroundings.find_called(process_id, tag)
        if found is None or process_id not in found[1].specs:
            return None
        self.others[found[0]] = found[1]
        return found[0]

    def create_inner(self, holder: Token, spec: ProcessSpec, root_scope: Scope, bundle_id: str) -> InnerTree:
        """Make the inside of the sub-process or call that `holder` runs. Raises StepFailed too deep down."""
        if holder.workflow.depth >= MAX_DEPTH:  # type: ignore[attr-defined]
            element, process = holder.task_spec.element_id, holder.task_spec.process_id
            message = (
                f"{element!r} is called {MAX_DEPTH} levels deep: does a process call itself without an end?"
            )
            raise StepFailed(message, element_id=element, process_id=process)
        inner = InnerTree(spec, holder, root_scope, bundle_id)
        self.subprocesses[holder.id] = inner
        return inner

    @contextmanager
    def cancelling(self, reason: CloseReason) -> Iterator[None]:
        """Tell `reason` for all that is cancelled within."""
        before, self.reason = self.reason, reason
        try:
            yield
        finally:
            self.reason = before

    def evaluate(
        self, token: Token, formula: Formula, what: str, extra: Mapping[str, Any] | None = None
    ) -> Any:
        """Evaluate a formula where `token` stands. Raises StepFailed naming the element and `what` it is."""
        return self.evaluate_in(
            token.scope, formula, what, token.task_spec.element_id, token.task_spec.process_id, extra
        )

    def evaluate_in(
        self,
        scope: Mapping[str, Any],
        formula: Formula,
        what: str,
        element_id: str,
        process_id: str,
        extra: Mapping[str, Any] | None = None,
    ) -> Any:
        """Evaluate a formula in `scope`. Raises StepFailed."""
        if formula.expression is None:
            return formula.text
        try:
            return formula.evaluate(View(self.surroundings.facts(), scope, extra), self.functions)
        except StepFailed:
            raise
        except RedressError as error:
            message = f"{what} of {element_id!r}, {formula.text}, cannot be evaluated: {error}"
            raise StepFailed(message, element_id=element_id, process_id=process_id) from error

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Our own FEEL functions in this step."""
        return self.surroundings.functions

    def drain(self) -> None:
        """Run everything that is ready, until only waits are left, then prune.

        Raises StepFailed when the process runs in a circle without ever waiting.
        """
        steps = 0
        queue = self.queue
        self.check_conditions()
        while True:
            self.settle()
            if not queue and not self._fire_joins():
                break
            while queue:
                token = queue.popleft()
                if token._state != READY or token.id not in token.workflow.tasks:
                    continue
                steps += 1
                if steps > MAX_STEPS:
                    spec = token.task_spec
                    message = f"the process runs in a circle at {spec.element_id!r} without ever waiting"
                    raise StepFailed(message, element_id=spec.element_id, process_id=spec.process_id)
                token.run()
                if self.touched:
                    self.settle()
                if self.conditional:
                    self.check_conditions()
                if not steps % _PRUNE_EVERY:
                    self.prune_all()
        self.prune_all()

    def check_conditions(self) -> None:
        """Let conditional events happen whose condition has become true."""
        for token in list(self.conditional.values()):
            token.task_spec.check(token)  # type: ignore[attr-defined]

    def settle(self) -> None:
        """Complete each level in which nothing runs any more."""
        while self.touched:
            _, level = self.touched.popitem()
            if level.completed or not level.is_idle:
                continue
            if level.spec.ad_hoc is not None and level.spec.ad_hoc.go_on(level):
                continue
            level.cancel_open("scope-ended")
            level.completed = True
            if isinstance(level, InnerTree):
                level.holder.task_spec.inner_completed(level.holder, level)
            else:
                self.recorder.event(
                    "process.completed", level.task_tree.id, self.spec.process_id, self.spec.process_id
                )

    def prune_all(self) -> None:
        """Prune every level that changed."""
        while self.dirty_levels:
            _, level = self.dirty_levels.popitem()
            level.prune()

    def _fire_joins(self) -> bool:
        """Let inclusive joins fire that no other token can reach any more; return whether one did."""
        fired = False
        for key, level in list(self.blocked.items()):
            for waiting in list(level.arrivals.values()):
                if waiting and next(iter(waiting.values())).task_spec.try_fire(level):
                    fired = True
            if level.completed or not any(level.arrivals.values()):
                self.blocked.pop(key, None)
        return fired

    @property
    def depth(self) -> int:
        """The top level."""
        return 0

    @property
    def top_workflow(self) -> ProcessTree:  # type: ignore[override]
        """This tree itself."""
        return self

    def cancel(self, workflow: Any = None) -> list[Token]:
        """Cancel the whole instance."""
        cancelled = list(self.open_tokens.values())
        for token in cancelled:
            token.cancel()
        self.completed, self.success = True, False
        return cancelled
