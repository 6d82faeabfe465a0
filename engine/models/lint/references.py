"""What one element says of another: that the other exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from lxml import etree

from engine.errors import Finding, Message
from engine.models.lint.drawing import Bundle, Drawing, Findings, flows_of, line_of, nodes_of
from engine.models.nodes import ACTIVITIES
from engine.models.xml import bpmn, local_name

_NAMED = 10
"""Forms that a finding names where none is like the one that is missing."""
_LEVELS = ("process", "subProcess", "transaction", "adHocSubProcess")


def check_references(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse flows, boundary events, calls, decisions and forms that refer to nothing."""
    for process in drawing.executable:
        for level in process.iter(*map(bpmn, _LEVELS)):
            _check_level(drawing, level, findings)
    for lane in drawing.root.iter(bpmn("flowNodeRef")):
        if (lane.text or "").strip() not in drawing.by_id:
            message = Message(
                "the lane holds '{id}', which does not exist; remove it", id=(lane.text or "").strip()
            )
            findings.add(drawing, lane, "bpmn.lane", message, warning=True)
    for node, properties in drawing.running():
        if properties.kind == "callActivity":
            _check_call(bundle, drawing, node, properties.called_process, findings)
        decision = properties.called_decision
        if decision and not decision.startswith("=") and decision not in bundle.decisions:
            message = Message(
                "the decision '{decision}' is in no DMN file of this bundle; deploy it with this file",
                decision=decision,
            )
            findings.add(drawing, node, "bpmn.decision", message)
        form_id = properties.form_id
        if form_id and not form_id.startswith("=") and form_id not in {*bundle.forms, *bundle.broken_forms}:
            message = _unknown_form(form_id, sorted(bundle.forms))
            findings.add(drawing, node, "bpmn.form", message)


def _unknown_form(form_id: str, known: Sequence[str]) -> Message:
    near = get_close_matches(form_id, known, 1)
    if near:
        return Message(
            "the form '{form}' is not in this bundle; did you mean '{name}'?", form=form_id, name=near[0]
        )
    names = ", ".join(known[:_NAMED]) + (", …" if known[_NAMED:] else "")
    return Message(
        "the form '{form}' is not in this bundle; there are: {names}",
        form=form_id,
        names=names or Message("none"),
    )


def check_bundle_ids(bundle: Bundle, tables: Mapping[str, etree._Element], findings: Findings) -> None:
    """Refuse ids that two files of the bundle claim: of processes, of decisions; warn of tasks and events."""
    owners: dict[str, Drawing] = {}
    for drawing in bundle.drawings:
        for process in drawing.processes:
            first = owners.setdefault(process.get("id", ""), drawing)
            if first is not drawing:
                message = Message(
                    "process '{id}' is in {path} too; change one id", id=process.get("id"), path=first.path
                )
                findings.add(drawing, process, "bpmn.id", message)
    _check_nodes(bundle, findings)
    for path, root in tables.items():
        for node in root.iter(etree.Element):
            if local_name(node) == "decision" and bundle.decisions.get(node.get("id", ""), path) != path:
                other = bundle.decisions[node.get("id", "")]
                message = Message(
                    "decision '{id}' is in {path} too; change one", id=node.get("id"), path=other
                )
                findings.items.append(Finding(message, path, node.get("id", ""), line_of(node), "dmn.id"))


def _check_nodes(bundle: Bundle, findings: Findings) -> None:
    owners: dict[str, Drawing] = {}
    for drawing in bundle.drawings:
        for node, properties in drawing.running():
            first = owners.setdefault(properties.element_id, drawing)
            if first is not drawing and properties.element_id:
                message = Message(
                    "'{element}' is an element of {path} too; where both run in one instance the "
                    "trail cannot tell them apart: change one id",
                    element=properties.element_id,
                    path=first.path,
                )
                findings.add(drawing, node, "bundle.element-id", message, warning=True)


def _check_level(drawing: Drawing, level: etree._Element, findings: Findings) -> None:
    inside = {node.get("id"): node for node in nodes_of(level)}
    for flow in flows_of(level):
        for attribute in ("sourceRef", "targetRef"):
            reference = flow.get(attribute, "")
            if reference not in inside:
                if reference in drawing.by_id:
                    message = Message(
                        "the flow's {attribute} '{reference}' lies in another process or sub-process; "
                        "connect it to an element beside it",
                        attribute=attribute,
                        reference=reference,
                    )
                else:
                    message = Message(
                        "the flow's {attribute} '{reference}' does not exist; "
                        "connect it to an element beside it",
                        attribute=attribute,
                        reference=reference,
                    )
                findings.add(drawing, flow, "bpmn.reference", message)
    for node in inside.values():
        if local_name(node) == "boundaryEvent":
            held = inside.get(node.get("attachedToRef"))
            if held is None or local_name(held) not in ACTIVITIES:
                message = Message(
                    "attachedToRef '{reference}' is no activity here; attach it to one",
                    reference=node.get("attachedToRef"),
                )
                findings.add(drawing, node, "bpmn.reference", message)
        default = node.get("default")
        if default and default not in {flow.get("id") for flow in flows_of(level)}:
            message = Message("the default flow '{default}' does not leave this element", default=default)
            findings.add(drawing, node, "bpmn.reference", message)


def _check_call(
    bundle: Bundle, drawing: Drawing, node: etree._Element, called: str, findings: Findings
) -> None:
    if not called:
        message = Message("the call names no process (zeebe:calledElement processId)")
        findings.add(drawing, node, "bpmn.call", message)
    elif not called.startswith("=") and called not in bundle.processes:
        message = Message(
            "process '{called}' is not in this bundle, or not executable; deploy it together with this file",
            called=called,
        )
        findings.add(drawing, node, "bpmn.call", message)
