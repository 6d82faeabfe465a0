"""What a family that carries complaints must draw: a limit for each grade, and milestones on every way."""

from __future__ import annotations

from lxml import etree

from engine.errors import Finding, Message
from engine.models.lint.drawing import Bundle, Drawing, Findings, spoken
from engine.models.lint.paths import ALL, Level, Milestones
from engine.models.properties import ElementProperties
from engine.models.vocabulary import CLOSING_MILESTONES, GRADES, LIMIT, MILESTONE

_BREAKS_WAYS = frozenset({"bpmn.reference", "bpmn.call", "bpmn.id", "bpmn.root"})


def check_lifecycle(bundle: Bundle, findings: Findings) -> None:
    """Refuse a lifecycle without exactly one limit for each grade, or with a way past a milestone."""
    _check_limits(bundle, findings)
    if any(finding.code in _BREAKS_WAYS for finding in findings.items):
        return  # ways through what is not connected as meant would only mislead
    called = CalledProcesses(bundle)
    mains = [name for name in bundle.processes if name not in called.names and called.has_milestones(name)]
    if not mains:
        message = Message(
            "no process passes milestones; mark the elements with the property {milestone}, or "
            "say lifecycle = false in process.toml",
            milestone=MILESTONE,
        )
        source = bundle.settings.source
        findings.items.append(Finding(message, source, code="lifecycle.milestone"))
    for name in mains:
        _check_ways(bundle, name, called, findings)


def _check_limits(bundle: Bundle, findings: Findings) -> None:
    drawn: dict[str, list[tuple[Drawing, etree._Element, ElementProperties]]] = {}
    for drawing in bundle.drawings:
        for node, properties in drawing.running():
            if LIMIT in properties.custom:
                drawn.setdefault(properties.custom[LIMIT].strip(), []).append((drawing, node, properties))
    for grade in GRADES:
        found = drawn.get(grade, [])
        if not found:
            message = Message(
                "no boundary timer is the limit of grade {grade}; mark one with the property {limit} "
                "= {grade}, so that due dates can be told",
                grade=grade,
                limit=LIMIT,
            )
            findings.items.append(Finding(message, bundle.settings.source, code="lifecycle.limit"))
        for drawing, node, _ in found[1:]:
            message = Message(
                "{element} is the limit of grade {grade} already; there can be one",
                element=spoken(found[0][2]),
                grade=grade,
            )
            findings.add(drawing, node, "lifecycle.limit", message)


def _check_ways(bundle: Bundle, process_id: str, called: CalledProcesses, findings: Findings) -> None:
    drawing, process = bundle.processes[process_id]
    level = called.level(process_id)
    assert level is not None, process_id
    for milestone in sorted(ALL - level.passed()):
        way = level.way_without(milestone)
        message = Message(
            "the milestone '{milestone}' is missing on this way through '{process}': {names}; "
            "mark an element of it with {property} = {milestone}, or its end with one of: {closing}",
            milestone=milestone,
            process=process_id,
            names=" → ".join(way),
            property=MILESTONE,
            closing=", ".join(CLOSING_MILESTONES),
        )
        findings.add(drawing, process, "lifecycle.milestone", message)


class CalledProcesses:
    """The levels of the bundle's processes, each analysed once; a process that calls itself promises all."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.names = {
            properties.called_process
            for drawing in bundle.drawings
            for _, properties in drawing.running()
            if properties.kind == "callActivity"
        }
        self._levels: dict[str, Level] = {}
        self._entered: set[str] = set()

    def level(self, process_id: str) -> Level | None:
        """Return the analysed process, or None where it is not in the bundle or is being analysed."""
        if process_id not in self.bundle.processes or process_id in self._entered:
            return None
        if process_id not in self._levels:
            self._entered.add(process_id)
            drawing, process = self.bundle.processes[process_id]
            self._levels[process_id] = Level(drawing, process, self)
            self._entered.discard(process_id)
        return self._levels[process_id]

    def passed(self, process_id: str) -> Milestones:
        """Return what a call of the process certainly passes; nothing where it is not in the bundle."""
        level = self.level(process_id)
        if level is None:
            return ALL if process_id in self._entered else frozenset()
        return level.passed()

    def has_milestones(self, process_id: str, seen: frozenset[str] = frozenset()) -> bool:
        """Return whether the process, or one that it calls, has an element with a milestone."""
        if process_id in seen or process_id not in self.bundle.processes:
            return False
        drawing, process = self.bundle.processes[process_id]
        for node in process.iter():
            properties = drawing.properties(node) if node.get("id") else None
            if properties is None:
                continue
            called = properties.called_process
            if MILESTONE in properties.custom or (
                called and self.has_milestones(called, seen | {process_id})
            ):
                return True
        return False
