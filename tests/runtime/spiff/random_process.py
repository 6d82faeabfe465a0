"""Random processes, and an interpreter of their meaning that shares nothing with the engine.

A process is a tree of blocks: tasks, sequences, exclusive, inclusive and parallel blocks, loops,
sub-processes, calls, multi-instance tasks, races of timers, messages, and activities guarded by a boundary
timer. It is drawn as BPMN, and interpreted by
continuations that count tokens.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.runtime.spiff.drawing import ext, z

KINDS = ("task", "seq", "xor", "par", "inc", "loop", "sub", "call", "guard", "each", "race", "msg")
_TAGS = {"xor": "exclusiveGateway", "inc": "inclusiveGateway", "par": "parallelGateway"}
Go = Callable[[], None]


@dataclass
class Block:
    """A piece of a process: its kind, the names that matter, and the blocks in it."""

    kind: str
    name: str = ""
    inside: list[Block] = field(default_factory=list)
    after: str = ""
    timer: str = ""
    interrupting: bool = False
    count: int = 0


class Drawing:
    """Draws a random tree of blocks."""

    def __init__(self, chance: random.Random, depth: int, kinds: tuple[str, ...] = KINDS) -> None:
        self._chance, self._kinds = chance, kinds
        self._count = 0
        self._levels: list[list[str]] = [[]]
        self._called: list[str] = []
        self._messages: list[str] = []
        first, last, self.block = self._draw(depth)
        self._flow("S_", first)
        self._flow(last, "E_")
        body = '<b:startEvent id="S_"/><b:endEvent id="E_"/>' + "".join(self._levels[0])
        whole = f'<b:process id="p" isExecutable="true">{body}</b:process>'
        self.xml = "".join((whole, *self._called, *self._messages))

    def _new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _add(self, xml: str) -> None:
        self._levels[-1].append(xml)

    def _flow(self, source: str, target: str, condition: str = "", name: str = "") -> None:
        drawn = f"<b:conditionExpression>{condition}</b:conditionExpression>" if condition else ""
        name = name or self._new("f")
        self._add(
            f'<b:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{drawn}</b:sequenceFlow>'
        )

    def _task(self) -> tuple[str, str, Block]:
        name = self._new("t")
        self._add(f'<b:userTask id="{name}"/>')
        return name, name, Block("task", name)

    def _draw(self, depth: int) -> tuple[str, str, Block]:
        kinds = self._kinds if depth < 3 else tuple(kind for kind in self._kinds if kind != "task")
        kind = self._chance.choice(kinds) if depth else "task"
        if kind == "task":
            return self._task()
        if kind == "seq":
            first, middle, one = self._draw(depth - 1)
            next_, last, two = self._draw(depth - 1)
            self._flow(middle, next_)
            return first, last, Block("seq", inside=[one, two])
        if kind == "loop":
            return self._loop(depth)
        if kind in ("sub", "call", "guard"):
            return self._activity(kind, depth)
        if kind == "each":
            return self._each()
        if kind == "msg":
            return self._message()
        if kind == "race":
            return self._race(depth)
        return self._gateways(kind, depth)

    def _gateways(self, kind: str, depth: int) -> tuple[str, str, Block]:
        task, _, _ = self._task()
        split, join, default = self._new("g"), self._new("j"), self._new("f")
        attribute = "" if kind == "par" else f' default="{default}"'
        self._add(f'<b:{_TAGS[kind]} id="{split}"{attribute}/><b:{_TAGS[kind]} id="{join}"/>')
        self._flow(task, split)
        branches = []
        count = self._chance.choice((2, 3))
        for number in range(count):
            first, last, block = self._draw(depth - 1)
            branches.append(block)
            self._flow(last, join)
            if kind == "par":
                self._flow(split, first)
            elif number == count - 1:
                self._flow(split, first, name=default)
            elif kind == "xor":
                self._flow(split, first, f"modulo({task}, {count}) = {number}")
            else:
                self._flow(split, first, f"modulo(floor({task} / {2**number}), 2) = 1")
        return task, join, Block(kind, task, branches)

    def _loop(self, depth: int) -> tuple[str, str, Block]:
        head, test, default = self._new("h"), self._new("x"), self._new("f")
        task, _, _ = self._task()
        self._add(f'<b:exclusiveGateway id="{head}"/><b:exclusiveGateway id="{test}" default="{default}"/>')
        first, last, block = self._draw(depth - 1)
        self._flow(head, first)
        self._flow(last, task)
        self._flow(task, test)
        self._flow(test, head, f"modulo({task}, 3) = 0")
        end, _, _ = self._task()
        self._flow(test, end, name=default)
        return head, end, Block("loop", task, [block], after=end)

    def _each(self) -> tuple[str, str, Block]:
        name, count = self._new("t"), self._chance.choice((1, 2, 3))
        sequential = self._chance.random() < 0.5
        items = ", ".join(map(str, range(count)))
        loop = ext(z("loopCharacteristics", inputCollection=f"=[{items}]"))
        flag = str(sequential).lower()
        self._add(
            f'<b:userTask id="{name}"><b:multiInstanceLoopCharacteristics isSequential="{flag}">{loop}'
            "</b:multiInstanceLoopCharacteristics></b:userTask>"
        )
        return name, name, Block("each", name, count=count, interrupting=sequential)

    def _message(self) -> tuple[str, str, Block]:
        name = self._new("m")
        key = ext(z("subscription", correlationKey="=&quot;K&quot;"))
        self._messages.append(f'<b:message id="{name}m" name="{name}">{key}</b:message>')
        self._add(
            f'<b:intermediateCatchEvent id="{name}"><b:messageEventDefinition messageRef="{name}m"/>'
            "</b:intermediateCatchEvent>"
        )
        return name, name, Block("msg", name)

    def _race(self, depth: int) -> tuple[str, str, Block]:
        gateway, join = self._new("g"), self._new("j")
        self._add(f'<b:eventBasedGateway id="{gateway}"/><b:exclusiveGateway id="{join}"/>')
        branches = []
        for _ in range(2):
            timer = self._new("be")
            self._add(
                f'<b:intermediateCatchEvent id="{timer}"><b:timerEventDefinition>'
                "<b:timeDuration>P1D</b:timeDuration></b:timerEventDefinition></b:intermediateCatchEvent>"
            )
            first, last, block = self._draw(depth - 1)
            self._flow(gateway, timer)
            self._flow(timer, first)
            self._flow(last, join)
            branches.append(Block("branch", timer, [block]))
        return gateway, join, Block("race", inside=branches)

    def _activity(self, kind: str, depth: int) -> tuple[str, str, Block]:
        if self._chance.random() < 0.6:
            name = self._new("sp")
            self._levels.append([])
            first, last, inside = self._draw(depth - 1)
            start, end = self._new("s"), self._new("e")
            self._flow(start, first)
            self._flow(last, end)
            drawn = "".join(self._levels.pop())
            if kind == "call":
                return self._call(
                    name, f'<b:startEvent id="{start}"/>{drawn}<b:endEvent id="{end}"/>', inside
                )
            self._add(
                f'<b:subProcess id="{name}"><b:startEvent id="{start}"/>{drawn}'
                f'<b:endEvent id="{end}"/></b:subProcess>'
            )
            block = Block("sub", name, [inside])
        else:
            name, _, block = self._task()
        if kind != "guard":
            return name, name, block
        timer, out, end = self._new("be"), self._task()[0], self._new("oe")
        interrupting = self._chance.random() < 0.5
        flag = str(interrupting).lower()
        self._add(
            f'<b:boundaryEvent id="{timer}" attachedToRef="{name}" cancelActivity="{flag}">'
            "<b:timerEventDefinition><b:timeDuration>P1D</b:timeDuration></b:timerEventDefinition></b:boundaryEvent>"
            f'<b:endEvent id="{end}"/>'
        )
        self._flow(timer, out)
        self._flow(out, end)
        return name, name, Block("guard", inside=[block], after=out, timer=timer, interrupting=interrupting)

    def _call(self, name: str, body: str, inside: Block) -> tuple[str, str, Block]:
        self._called.append(f'<b:process id="{name}p" isExecutable="true">{body}</b:process>')
        called = f'<b:extensionElements><z:calledElement processId="{name}p"/></b:extensionElements>'
        self._add(f'<b:callActivity id="{name}">{called}</b:callActivity>')
        return name, name, Block("sub", name, [inside])


@dataclass
class _Level:
    """A process or sub-process: how many tokens live in it, and what happens when none does."""

    done: Go
    tokens: int = 1

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

    def _sub(self, block: Block, place: _Place, go: Go) -> None:
        level = _Level(go)
        self._run(block.inside[0], _Place(level, place.guards, lambda: None), level.lose)

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

        inside = _Place(place.level, (*place.guards, guard), place.lost)
        self._run(block.inside[0], inside, completed)
        self._waiting.append((block.timer, fired, place.guards))
