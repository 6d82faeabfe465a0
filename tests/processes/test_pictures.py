"""The diagrams as pictures: everything is drawn, and nothing runs over anything else."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.processes.drawn import DIAGRAMS, Box, Diagram, Point, diagram, kind

MOST_NODES = 15

pytestmark = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def test_every_node_has_a_shape_and_every_flow_an_edge(path: Path) -> None:
    drawn = diagram(path)
    assert set(drawn.nodes) <= set(drawn.shapes)
    assert set(drawn.flows) == set(drawn.edges)
    assert set(drawn.shapes) <= set(drawn.by_id)


def test_flows_are_orthogonal_and_dock_on_what_they_connect(path: Path) -> None:
    drawn = diagram(path)
    for flow, node in drawn.flows.items():
        points = drawn.edges[flow]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)), flow
        assert _docks(drawn, node.get("sourceRef"), points[0]), flow
        assert _docks(drawn, node.get("targetRef"), points[-1]), flow


def test_flows_do_not_run_through_shapes(path: Path) -> None:
    drawn = diagram(path)
    for flow, node in drawn.flows.items():
        allowed = {node.get("sourceRef"), node.get("targetRef")} | drawn.around(node)
        for other, box in drawn.shapes.items():
            if other in drawn.nodes and other not in allowed:
                assert not any(box.meets(_line(*pair)) for pair in pairwise(drawn.edges[flow])), (
                    f"{flow} runs through {other}"
                )


def test_flows_do_not_cross_each_other(path: Path) -> None:
    drawn = diagram(path)
    for (one, first), (two, second) in combinations(drawn.edges.items(), 2):
        for a in pairwise(first):
            for b in pairwise(second):
                assert not _line(*a).meets(_line(*b), gap=0.5) or _share_an_end(first, second), (
                    f"{one} × {two}"
                )


def test_shapes_of_one_level_do_not_overlap(path: Path) -> None:
    drawn = diagram(path)
    for one, two in combinations(drawn.nodes.values(), 2):
        if kind(one) == "boundaryEvent" or kind(two) == "boundaryEvent":
            continue
        if one.getparent() is two.getparent():
            assert not drawn.shapes[one.get("id")].meets(drawn.shapes[two.get("id")], gap=10)


def test_lanes_and_sub_processes_hold_what_is_in_them(path: Path) -> None:
    drawn = diagram(path)
    for key, node in drawn.nodes.items():
        if kind(node) == "boundaryEvent":
            continue
        for holder in drawn.around(node):
            assert drawn.shapes[holder].holds(drawn.shapes[key]), key
    for lane in (node for node in drawn.by_id.values() if kind(node) == "lane"):
        for reference in lane.iterchildren("{*}flowNodeRef"):
            if kind(drawn.nodes[reference.text]) != "boundaryEvent":
                assert drawn.shapes[lane.get("id")].holds(drawn.shapes[reference.text]), reference.text


def test_labels_stand_free(path: Path) -> None:
    drawn = diagram(path)
    for key, label in drawn.labels.items():
        for other, box in drawn.shapes.items():
            if kind(drawn.by_id[other]) == "subProcess":
                assert box.holds(label) or not label.meets(box), f"label of {key} on the border of {other}"
            if kind(drawn.by_id[other]) in ("lane", "participant", "subProcess"):
                continue
            assert not label.meets(box), f"label of {key} on {other}"
        for flow, points in drawn.edges.items():
            for pair in pairwise(points):
                assert not label.meets(_line(*pair)), f"label of {key} on {flow}"
    for (one, first), (two, second) in combinations(drawn.labels.items(), 2):
        assert not first.meets(second), f"labels of {one} and {two}"


def test_labels_leave_the_marks_of_default_flows_free(path: Path) -> None:
    drawn = diagram(path)
    for flow in (node.get("default") for node in drawn.nodes.values() if node.get("default")):
        mark = _mark(drawn.edges[flow])
        for key, label in drawn.labels.items():
            assert not label.meets(mark), f"label of {key} on the mark of {flow}"


def test_a_level_without_lanes_has_a_straight_way_to_an_end(path: Path) -> None:
    drawn = diagram(path)
    laned = {lane.getparent().getparent() for lane in drawn.by_id.values() if kind(lane) == "lane"}
    for level in {node.getparent() for node in drawn.nodes.values()} - laned:
        starts = [node.get("id") for node in level if kind(node) == "startEvent"]
        assert any(_straight_to_an_end(drawn, start) for start in starts), level.get("id")


def test_a_level_has_so_many_nodes_that_one_look_takes_them_in(path: Path) -> None:
    inside = [node for node in diagram(path).nodes.values() if kind(node) != "boundaryEvent"]
    for level, number in Counter(node.getparent().get("id") for node in inside).items():
        assert number <= MOST_NODES, f"{level} has {number} nodes: draw part of it as a sub-process"


def _straight_to_an_end(drawn: Diagram, node: str) -> bool:
    """Whether flows that run level and to the right lead from here to an end event."""
    return kind(drawn.nodes[node]) == "endEvent" or any(
        _straight_to_an_end(drawn, flow.get("targetRef"))
        for key, flow in drawn.flows.items()
        if flow.get("sourceRef") == node and _runs_right(drawn.edges[key])
    )


def _runs_right(points: list[Point]) -> bool:
    return points[0][0] < points[-1][0] and len({y for _, y in points}) == 1


def _mark(points: list[Point]) -> Box:
    """The stroke across a default flow, where it leaves its gateway."""
    (x, y), (to_x, to_y) = points[:2]
    if y == to_y:
        return Box(x + 2 if to_x > x else x - 13, y - 8, 11, 16)
    return Box(x - 8, y + 2 if to_y > y else y - 13, 16, 11)


def _line(a: Point, b: Point) -> Box:
    return Box(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]))


def _share_an_end(first: list[Point], second: list[Point]) -> bool:
    return bool({first[0], first[-1]} & {second[0], second[-1]})


def _docks(drawn: Diagram, node: str, point: Point) -> bool:
    """On the border of its shape; a gateway's is the diamond within."""
    box = drawn.shapes[node]
    if kind(drawn.nodes[node]).endswith("Gateway"):
        x, y = point[0] - box.x - box.width / 2, point[1] - box.y - box.height / 2
        return abs(x) + abs(y) == box.width / 2
    return box.on_border(point)
