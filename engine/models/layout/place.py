"""Where the elements of one level stand: columns by the distance from a start, stacked without overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.models.xml import BPMN, bpmn, local_name, namespace

GAP_X, GAP_Y = 60, 40
PADDING = 40
LANE_LABEL = 30
_EVENT = (36, 36)
_SIZES = {"exclusiveGateway": (50, 50), "dataObjectReference": (36, 50), "dataStoreReference": (50, 50)}
_INSIDE = ("subProcess", "transaction", "adHocSubProcess")
_BESIDE = ("dataObjectReference", "dataStoreReference", "textAnnotation")


@dataclass
class Box:
    """A rectangle in pixels, `x` and `y` being its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def move(self, x: float, y: float) -> None:
        """Move it by so much."""
        self.x += x
        self.y += y


@dataclass
class Placed:
    """A level with the places of all that is in it, also in its sub-processes, from its own corner."""

    boxes: dict[str, Box] = field(default_factory=dict)
    width: float = 0
    height: float = 0

    def move(self, x: float, y: float) -> None:
        """Move everything by so much."""
        for box in self.boxes.values():
            box.move(x, y)


def place(level: etree._Element) -> Placed:
    """Return the places of everything in a process or sub-process; nothing overlaps."""
    nodes = {node.get("id", ""): node for node in _drawn(level) if node.get("id")}
    held = {key: node for key, node in nodes.items() if local_name(node) == "boundaryEvent"}
    inner = {key: place(node) for key, node in nodes.items() if local_name(node) in _INSIDE}
    sizes = {key: _size(node, inner.get(key)) for key, node in nodes.items()}
    free = [key for key in nodes if key not in held]
    edges = _edges(level, nodes, held)
    columns = _columns(free, edges)
    bands = _bands(level, nodes, free)
    result = Placed()
    _stack(result, free, columns, bands, sizes, edges)
    for key, found in inner.items():
        box = result.boxes[key]
        found.move(box.x + PADDING, box.y + PADDING)
        result.boxes |= found.boxes
    _attach(result, held)
    _frame_lanes(result, level)
    result.width = max((box.x + box.width for box in result.boxes.values()), default=100)
    result.height = max((box.y + box.height for box in result.boxes.values()), default=80)
    return result


def _drawn(level: etree._Element) -> Iterator[etree._Element]:
    for node in level:
        name = local_name(node)
        if namespace(node) == BPMN and (
            name in _BESIDE
            or name.endswith(("Event", "Gateway", "ask", "Process", "Activity", "transaction"))
        ):
            yield node


def _size(node: etree._Element, inner: Placed | None) -> tuple[float, float]:
    name = local_name(node)
    if inner is not None:
        return max(inner.width + 2 * PADDING, 160), max(inner.height + 2 * PADDING, 120)
    if name.endswith("Event"):
        return _EVENT
    if name.endswith("Gateway"):
        return _SIZES["exclusiveGateway"]
    return _SIZES.get(name, (100, 80))


def _edges(
    level: etree._Element, nodes: dict[str, etree._Element], held: dict[str, etree._Element]
) -> list[tuple[str, str]]:
    """What stands before what; a flow out of a boundary event comes from what it is attached to."""
    found = []
    for flow in (*level.findall(bpmn("sequenceFlow")), *level.findall(bpmn("association"))):
        source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
        if source in held:
            source = held[source].get("attachedToRef", "")
        if source in nodes and target in nodes and source != target and target not in held:
            found.append((source, target))
    return found


