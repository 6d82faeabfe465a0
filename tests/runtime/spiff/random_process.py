"""Random processes: trees of blocks, drawn as BPMN. What they mean says `random_reference`.

The blocks: tasks, sequences, exclusive, inclusive and parallel blocks, loops, sub-processes, calls,
multi-instance tasks, races of timers, messages, activities guarded by a boundary timer or message,
sub-processes that end in an error, that escalate, that undo what they did (compensation), and that an event
sub-process listens to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.runtime.spiff.drawing import ext, z

KINDS = (
    "task",
    "seq",
    "xor",
    "par",
    "inc",
    "loop",
    "sub",
    "call",
    "guard",
    "each",
    "race",
    "msg",
    "error",
    "escalate",
    "undo",
    "listen",
)
_TAGS = {"xor": "exclusiveGateway", "inc": "inclusiveGateway", "par": "parallelGateway"}
_DECLARED = '<b:error id="err" errorCode="E"/><b:escalation id="esc" escalationCode="Y"/>'
_TIMER = "<b:timerEventDefinition><b:timeDuration>P1D</b:timeDuration></b:timerEventDefinition>"
_ON_ERROR = '<b:errorEventDefinition errorRef="err"/>'
_ON_ESCALATION = '<b:escalationEventDefinition escalationRef="esc"/>'
_COMPENSATE = "<b:compensateEventDefinition/>"


@dataclass
class Block:
    """A piece of a process: its kind, the names that matter, and the blocks in it."""

    kind: str
    name: str = ""
    inside: list[Block] = field(default_factory=list)
    after: str = ""
    timer: str = ""
    interrupting: bool = False
    message: bool = False
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
        self.xml = "".join((_DECLARED, whole, *self._called, *self._messages))

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
        special = {
            "error": self._error,
            "escalate": self._escalate,
            "undo": self._undo,
            "listen": self._listen,
        }
        if kind in special:
            return special[kind](depth)
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
        self._add(
            f'<b:intermediateCatchEvent id="{name}">{self._on_message(name)}</b:intermediateCatchEvent>'
        )
        return name, name, Block("msg", name)

    def _on_message(self, name: str) -> str:
        key = ext(z("subscription", correlationKey="=&quot;K&quot;"))
        self._messages.append(f'<b:message id="{name}m" name="{name}">{key}</b:message>')
        return f'<b:messageEventDefinition messageRef="{name}m"/>'

    def _trigger(self, name: str) -> tuple[str, bool]:
        """Return a timer or a message, and whether it is a message."""
        message = self._chance.random() < 0.4
        return (self._on_message(name) if message else _TIMER), message

    def _race(self, depth: int) -> tuple[str, str, Block]:
        gateway, join = self._new("g"), self._new("j")
        self._add(f'<b:eventBasedGateway id="{gateway}"/><b:exclusiveGateway id="{join}"/>')
        branches = []
        for _ in range(2):
            timer = self._new("be")
            self._add(f'<b:intermediateCatchEvent id="{timer}">{_TIMER}</b:intermediateCatchEvent>')
            first, last, block = self._draw(depth - 1)
            self._flow(gateway, timer)
            self._flow(timer, first)
            self._flow(last, join)
            branches.append(Block("branch", timer, [block]))
        return gateway, join, Block("race", inside=branches)

    def _activity(self, kind: str, depth: int) -> tuple[str, str, Block]:
        if self._chance.random() < 0.6:
            name = self._new("sp")
            last, inside = self._open_level(depth)
            self._end(last)
            body = "".join(self._levels.pop())
            if kind == "call":
                return self._call(name, body, inside)
            self._add(f'<b:subProcess id="{name}">{body}</b:subProcess>')
            block = Block("sub", name, [inside])
        else:
            name, _, block = self._task()
        if kind != "guard":
            return name, name, block
        event, interrupting = self._new("be"), self._chance.random() < 0.5
        definition, message = self._trigger(event)
        after = self._boundary(name, event, definition, interrupting)
        guard = Block("guard", "", [block], after, event, interrupting, message)
        return name, name, guard

    def _open_level(self, depth: int, *before: str) -> tuple[str, Block]:
        """Begin the inside of a sub-process, `before` first; return its last node so far, and its block."""
        self._levels.append([])
        start = self._new("s")
        self._add(f'<b:startEvent id="{start}"/>')
        first, last, block = self._draw(depth - 1)
        for source, target in zip((start, *before), (*before, first), strict=True):
            self._flow(source, target)
        return last, block

    def _end(self, source: str, definition: str = "") -> str:
        end = self._new("e")
        self._add(f'<b:endEvent id="{end}">{definition}</b:endEvent>')
        self._flow(source, end)
        return end

    def _boundary(self, on: str, event: str, definition: str, interrupting: bool) -> str:
        """Draw a boundary event and the task behind it, with an end of its own; return the task."""
        flag = str(interrupting).lower()
        self._add(
            f'<b:boundaryEvent id="{event}" attachedToRef="{on}" cancelActivity="{flag}">{definition}'
            "</b:boundaryEvent>"
        )
        after = self._task()[0]
        self._flow(event, after)
        self._end(after)
        return after

    def _error(self, depth: int) -> tuple[str, str, Block]:
        name, caught, join = self._new("sp"), self._new("eb"), self._new("j")
        last, inside = self._open_level(depth)
        task, gateway, fails, default = self._task()[0], self._new("x"), self._new("e"), self._new("f")
        self._add(
            f'<b:exclusiveGateway id="{gateway}" default="{default}"/>'
            f'<b:endEvent id="{fails}">{_ON_ERROR}</b:endEvent><b:endEvent id="{fails}n"/>'
        )
        self._flow(last, task)
        self._flow(task, gateway)
        self._flow(gateway, fails, f"modulo({task}, 2) = 0")
        self._flow(gateway, f"{fails}n", name=default)
        body = "".join(self._levels.pop())
        self._add(
            f'<b:subProcess id="{name}">{body}</b:subProcess><b:exclusiveGateway id="{join}"/>'
            f'<b:boundaryEvent id="{caught}" attachedToRef="{name}">{_ON_ERROR}</b:boundaryEvent>'
        )
        after = self._task()[0]
        self._flow(caught, after)
        self._flow(after, join)
        self._flow(name, join)
        return name, join, Block("error", task, [inside], after)

    def _escalate(self, depth: int) -> tuple[str, str, Block]:
        name, throw, interrupting = self._new("sp"), self._new("et"), self._chance.random() < 0.5
        last, inside = self._open_level(depth)
        task = self._task()[0]
        self._add(f'<b:intermediateThrowEvent id="{throw}">{_ON_ESCALATION}</b:intermediateThrowEvent>')
        self._flow(last, throw)
        self._flow(throw, task)
        self._end(task)
        body = "".join(self._levels.pop())
        self._add(f'<b:subProcess id="{name}">{body}</b:subProcess>')
        after = self._boundary(name, self._new("eb"), _ON_ESCALATION, interrupting)
        return name, name, Block("escalate", task, [inside], after, interrupting=interrupting)

    def _undo(self, depth: int) -> tuple[str, str, Block]:
        """A sub-process of task, block, task that at its end compensates what was done in it."""
        name, first, second = self._new("sp"), self._new("t"), self._new("t")
        last, inside = self._open_level(depth, first)
        for task in (first, second):
            self._add(
                f'<b:userTask id="{task}"/><b:userTask id="{task}h" isForCompensation="true"/>'
                f'<b:boundaryEvent id="{task}c" attachedToRef="{task}">{_COMPENSATE}</b:boundaryEvent>'
                f'<b:association id="{task}a" sourceRef="{task}c" targetRef="{task}h"/>'
            )
        self._flow(last, second)
        if self._chance.random() < 0.5:
            self._end(second, _COMPENSATE)
        else:
            throw = self._new("et")
            self._add(f'<b:intermediateThrowEvent id="{throw}">{_COMPENSATE}</b:intermediateThrowEvent>')
            self._flow(second, throw)
            self._end(throw)
        body = "".join(self._levels.pop())
        self._add(f'<b:subProcess id="{name}">{body}</b:subProcess>')
        return name, name, Block("undo", first, [inside], second)

    def _listen(self, depth: int) -> tuple[str, str, Block]:
        name, event, interrupting = self._new("sp"), self._new("be"), self._chance.random() < 0.5
        last, inside = self._open_level(depth)
        self._end(last)
        definition, message = self._trigger(event)
        self._levels.append([])
        task, flag = self._task()[0], str(interrupting).lower()
        self._add(f'<b:startEvent id="{event}" isInterrupting="{flag}">{definition}</b:startEvent>')
        self._flow(event, task)
        self._end(task)
        heard = "".join(self._levels.pop())
        self._add(f'<b:subProcess id="{name}v" triggeredByEvent="true">{heard}</b:subProcess>')
        body = "".join(self._levels.pop())
        self._add(f'<b:subProcess id="{name}">{body}</b:subProcess>')
        return name, name, Block("listen", "", [inside], task, event, interrupting, message)

    def _call(self, name: str, body: str, inside: Block) -> tuple[str, str, Block]:
        self._called.append(f'<b:process id="{name}p" isExecutable="true">{body}</b:process>')
        called = f'<b:extensionElements><z:calledElement processId="{name}p"/></b:extensionElements>'
        self._add(f'<b:callActivity id="{name}">{called}</b:callActivity>')
        return name, name, Block("call", name, [inside])
