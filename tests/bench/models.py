"""The process that both engines run: five user tasks, three boundary timers, ten variables."""

from __future__ import annotations

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


def bench_process(*, zeebe: bool) -> bytes:
    """Return the BPMN: in our dialect, or as plain SpiffWorkflow reads it (quoted durations)."""
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
    for n in TIMED:
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
