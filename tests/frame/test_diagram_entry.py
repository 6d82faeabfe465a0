"""The `diagram` entry of the browser bundle, in a real browser under the strict policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import taken_out
from tests.frame.site import Site, data

ROOT = Path(__file__).resolve().parents[2]
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="Definitions_1" targetNamespace="urn:trial">
  <process id="trial" isExecutable="true">
    <startEvent id="Received" name="收到"><outgoing>Flow_1</outgoing></startEvent>
    <userTask id="Investigate" name="調查"><incoming>Flow_1</incoming><outgoing>Flow_2</outgoing></userTask>
    <userTask id="Approve" name="核准"><incoming>Flow_2</incoming></userTask>
    <sequenceFlow id="Flow_1" name="受理" sourceRef="Received" targetRef="Investigate"><extensionElements>
      <zeebe:properties><zeebe:property name="label:en" value="Accountability"/></zeebe:properties>
    </extensionElements></sequenceFlow>
    <sequenceFlow id="Flow_2" sourceRef="Investigate" targetRef="Approve"/>
  </process>
  <bpmndi:BPMNDiagram id="Diagram_1"><bpmndi:BPMNPlane id="Plane_1" bpmnElement="trial">
@drawing@
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>
"""
SHAPES = {"Received": (100, 102, 36, 36), "Investigate": (200, 80, 100, 80), "Approve": (360, 80, 100, 80)}
FLOWS = {"Flow_1": (136, 200), "Flow_2": (300, 360)}
STATES = {"Received": "done", "Flow_1": "done", "Investigate": "done", "Flow_2": "done", "Approve": "active"}


def draw() -> str:
    """Return the model with its drawing."""
    shapes = [
        f'<bpmndi:BPMNShape bpmnElement="{name}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
        for name, (x, y, width, height) in SHAPES.items()
    ]
    flows = [
        f'<bpmndi:BPMNEdge bpmnElement="{name}">'
        f'<di:waypoint x="{start}" y="120"/><di:waypoint x="{end}" y="120"/><bpmndi:BPMNLabel>'
        f'<dc:Bounds x="{start + 20}" y="100" width="24" height="14"/></bpmndi:BPMNLabel></bpmndi:BPMNEdge>'
        for name, (start, end) in FLOWS.items()
    ]
    return MODEL.replace("@drawing@", "".join(shapes + flows))


def open_diagram(site: Site, page: Page, *, language: str = "zh-Hant", **definition: Any) -> None:
    full = {
        "url": "/trial.bpmn",
        "title": "申訴處理",
        "states": STATES,
        "stateNames": {"done": "已完成", "active": "進行中"},
    } | definition
    site.pages["/trial.bpmn"] = ("application/xml", draw())
    site.add_page(
        "/diagram",
        f'<figure data-diagram data-steps="#steps">{data(full)}<div data-diagram-canvas></div>'
        '<p data-diagram-error hidden>no diagram</p><button data-diagram-zoom="in">+</button>'
        '<button data-diagram-zoom="fit">fit</button></figure><ol id="steps" data-diagram-steps>'
        '<li data-element="Received"><a href="#1">收到</a></li>'
        '<li data-element="Investigate"><a href="#2">調查</a></li>'
        '<li data-element="Approve"><a href="#3">核准</a></li></ol>',
        entries=["app", "diagram"],
        language=language,
    )
    page.goto(site.address + "/diagram")
    page.locator('[data-diagram][data-ready="true"]').wait_for()


def test_states_are_marked_with_a_sign_beside_their_colour(site: Site, page: Page) -> None:
    open_diagram(site, page)
    expect(page.locator(".redress-done.djs-shape")).to_have_count(2)
    expect(page.locator(".redress-done.djs-connection")).to_have_count(2)
    expect(page.locator(".redress-active.djs-shape")).to_have_count(1)
    expect(page.locator(".diagram-badge")).to_have_text(["✓", "✓", "●"])


def test_counts_take_the_place_of_signs(site: Site, page: Page) -> None:
    open_diagram(site, page, states={}, counts={"Investigate": 42, "gone": 1})
    expect(page.locator(".diagram-badge")).to_have_text(["42"])


def test_names_come_in_the_language_of_the_page(site: Site, page: Page) -> None:
    open_diagram(site, page, labels={"Investigate": "Investigate"})
    expect(page.locator("[data-element-id=Investigate] text").first).to_have_text("Investigate")
    expect(page.locator("[data-element-id=Approve] text").first).to_have_text("核准")


