"""What is not surely the same here is refused by name, with file, element, line and what to use instead."""

from __future__ import annotations

import pytest

from engine.errors import Finding
from engine.models.lint import lint
from tests.models.camunda7.bundle import HEAD, drawn

FLOWABLE = HEAD.replace("xmlns:camunda", 'xmlns:flowable="http://flowable.org/bpmn" xmlns:camunda')
SPIFF = HEAD.replace(
    "xmlns:camunda", 'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" xmlns:camunda'
)


def task(kind: str, attributes: str = "", inside: str = "") -> str:
    held = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return f'<bpmn:{kind} id="A" name="Do it" {attributes}>{held}</bpmn:{kind}>'


def found(content: bytes) -> list[Finding]:
    return lint({"p.bpmn": content}, roles=("agents",))


@pytest.mark.parametrize(
    ("activity", "named", "instead"),
    [
        (task("serviceTask", 'camunda:class="org.acme.Pay"'), "org.acme.Pay", "job type"),
        (task("serviceTask", 'camunda:delegateExpression="${payer}"'), "${payer}", "job type"),
        (
            task("serviceTask", 'camunda:expression="${bean.pay(x)}" camunda:resultVariable="r"'),
            "bean.pay",
            "job",
        ),
        (task("serviceTask", inside="<camunda:connector/>"), "connector", "job type"),
        (
            task("userTask", inside='<camunda:taskListener class="org.acme.L" event="create"/>'),
            "org.acme.L",
            "draw",
        ),
        (
            task("userTask", inside='<camunda:executionListener expression="${x.y()}" event="end"/>'),
            "executionListener",
            "draw",
        ),
        (
            (
                '<bpmn:scriptTask id="A" scriptFormat="groovy" camunda:resultVariable="x">'
                "<bpmn:script>1</bpmn:script></bpmn:scriptTask>"
            ),
            "groovy",
            "FEEL",
        ),
        (task("userTask", 'camunda:assignee="${users.of(case)}"'), "users.of", "FEEL"),
        (task("userTask", 'camunda:formKey="embedded:app:forms/x.html"'), "x.html", "form-js"),
        (
            task(
                "userTask",
                inside='<camunda:inputOutput><camunda:inputParameter name="x">'
                '<camunda:script scriptFormat="js">1</camunda:script>'
                "</camunda:inputParameter></camunda:inputOutput>",
            ),
            "script",
            "FEEL",
        ),
        (
            task(
                "userTask",
                inside='<camunda:formData><camunda:formField id="f" type="object"/></camunda:formData>',
            ),
            "object",
            "enum",
        ),
        (task("userTask", 'camunda:unheard="1"'), "camunda:unheard", "remove"),
        (
            (
                '<bpmn:callActivity id="A" calledElement="p" camunda:calledElementBinding="version"'
                ' camunda:calledElementVersion="3"/>'
            ),
            "version",
            "deploy",
        ),
        (
            task("businessRuleTask", 'camunda:decisionRef="d" camunda:resultVariable="r"'),
            "mapDecisionResult",
            "deploy",
        ),
    ],
)
def test_it_is_named_with_what_to_use_instead(activity: str, named: str, instead: str) -> None:
    refused = [
        each for each in found(drawn(activity)) if each.code == "camunda7" and each.severity == "error"
    ]
    assert refused
    for each in refused:
        assert (each.file, each.element_id) == ("p.bpmn", "A")
        assert each.line is not None
        assert each.line >= 6
    assert any(named in each.message and instead in each.message for each in refused), refused


@pytest.mark.parametrize("space", ["operaton.org/schema/1.0/bpmn", "cibseven.org/schema/1.0/bpmn"])
def test_those_who_carried_it_on_are_read_too(space: str) -> None:
    head = HEAD.replace("camunda.org/schema/1.0/bpmn", space)
    content = drawn(task("userTask", 'camunda:candidateGroups="agents"'), head=head)
    assert [each for each in found(content) if each.severity == "error"] == []
    content = drawn(task("serviceTask", 'camunda:class="org.acme.Pay"'), head=head)
    assert any("org.acme.Pay" in each.message for each in found(content))


@pytest.mark.parametrize(
    ("head", "activity", "named", "instead"),
    [
        (FLOWABLE, task("serviceTask", 'flowable:class="org.acme.Pay"'), "flowable:class", "job type"),
        (FLOWABLE, task("userTask", 'flowable:candidateGroups="a"'), "flowable:candidateGroups", "zeebe:"),
        (
            SPIFF,
            task("userTask", inside="<spiffworkflow:preScript>import os</spiffworkflow:preScript>"),
            "spiffworkflow:preScript",
            "FEEL",
        ),
        (
            SPIFF,
            task("serviceTask", inside='<spiffworkflow:serviceTaskOperator id="http/Get"/>'),
            "spiffworkflow:serviceTaskOperator",
            "job type",
        ),
    ],
)
def test_other_engines_are_named(head: str, activity: str, named: str, instead: str) -> None:
    refused = [each for each in found(drawn(activity, head=head)) if each.code == "bpmn.dialect"]
    assert [(each.element_id, each.severity) for each in refused] == [("A", "error")]
    assert named in refused[0].message
    assert instead in refused[0].message


def test_what_has_no_effect_is_told_once() -> None:
    content = drawn(task("userTask", 'camunda:asyncBefore="true" camunda:candidateGroups="agents"'))
    told = [each for each in found(content) if each.code == "camunda7"]
    assert [each.severity for each in told] == ["warning"]
    assert "asyncBefore" in told[0].message


def test_conditions_and_messages_are_translated_with_a_note() -> None:
    rest = """<bpmn:boundaryEvent id="B" attachedToRef="A"><bpmn:messageEventDefinition messageRef="M"/>
      </bpmn:boundaryEvent>
      <bpmn:sequenceFlow id="F3" sourceRef="B" targetRef="E2"/><bpmn:endEvent id="E2"/>"""
    content = drawn(task("userTask", 'camunda:candidateGroups="agents"'), rest=rest)
    content = content.replace(
        b"</bpmn:definitions>", b'<bpmn:message id="M" name="paid"/></bpmn:definitions>'
    )
    told = [each for each in found(content) if each.code == "camunda7"]
    assert [(each.element_id, each.severity) for each in told] == [("M", "warning")]
    assert "business key" in told[0].message
