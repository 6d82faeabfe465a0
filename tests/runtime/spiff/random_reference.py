"""What a tree of blocks means: an interpreter that shares nothing with the engine.

It goes on by continuations and counts the tokens of each level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.runtime.spiff.random_process import Block

Go = Callable[[], None]


@dataclass
class _Level:
    """A process or sub-process: how many tokens live in it, and what happens when none does."""

    done: Go
    tokens: int = 1
    undoes: list[str] = field(default_factory=list)
    """The compensation handlers of what was completed here, oldest first."""

    def lose(self) -> None:
        self.tokens -= 1
        if not self.tokens:
            self.done()


@dataclass
class _Place:
    """Where a block runs: its level, the guards around it, and who must know when its token is diverted."""

    level: _Level
    guards: tuple[object, ...]
    lost: Go


class Reference:
    """Interprets a tree of blocks. `open` are the tasks and timers that wait, by name."""

    def __init__(self, block: Block) -> None:
        self._waiting: list[tuple[str, Go, tuple[object, ...]]] = []
        self._values: dict[str, int] = {}
        self.done = False
        top = _Level(self._finish)
        self._run(block, _Place(top, (), lambda: None), top.lose)

    def _finish(self) -> None:
        self.done = True

    @property
    def open(self) -> list[str]:
        """The names of what waits, sorted."""
        return sorted(name for name, _, _ in self._waiting)

    def act(self, name: str, value: int) -> None:
        """Complete a task with `value`, or fire a timer."""
        waiting = next(item for item in self._waiting if item[0] == name)
        self._waiting.remove(waiting)
        self._values[name] = value
        waiting[1]()

    def _kill(self, guard: object) -> None:
        self._waiting = [item for item in self._waiting if guard not in item[2]]

    def _run(self, block: Block, place: _Place, go: Go) -> None:
        getattr(self, f"_{block.kind}")(block, place, go)

    def _task(self, block: Block, place: _Place, go: Go) -> None:
        self._waiting.append((block.name, go, place.guards))

    def _msg(self, block: Block, place: _Place, go: Go) -> None:
        self._task(block, place, go)

    def _seq(self, block: Block, place: _Place, go: Go) -> None:
        one, two = block.inside
        self._run(one, place, lambda: self._run(two, place, go))

    def _loop(self, block: Block, place: _Place, go: Go) -> None:
        def test() -> None:
            if self._values[block.name] % 3 == 0:
                again()
            else:
                self._run(Block("task", block.after), place, go)

        def again() -> None:
            self._run(block.inside[0], place, lambda: self._run(Block("task", block.name), place, test))

        again()

    def _inside(self, place: _Place, go: Go) -> _Level:
        """Return the level of a sub-process: what was done in it can be undone from around it afterwards."""

        def done() -> None:
            place.level.undoes += level.undoes
            go()

        level = _Level(done)
        return level

    def _sub(self, block: Block, place: _Place, go: Go) -> None:
        level = self._inside(place, go)
        self._run(block.inside[0], _Place(level, place.guards, lambda: None), level.lose)

    def _call(self, block: Block, place: _Place, go: Go) -> None:
        level = _Level(go)  # a called process is its own affair
        self._run(block.inside[0], _Place(level, place.guards, lambda: None), level.lose)

    def _error(self, block: Block, place: _Place, go: Go) -> None:
        guard, level = object(), self._inside(place, go)
        inside = _Place(level, (*place.guards, guard), lambda: None)

        def decided() -> None:
            if self._values[block.name] % 2:
                level.lose()
                return
            self._kill(guard)
            self._run(Block("task", block.after), place, go)

        self._run(block.inside[0], inside, lambda: self._run(Block("task", block.name), inside, decided))

    def _escalate(self, block: Block, place: _Place, go: Go) -> None:
        guard, level = object(), self._inside(place, go)
        inside = _Place(level, (*place.guards, guard), lambda: None)

        def thrown() -> None:
            self._waiting.append((block.after, place.level.lose, place.guards))
            if block.interrupting:
                self._kill(guard)
                place.lost()
                return
            place.level.tokens += 1
            self._run(Block("task", block.name), inside, level.lose)

        self._run(block.inside[0], inside, thrown)

    def _undo(self, block: Block, place: _Place, go: Go) -> None:
        level = self._inside(place, go)
        inside = _Place(level, place.guards, lambda: None)

        def undo() -> None:
            level.undoes.append(f"{block.after}h")
            todo, level.undoes = level.undoes, []

            def newest_first() -> None:
                if todo:
                    self._task(Block("task", todo.pop()), inside, newest_first)
                else:
                    level.lose()

            newest_first()

        def begun() -> None:
            level.undoes.append(f"{block.name}h")
            self._run(block.inside[0], inside, lambda: self._task(Block("task", block.after), inside, undo))

        self._task(Block("task", block.name), inside, begun)

    def _listen(self, block: Block, place: _Place, go: Go) -> None:
        guard, ears = object(), object()

        def ended() -> None:
            self._kill(ears)
            go()

        level = self._inside(place, ended)
        inside = _Place(level, (*place.guards, guard), lambda: None)

        def listen() -> None:
            self._waiting.append((block.timer, heard, (*inside.guards, ears)))

        def heard() -> None:
            if block.interrupting:
                self._kill(guard)
                level.tokens = 1
            else:
                level.tokens += 1
                if block.message:
                    listen()
            self._task(Block("task", block.after), inside, level.lose)

        listen()
        self._run(block.inside[0], inside, level.lose)

    def _xor(self, block: Block, place: _Place, go: Go) -> None:
        def chosen() -> None:
            number = self._values[block.name] % len(block.inside)
            self._run(block.inside[min(number, len(block.inside) - 1)], place, go)

        self._run(Block("task", block.name), place, chosen)

    def _par(self, block: Block, place: _Place, go: Go) -> None:
        def fork() -> None:
            state = {"arrived": 0, "lost": 0}
            place.level.tokens += len(block.inside) - 1

            def arrive() -> None:
                state["arrived"] += 1
                if state["arrived"] == len(block.inside):
                    place.level.tokens -= len(block.inside) - 1
                    go()

            def lose() -> None:
                state["lost"] += 1
                if state["lost"] == len(block.inside):
                    place.lost()

            for branch in block.inside:
                self._run(branch, _Place(place.level, place.guards, lose), arrive)

        self._run(Block("task", block.name), place, fork)

    def _inc(self, block: Block, place: _Place, go: Go) -> None:
        def fork() -> None:
            *others, default = block.inside
            value = self._values[block.name]
            chosen = [each for number, each in enumerate(others) if value // 2**number % 2] or [default]
            place.level.tokens += len(chosen) - 1
            state = {"left": len(chosen), "arrived": 0}

            def settle() -> None:
                state["left"] -= 1
                if state["left"]:
                    return
                if state["arrived"]:
                    place.level.tokens -= state["arrived"] - 1
                    go()
                else:
                    place.lost()

            def arrive() -> None:
                state["arrived"] += 1
                settle()

            for branch in chosen:
                self._run(branch, _Place(place.level, place.guards, settle), arrive)

        self._run(Block("task", block.name), place, fork)

    def _each(self, block: Block, place: _Place, go: Go) -> None:
        left = block.count

        def completed() -> None:
            nonlocal left
            left -= 1
            if not left:
                go()
            elif block.interrupting:  # one after the other
                self._task(block, place, completed)

        for _ in range(1 if block.interrupting else block.count):
            self._task(block, place, completed)

    def _race(self, block: Block, place: _Place, go: Go) -> None:
        others = object()

        def won(branch: Block) -> Go:
            def fire() -> None:
                self._kill(others)
                self._run(branch.inside[0], place, go)

            return fire

        for branch in block.inside:
            self._waiting.append((branch.name, won(branch), (*place.guards, others)))

    def _guard(self, block: Block, place: _Place, go: Go) -> None:
        guard = object()

        def completed() -> None:
            self._waiting = [item for item in self._waiting if item[1] is not fired]
            go()

        def fired() -> None:
            self._waiting.append((block.after, place.level.lose, place.guards))
            if block.interrupting:
                self._kill(guard)
                place.lost()
            else:
                place.level.tokens += 1
                if block.message:
                    self._waiting.append((block.timer, fired, place.guards))

        inside = _Place(place.level, (*place.guards, guard), place.lost)
        self._run(block.inside[0], inside, completed)
        self._waiting.append((block.timer, fired, place.guards))