def test_a_flow_has_the_label_of_its_language_in_one_piece(site: Site, page: Page) -> None:
    open_diagram(site, page, language="en")
    expect(page.locator("[data-element-id=Flow_1_label] text tspan")).to_have_text(["Accountability"])
    open_diagram(site, page)
    expect(page.locator("[data-element-id=Flow_1_label] text tspan")).to_have_text(["受理"])


def test_longer_names_grow_away_from_gateways_and_lines(site: Site, page: Page) -> None:
    """Above its gateway a name takes its second line upwards; beside an upright line it stays on its side."""
    handling = (ROOT / "processes/complaint/handling.bpmn").read_text(encoding="utf-8")
    open_diagram(site, page, language="en", xml=handling, states={})
    for gateway in ("plan-approved", "needs-review"):
        name = page.locator(f"[data-element-id={gateway}_label] text").bounding_box()
        shape = page.locator(f".djs-shape[data-element-id={gateway}] .djs-visual").bounding_box()
        assert name is not None
        assert shape is not None
        assert name["y"] + name["height"] <= shape["y"] + 2, gateway
    for flow, gateway in (("f-plan-returned", "plan-approved"), ("f-review", "needs-review")):
        name = page.locator(f"[data-element-id={flow}_label] text").bounding_box()
        shape = page.locator(f".djs-shape[data-element-id={gateway}] .djs-visual").bounding_box()
        assert name is not None
        assert shape is not None
        assert name["x"] >= shape["x"] + shape["width"] / 2, flow


def test_what_a_version_changes_is_marked_in_a_diagram_that_has_no_address_yet(
    site: Site, page: Page
) -> None:
    changes = {"Investigate": "changed", "Approve": "added", "Flow_2": "removed"}
    open_diagram(site, page, url=None, xml=draw(), states=changes)
    expect(page.locator(".diagram-badge")).to_have_text(["≠", "+"])
    expect(page.locator(".redress-removed.djs-connection")).to_have_count(1)


def test_names_stand_inside_their_shapes(site: Site, page: Page) -> None:
    open_diagram(site, page, labels={"Investigate": "Suggest a grade"})
    shape = page.locator(".djs-shape[data-element-id=Investigate]")
    box, text = shape.locator("rect").first.bounding_box(), shape.locator("tspan").first.bounding_box()
    assert box is not None
    assert text is not None
    assert abs((box["x"] + box["width"] / 2) - (text["x"] + text["width"] / 2)) < 3


def test_the_keyboard_goes_from_shape_to_shape_and_back_to_the_steps(site: Site, page: Page) -> None:
    open_diagram(site, page)
    first = page.get_by_role("button", name="收到, 已完成")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="調查, 已完成")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="核准, 進行中")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="核准")).to_be_focused()
    expect(page.locator(".djs-shape[data-element-id=Approve].redress-chosen")).to_have_count(1)


def test_a_step_shows_its_shape(site: Site, page: Page) -> None:
    open_diagram(site, page)
    page.get_by_role("link", name="調查").focus()
    expect(page.locator(".djs-shape.redress-chosen")).to_have_count(1)
    expect(page.locator(".djs-shape[data-element-id=Investigate].redress-chosen")).to_have_count(1)


@pytest.mark.parametrize(("scheme", "fill"), [("light", "rgb(225, 236, 255)"), ("dark", "rgb(20, 40, 74)")])
def test_colours_follow_the_theme(site: Site, page: Page, scheme: Any, fill: str) -> None:
    page.emulate_media(color_scheme=scheme)
    open_diagram(site, page)
    assert page.locator("html").get_attribute("data-bs-theme") == scheme
    expect(page.locator("[data-element-id=Approve] .djs-visual > :first-child")).to_have_css("fill", fill)


def test_the_mark_of_bpmn_io_stays_visible(site: Site, page: Page) -> None:
    open_diagram(site, page)
    expect(page.locator(".bjs-powered-by")).to_be_visible()


def test_a_diagram_that_cannot_be_fetched_says_so(site: Site, page: Page, page_errors: list[str]) -> None:
    site.add_page(
        "/broken",
        f"<figure data-diagram>{data({'url': '/nowhere'})}<div data-diagram-canvas></div>"
        "<p data-diagram-error hidden>no diagram</p></figure>",
        entries=["app", "diagram"],
    )
    page.goto(site.address + "/broken")
    expect(page.get_by_text("no diagram")).to_be_visible()
    assert len(taken_out(page, page_errors, 2)) == 2  # the browser's own, and what the script says of it