def _columns(keys: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """Return the column of each: one after its furthest predecessor, not counting flows that lead back."""
    out: dict[str, list[str]] = {key: [] for key in keys}
    entered = set()
    for source, target in edges:
        if source in out and target in out:
            out[source].append(target)
            entered.add(target)
    order: list[str] = []
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for root in [*(key for key in keys if key not in entered), *keys]:
        stack = [] if root in state else [(root, iter(out[root]))]
        if stack:
            state[root] = 1
        while stack:
            key, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                state[key] = 2
                order.append(key)
            elif following not in state:
                state[following] = 1
                stack.append((following, iter(out[following])))
            elif state[following] == 1:
                back.add((key, following))
    found = dict.fromkeys(keys, 0)
    for key in reversed(order):
        for target in out[key]:
            if (key, target) not in back:
                found[target] = max(found[target], found[key] + 1)
    return found


def _bands(level: etree._Element, nodes: dict[str, etree._Element], free: list[str]) -> dict[str, int]:
    """Return the horizontal band of each: its lane; below them event sub-processes, and what runs not."""
    lanes = level.findall(f"{bpmn('laneSet')}/{bpmn('lane')}")
    found = dict.fromkeys(free, 0)
    for number, lane in enumerate(lanes):
        for reference in lane.iter(bpmn("flowNodeRef")):
            key = (reference.text or "").strip()
            if key in found:
                found[key] = number
    last = max(len(lanes) - 1, 0)
    for key in free:
        if nodes[key].get("triggeredByEvent") == "true" and not lanes:
            found[key] = last + 1
        elif local_name(nodes[key]) in _BESIDE:
            found[key] = last + 2
    return found


def _stack(
    result: Placed,
    free: list[str],
    columns: dict[str, int],
    bands: dict[str, int],
    sizes: dict[str, tuple[float, float]],
    edges: list[tuple[str, str]],
) -> None:
    """Give each element its place: near those before it, below what stands in its column already."""
    widths: dict[int, float] = {}
    for key in free:
        widths[columns[key]] = max(widths.get(columns[key], 0), sizes[key][0])
    lefts, x = {}, 0.0
    for column in sorted(widths):
        lefts[column] = x
        x += widths[column] + GAP_X
    before: dict[str, list[str]] = {}
    for source, target in edges:
        before.setdefault(target, []).append(source)
    top = 0.0
    for band in sorted(set(bands.values())):
        members = sorted((key for key in free if bands[key] == band), key=lambda key: columns[key])
        bottoms: dict[int, float] = {}
        for key in members:
            width, height = sizes[key]
            known = [result.boxes[each].middle[1] for each in before.get(key, ()) if each in result.boxes]
            wished = (min(known) if known else top + 40) - height / 2
            y = max(wished, bottoms.get(columns[key], top), top)
            left = lefts[columns[key]] + (widths[columns[key]] - width) / 2
            result.boxes[key] = Box(left, y, width, height)
            bottoms[columns[key]] = y + height + GAP_Y
        top = max(bottoms.values(), default=top) + GAP_Y


def _attach(result: Placed, held: dict[str, etree._Element]) -> None:
    """Put boundary events on the lower edge of what they are attached to, side by side."""
    count: dict[str, int] = {}
    for key, node in held.items():
        owner = node.get("attachedToRef", "")
        box = result.boxes.get(owner)
        number = count[owner] = count.get(owner, 0) + 1
        width, height = _EVENT
        if box is None:
            box = result.boxes[owner or key] = Box(0, 0, *_EVENT)
        step = min(width + 10, max(box.width / (number + 1), 12))
        result.boxes[key] = Box(
            box.x + box.width - number * step, box.y + box.height - height / 2, width, height
        )


def _frame_lanes(result: Placed, level: etree._Element) -> None:
    """Draw each lane around what it holds, as wide as the widest."""
    lanes = level.findall(f"{bpmn('laneSet')}/{bpmn('lane')}")
    if not lanes:
        return
    right = max((box.x + box.width for box in result.boxes.values()), default=100) + PADDING
    bottom = -PADDING / 2
    for lane in lanes:
        keys = [(ref.text or "").strip() for ref in lane.iter(bpmn("flowNodeRef"))]
        low = max(
            (result.boxes[key].y + result.boxes[key].height for key in keys if key in result.boxes), default=0
        )
        height = max(low + PADDING / 2 - bottom, 80)
        result.boxes[lane.get("id", "")] = Box(-PADDING, bottom, right + PADDING, height)
        bottom += height
