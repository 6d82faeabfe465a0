"""A bundle as it was drawn for Camunda 7: forms in the tasks, beans and tables, calls, an external worker."""

from __future__ import annotations

from pathlib import Path

NAMES = ("claim.bpmn", "gravity.dmn", "opinion.form")
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  id="D" targetNamespace="t">
"""


def claim_files() -> dict[str, bytes]:
    """Return the files by name."""
    return {name: (Path(__file__).parent / name).read_bytes() for name in NAMES}


def drawn(activity: str, *, rest: str = "", process: str = "", head: str = HEAD) -> bytes:
    """Return a process of one activity (its id is `A`) between a start and an end."""
    return f"""{head}<bpmn:process id="p" isExecutable="true" {process}>
<bpmn:startEvent id="S"/><bpmn:sequenceFlow id="F1" sourceRef="S" targetRef="A"/>
{activity}
<bpmn:sequenceFlow id="F2" sourceRef="A" targetRef="E"/><bpmn:endEvent id="E"/>
{rest}
</bpmn:process></bpmn:definitions>""".encode()
