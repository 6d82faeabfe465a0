"""The runner of betsy's cases tells what passes from what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.betsy import feel, main

PROCESS = """<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL"
    id="D" targetNamespace="x">
  <bpmn2:process id="P" isExecutable="true">
    <bpmn2:startEvent id="s"/><bpmn2:exclusiveGateway id="g" default="f3"/>
    <bpmn2:scriptTask id="t1"><bpmn2:script>SCRIPT_task1</bpmn2:script></bpmn2:scriptTask>
    <bpmn2:scriptTask id="t2"><bpmn2:script>SCRIPT_task2</bpmn2:script></bpmn2:scriptTask>
    <bpmn2:endEvent id="e"/>
    <bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="g"/>
    <bpmn2:sequenceFlow id="f2" sourceRef="g" targetRef="t1">
      <bpmn2:conditionExpression>test.contains("a")</bpmn2:conditionExpression></bpmn2:sequenceFlow>
    <bpmn2:sequenceFlow id="f3" sourceRef="g" targetRef="t2"/>
    <bpmn2:sequenceFlow id="f4" sourceRef="t1" targetRef="e"/>
    <bpmn2:sequenceFlow id="f5" sourceRef="t2" targetRef="e"/>
  </bpmn2:process>
</bpmn2:definitions>"""


def case(given: str, *expected: str) -> dict[str, object]:
    return {
        "process": "P",
        "file": "P.bpmn",
        "input": given,
        "delay_s": 0,
        "parallel_process": False,
        "integer_variable": 0,
        "expected": list(expected),
    }


@pytest.mark.parametrize(
    ("cases", "code", "told"),
    [
        ([case("a", "SCRIPT_task1"), case("b", "SCRIPT_task2")], 0, "2 passed, 0 failed"),
        ([case("a", "SCRIPT_task2")], 1, "FAIL P a: expected ['SCRIPT_task2'], got ['SCRIPT_task1']"),
    ],
)
def test_cases_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cases: list[object], code: int, told: str
) -> None:
    (tmp_path / "P.bpmn").write_text(PROCESS)
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    assert main([str(tmp_path)]) == code
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ('test.contains("a")', 'contains(test, "a")'),
        ('!test.contains("a")', 'not(contains(test, "a"))'),
        ("integerVariable<3", "integerVariable<3"),
        (
            'test.contains("a") && !test.contains("b") || integerVariable == 3',
            'contains(test, "a")  and  not(contains(test, "b"))  or  integerVariable = 3',
        ),
    ],
)
def test_conditions_become_feel(drawn: str, expected: str) -> None:
    assert feel(drawn) == expected
