"""Writing places and lines into a file as BPMN diagram interchange."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from engine.models.layout.place import GAP_X, LANE_LABEL, PADDING, Box, Placed, place
from engine.models.xml import BPMN, BPMNDI, bpmn, local_name

_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_MARGIN = 150
_SPACES = {"bpmndi": BPMNDI, "dc": _DC, "di": _DI}
_OPEN = ("subProcess", "transaction", "adHocSubProcess")
_ACROSS = ("participant", "lane")
_Points = list[tuple[float, float]]


def lay_out(root: etree._Element) -> None:
    """Draw all processes of a BPMN file anew, in place: its pools below one another, or its only plane."""
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(old)
    processes = {node.get("id", ""): node for node in root.iter(bpmn("process"))}
    collaboration = root.find(bpmn("collaboration"))
    pools = [] if collaboration is None else collaboration.findall(bpmn("participant"))
    if collaboration is not None and pools:
        whole = _pools(pools, processes)
        _write(root, collaboration.get("id", ""), [collaboration, *processes.values()], whole)
        return
    for process_id, process in processes.items():
        placed = place(process)
        placed.move(_MARGIN, _MARGIN)
        _write(root, process_id, [process], placed)


def _pools(pools: Iterable[etree._Element], processes: dict[str, etree._Element]) -> Placed:
    whole, top = Placed(), float(_MARGIN)
    for pool in pools:
        process = processes.get(pool.get("processRef", "").split(":")[-1])
        placed = place(process) if process is not None else Placed(width=600, height=60)
        placed.move(_MARGIN + LANE_LABEL + PADDING * 2, top + PADDING)
        height = placed.height + 2 * PADDING
        width = placed.width + LANE_LABEL + 4 * PADDING
        whole.boxes |= {pool.get("id", ""): Box(_MARGIN, top, width, height), **placed.boxes}
        top += height + PADDING
    return whole


def _write(root: etree._Element, plane_of: str, scopes: list[etree._Element], placed: Placed) -> None:
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": f"{plane_of}_diagram"}, nsmap=_SPACES)
    attributes = {"id": f"{plane_of}_plane", "bpmnElement": plane_of}
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", attributes)
    nodes = {
        node.get("id", ""): node for scope in scopes for node in scope.iter(f"{{{BPMN}}}*") if node.get("id")
    }
    for key, box in placed.boxes.items():
        if key in nodes:
            _shape(plane, nodes[key], box)
    for key, node in nodes.items():
        if local_name(node) in ("sequenceFlow", "association", "messageFlow"):
            ends = [placed.boxes.get(node.get(name, "")) for name in ("sourceRef", "targetRef")]
            if ends[0] is not None and ends[1] is not None:
                source = nodes.get(node.get("sourceRef", ""))
                held = source is not None and local_name(source) == "boundaryEvent"
                _edge(plane, key, _points(ends[0], ends[1], held=held))


def _shape(plane: etree._Element, node: etree._Element, box: Box) -> None:
    key = node.get("id", "")
    shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{key}_di", "bpmnElement": key})
    if local_name(node) in _OPEN:
        shape.set("isExpanded", "true")
    if local_name(node) in _ACROSS:
        shape.set("isHorizontal", "true")
    if local_name(node) == "exclusiveGateway":
        shape.set("isMarkerVisible", "true")
    bounds = {name: f"{getattr(box, name):.0f}" for name in ("x", "y", "width", "height")}
    etree.SubElement(shape, f"{{{_DC}}}Bounds", bounds)


def _edge(plane: etree._Element, key: str, points: _Points) -> None:
    edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{key}_di", "bpmnElement": key})
    for x, y in points:
        etree.SubElement(edge, f"{{{_DI}}}waypoint", {"x": f"{x:.0f}", "y": f"{y:.0f}"})


def _points(source: Box, target: Box, *, held: bool) -> _Points:
    """A line at right angles: forward from side to side, back below both, out of a boundary event down."""
    (sx, sy), (tx, ty) = source.middle, target.middle
    right, left = source.x + source.width, target.x
    if held:
        low = source.y + source.height
        if left > sx and ty > low:
            return [(sx, low), (sx, ty), (left, ty)]
        below = max(low, target.y + target.height) + 20
        return [(sx, low), (sx, below), (tx, below), (tx, target.y + target.height)]
    if left >= right:
        bend = left - GAP_X / 2
        return [(right, sy), (left, ty)] if sy == ty else [(right, sy), (bend, sy), (bend, ty), (left, ty)]
    below = max(source.y + source.height, target.y + target.height) + 20
    return [(sx, source.y + source.height), (sx, below), (tx, below), (tx, target.y + target.height)]
