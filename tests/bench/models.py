"""The process that both engines run: five user tasks, three boundary timers, ten variables."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="bench">'
    '<bpmn:process id="bench" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"
TASKS = 5
TIMED = (1, 3, 5)
VARIABLES = {f"variable_{number}": f"value {number}" for number in range(10)}


def bench_process(*, zeebe: bool, timed: Iterable[int] = TIMED) -> bytes:
    """Return the BPMN: in our dialect, or as plain SpiffWorkflow reads it (quoted durations).

    `timed` are the tasks with a boundary timer.
    """
    duration = "P30D" if zeebe else '"P30D"'
    groups = (
        '<bpmn:extensionElements><zeebe:assignmentDefinition candidateGroups="handlers"/>'
        "</bpmn:extensionElements>"
        if zeebe
        else ""
    )
    body = ['<bpmn:startEvent id="begin"/>']
    nodes = ["begin", *(f"task{n}" for n in range(1, TASKS + 1)), "finish"]
    body += [
        f'<bpmn:userTask id="task{n}" name="Task {n}">{groups}</bpmn:userTask>' for n in range(1, TASKS + 1)
    ]
    body.append('<bpmn:endEvent id="finish"/>')
    for n in timed:
        body.append(
            f'<bpmn:boundaryEvent id="late{n}" cancelActivity="false" attachedToRef="task{n}">'
            f'<bpmn:timerEventDefinition id="timer{n}"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
            f"{duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
            f'<bpmn:endEvent id="told{n}"/>'
            f'<bpmn:sequenceFlow id="late_flow{n}" sourceRef="late{n}" targetRef="told{n}"/>'
        )
    body += [
        f'<bpmn:sequenceFlow id="flow{i}" sourceRef="{a}" targetRef="{b}"/>'
        for i, (a, b) in enumerate(pairwise(nodes))
    ]
    return (HEAD + "".join(body) + TAIL).encode()


_HANDLERS = (
    '<bpmn:extensionElements><zeebe:assignmentDefinition candidateGroups="handlers"/>'
    "</bpmn:extensionElements>"
)


def looping_process() -> bytes:
    """Return a process whose one task is to be done again and again."""
    body = (
        '<bpmn:startEvent id="begin"/><bpmn:exclusiveGateway id="again" default="back"/>'
        f'<bpmn:userTask id="task" name="Task">{_HANDLERS}</bpmn:userTask>'
        '<bpmn:exclusiveGateway id="more" default="round"/><bpmn:endEvent id="finish"/>'
        '<bpmn:sequenceFlow id="in" sourceRef="begin" targetRef="again"/>'
        '<bpmn:sequenceFlow id="back" sourceRef="again" targetRef="task"/>'
        '<bpmn:sequenceFlow id="done" sourceRef="task" targetRef="more"/>'
        '<bpmn:sequenceFlow id="round" sourceRef="more" targetRef="again"/>'
        '<bpmn:sequenceFlow id="out" sourceRef="more" targetRef="finish">'
        '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=variable_0 = "stop"'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    return (HEAD.replace('id="bench"', 'id="loop"') + body + TAIL).encode()


def wide_process() -> bytes:
    """Return a process with one task for each of `items`, all at once."""
    body = (
        '<bpmn:startEvent id="begin"/><bpmn:endEvent id="finish"/>'
        f'<bpmn:userTask id="task" name="Task">{_HANDLERS}<bpmn:multiInstanceLoopCharacteristics>'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
        '<bpmn:sequenceFlow id="in" sourceRef="begin" targetRef="task"/>'
        '<bpmn:sequenceFlow id="out" sourceRef="task" targetRef="finish"/>'
    )
    return (HEAD.replace('id="bench"', 'id="wide"') + body + TAIL).encode()


def waiting_process(name: str = "wait") -> bytes:
    """Return a process that waits for the instant `due` and ends."""
    body = (
        '<bpmn:startEvent id="begin"/><bpmn:endEvent id="finish"/>'
        '<bpmn:intermediateCatchEvent id="until"><bpmn:timerEventDefinition id="timer">'
        '<bpmn:timeDate xsi:type="bpmn:tFormalExpression">=due</bpmn:timeDate>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:sequenceFlow id="in" sourceRef="begin" targetRef="until"/>'
        '<bpmn:sequenceFlow id="out" sourceRef="until" targetRef="finish"/>'
    )
    return (HEAD.replace('id="bench"', f'id="{name}"') + body + TAIL).encode()


def serving_process() -> bytes:
    """Return a process of one job that Redress carries out itself: a notice to the supervisors."""
    body = (
        '<bpmn:startEvent id="begin"/><bpmn:endEvent id="finish"/>'
        '<bpmn:serviceTask id="tell"><bpmn:extensionElements><zeebe:taskDefinition type="notify"/>'
        "</bpmn:extensionElements></bpmn:serviceTask>"
        '<bpmn:sequenceFlow id="in" sourceRef="begin" targetRef="tell"/>'
        '<bpmn:sequenceFlow id="out" sourceRef="tell" targetRef="finish"/>'
    )
    return (HEAD.replace('id="bench"', 'id="serve"') + body + TAIL).encode()
