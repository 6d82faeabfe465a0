"""FEEL wherever a diagram may hold it, and timers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.errors import FeelError, Message
from engine.feel import compile_expression
from engine.models.lint.drawing import Bundle, Drawing, Findings, text_of
from engine.models.properties import ElementProperties, TimerProperties
from engine.models.vocabulary import FUNCTIONS
from engine.models.xml import bpmn

#: (what it is called: a message, or the attribute's name; the text; whether it is FEEL without `=` too)
_Place = tuple[str, str, bool]

_NUMBER = r"\d+(\.\d+)?"
_DURATION = re.compile(
    rf"-?P(?!$)(\d+Y)?(\d+M)?(\d+W)?({_NUMBER}D)?(T(?!$)({_NUMBER}H)?({_NUMBER}M)?({_NUMBER}S)?)?"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*)?")
_EXAMPLES = {
    "date": Message("a date such as 2026-03-02T09:00:00+08:00"),
    "duration": Message("a duration such as P3D or PT4H"),
    "cycle": Message("a cycle such as R3/PT10H or R/P1D"),
}


def check_expressions(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse FEEL that is none or calls what there is not, and timers that are neither ISO 8601 nor FEEL."""
    del bundle
    for node, properties in drawing.running():
        for what, text, always in _places(properties):
            _compile(drawing, node, what, text, findings, always=always)
        if properties.event == "timer":
            _check_timer(drawing, node, properties.timer, findings)
    for process in drawing.executable:
        for flow in process.iter(bpmn("sequenceFlow")):
            condition = text_of(flow.find(bpmn("conditionExpression")))
            _compile(drawing, flow, Message("the condition"), condition, findings, always=True)


def _places(properties: ElementProperties) -> Iterator[_Place]:
    for name in ("assignee", "candidate_groups", "candidate_users", "due_date", "follow_up_date", "priority"):
        yield name, str(getattr(properties, name)), False
    yield Message("the job type"), properties.job_type, False
    yield Message("the number of retries"), properties.job_retries, False
    for source, target in properties.inputs:
        yield Message("input '{name}'", name=target), source, False
    for source, target in properties.outputs:
        yield Message("output '{name}'", name=target), source, False
    yield Message("the called process"), properties.called_process, False
    yield Message("the decision's id"), properties.called_decision, False
    yield Message("the script"), properties.script_expression, True
    yield Message("the correlation key"), properties.correlation_key, False
    if properties.loop is not None:
        yield Message("the input collection"), properties.loop.input_collection, False
        yield Message("the output element"), properties.loop.output_element, False
        yield Message("the completion condition"), properties.loop.completion_condition, True
        yield Message("the number of instances"), properties.loop.cardinality, True
        yield Message("the loop condition"), properties.loop.while_condition, True


def _compile(
    drawing: Drawing, node: etree._Element, what: str, text: str, findings: Findings, *, always: bool
) -> None:
    source = text.strip()
    if not source or not (always or source.startswith("=")):
        return
    try:
        expression = compile_expression(source.removeprefix("=").strip(), functions=_FUNCTIONS)
    except FeelError as error:
        findings.add(
            drawing,
            node,
            "feel.syntax",
            Message("{what} is not FEEL: {said}", what=what, said=error.said),
        )
        return
    for name in sorted(expression.unknown_functions):  # variables hold no functions: it would always be null
        message = Message(
            "{what}: {source} calls '{name}', which is no function that is known here",
            what=what,
            source=source,
            name=name,
        )
        findings.add(drawing, node, "feel.function", message)


def _check_timer(
    drawing: Drawing, node: etree._Element, timer: TimerProperties | None, findings: Findings
) -> None:
    if timer is None or not timer.text.strip():
        message = Message("the timer says nothing; give it a date, a duration or a cycle")
        findings.add(drawing, node, "bpmn.timer", message)
        return
    text = timer.text.strip()
    if text.startswith("="):
        _compile(drawing, node, Message("the timer"), text, findings, always=False)
    elif not _is_literal(timer.kind, text):
        message = Message(
            "the timer '{text}' is neither {example} nor FEEL, which begins with =",
            text=text,
            example=_EXAMPLES[timer.kind],
        )
        findings.add(drawing, node, "bpmn.timer", message)


def _is_literal(kind: str, text: str) -> bool:
    if kind == "date":
        return _DATE.fullmatch(text) is not None
    parts = text.split("/") if kind == "cycle" else [text]
    if len(parts) > 1 and re.fullmatch(r"R\d*", parts[0]):
        parts = parts[1:]
    if len(parts) == 2 and _DATE.fullmatch(parts[0]):
        parts = parts[1:]
    return len(parts) == 1 and _DURATION.fullmatch(parts[0]) is not None


def _undeclared(*_arguments: Any) -> None:
    return None


_FUNCTIONS = dict.fromkeys(FUNCTIONS, _undeclared)
