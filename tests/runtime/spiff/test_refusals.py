"""What cannot run here is refused when it is compiled: all findings at once, each located."""

from __future__ import annotations

import pytest

from engine.errors import Finding, ModelRefused
from engine.models.xml import parse_model
from engine.runtime.spiff import compile_processes
from tests.runtime.spiff.drawing import (
    END,
    MESSAGE,
    ON_MESSAGE,
    START,
    at_date,
    boundary,
    cycle,
    definitions,
    duration,
    element,
    ext,
    process,
    roots,
    users,
    z,
)


def findings(*parts: str) -> list[Finding]:
    with pytest.raises(ModelRefused) as refused:
        compile_processes(roots(*parts))
    return refused.value.findings


def body(middle: str, flows: str = "s->a;a->e;") -> str:
    return process(START + END + users("a") + middle + flows)


@pytest.mark.parametrize(
    ("parts", "at", "message"),
    [
        (
            [body('<b:complexGateway id="g"/>', "s->a;s->g;a->g;g->e;")],
            "g",
            "a complex gateway that joins needs an activation condition",
        ),
        ([body('<b:adHocSubProcess id="t"/>')], "t", "holds no activity"),
        (
            [
                process(
                    START + END + '<b:scriptTask id="a"><b:script>x = 1</b:script></b:scriptTask>s->a;a->e;'
                )
            ],
            "a",
            "scripts do not run",
        ),
        (
            [process(START + END + '<b:scriptTask id="a" scriptFormat="python"/>s->a;a->e;')],
            "a",
            "scripts do not run",
        ),
        ([process(START + END + '<b:serviceTask id="a"/>s->a;a->e;')], "a", "needs a job type"),
        ([process(START + END + '<b:businessRuleTask id="a"/>s->a;a->e;')], "a", "needs a decision"),
        ([process(START + END + '<b:callActivity id="a"/>s->a;a->e;')], "a", "the call names no process"),
        (
            [
                process(
                    START
                    + END
                    + element("callActivity", "a", ext(z("calledElement", processId="no")))
                    + "s->a;a->e;"
                )
            ],
            "a",
            "'no' is not in this bundle",
        ),
        ([body("", "s->a;a->e;e->a;")], "f3_e_a", "cannot leave an end event"),
        ([body("", "s->a;a->nowhere;")], "f2_a_nowhere", "'nowhere' does not exist"),
        ([body(users("b"))], "b", "no flow leads to this element"),
        (
            [body('<b:boundaryEvent id="b" attachedToRef="zz">' + duration("P1D") + "</b:boundaryEvent>")],
            "b",
            "'zz' does not exist here",
        ),
        ([body('<b:boundaryEvent id="b" attachedToRef="a"/>')], "b", "waits for nothing"),
        (
            [body('<b:boundaryEvent id="b" attachedToRef="a">' + duration("3 days") + "</b:boundaryEvent>")],
            "b",
            "no ISO 8601 duration",
        ),
        (
            [
                body(
                    '<b:boundaryEvent id="b" attachedToRef="a">' + cycle("0 0 9 * * *") + "</b:boundaryEvent>"
                )
            ],
            "b",
            "no ISO 8601",
        ),
        (
            [body('<b:boundaryEvent id="b" attachedToRef="a">' + duration("") + "</b:boundaryEvent>")],
            "b",
            "the timer says nothing",
        ),
        (
            [body(boundary("<b:conditionalEventDefinition/>", "a", name="b"))],
            "b",
            "the conditional event has no condition",
        ),
        (
            [body('<b:boundaryEvent id="b" attachedToRef="a"><b:cancelEventDefinition/></b:boundaryEvent>')],
            "b",
            "a cancel event cannot stand here",
        ),
        (
            [body(boundary("<b:errorEventDefinition/>", "a", interrupting=False, name="b"))],
            "b",
            "an error always interrupts",
        ),
        (
            [body('<b:boundaryEvent id="b" attachedToRef="a">' + ON_MESSAGE + "</b:boundaryEvent>")],
            "b",
            "the message 'm' does not exist",
        ),
        (
            [
                '<b:message id="m" name="M"/>',
                body('<b:boundaryEvent id="b" attachedToRef="a">' + ON_MESSAGE + "</b:boundaryEvent>"),
            ],
            "b",
            "has no correlation key",
        ),
        ([body("", "s->a;a->e[x == 1];")], "f2_a_e", "is not FEEL"),
        (
            [body("", "s->a;a->e[not approved];")],
            "f2_a_e",
            "'not approved' in not approved is not FEEL: write not(x)",
        ),
        ([process(END + users("a") + "a->e;")], "p", "there is no start event"),
        (
            [process(START + '<b:startEvent id="s2"/>' + END + "s->e;s2->e;")],
            "s2",
            "several plain start events",
        ),
        ([body('<b:userTask id="a"/>')], "a", "the id 'a' is used twice"),
        (
            [process(START + END + '<b:userTask id="a" default="zz"/>s->a;a->e;')],
            "a",
            "the default flow 'zz'",
        ),
        (
            [process(START + END + '<b:parallelGateway id="g"/>s->g;g->e[x];')],
            "f2_g_e",
            "conditions on flows out of this gateway",
        ),
        (
            [process(START + END + '<b:exclusiveGateway id="g"/>s->g;g->e;g->e;')],
            "g",
            "several flows without a condition",
        ),
        ([body(ext("<z:executionListeners/>"))], "p", "zeebe:executionListeners is not supported"),
        (
            [process(START + END + '<b:userTask id="a" startQuantity="0"/>s->a;a->e;')],
            "a",
            "startQuantity is a number from 1",
        ),
        (
            [
                process(
                    START
                    + END
                    + '<b:userTask id="a"><b:standardLoopCharacteristics loopMaximum="-1"/></b:userTask>'
                    + "s->a;a->e;"
                )
            ],
            "a",
            "loopMaximum '-1' is no number",
        ),
        (
            [
                process(
                    START
                    + END
                    + '<b:userTask id="a"><b:multiInstanceLoopCharacteristics/></b:userTask>s->a;a->e;'
                )
            ],
            "a",
            "needs an input collection",
        ),
        (
            [
                process(
                    START
                    + END
                    + element("intermediateThrowEvent", "t", '<b:linkEventDefinition name="L"/>')
                    + "s->t;"
                )
            ],
            "t",
            "link 'L' has 0 catching events",
        ),
        *(
            (
                [body(f'<b:userTask id="b" {name}="{text}"/>', "s->a;a->b;b->e;")],
                "b",
                f"{name} is a number from 1",
            )
            for name in ("startQuantity", "completionQuantity")
            for text in ("", "=x", "9" * 5000)
        ),
        (
            [
                body(
                    element("userTask", "b", f'<b:standardLoopCharacteristics loopMaximum="{"9" * 5000}"/>'),
                    "s->a;a->b;b->e;",
                )
            ],
            "b",
            "is no number from 0 on",
        ),
        (
            [
                body(
                    boundary(duration("P1D"), "a") + boundary(duration("P1D"), "be", name="b"),
                    "s->a;a->e;be->e;",
                )
            ],
            "b",
            "a boundary event is attached to a task",
        ),
        (
            [
                MESSAGE,
                process(
                    START
                    + END
                    + element("intermediateCatchEvent", "a", ON_MESSAGE + duration("P1D"))
                    + boundary(duration("P1D"), "a", name="b")
                    + "s->a;a->e;b->e;"
                ),
            ],
            "b",
            "a boundary event is attached to a task",
        ),
        ([body(boundary(duration("P99999999999D"), "a", name="b"))], "b", "is longer than any calendar"),
        ([body(boundary(at_date("0001-01-01"), "a", name="b"))], "b", "it lies beyond the years 1 to 9999"),
        ([body(boundary(cycle(f"R{'9' * 5000}/P1D"), "a", name="b"))], "b", "no ISO 8601 cycle"),
        ([f'<b:process id="p">{START}{END}s->e;</b:process>'], "D", "there is no executable process"),
        (
            [process(START + END + element("userTask", "a", "<b:potentialOwner/>") + "s->a;a->e;")],
            "a",
            "potentialOwner is not read; use zeebe:assignmentDefinition",
        ),
        (
            [
                process(
                    START
                    + END
                    + element("userTask", "a", '<b:multiInstanceLoopCharacteristics behavior="None"/>')
                    + "s->a;a->e;"
                )
            ],
            "a",
            "the behavior None needs an event",
        ),
        (
            [
                MESSAGE,
                body(
                    element(
                        "subProcess",
                        "w",
                        element("startEvent", "ws", ON_MESSAGE)
                        + '<b:endEvent id="we"/>ws->we;'
                        + "<b:multiInstanceLoopCharacteristics/>",
                        triggeredByEvent="true",
                    )
                ),
            ],
            "w",
            "an event sub-process is not repeated",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_refused(parts: list[str], at: str, message: str) -> None:
    found = findings(*parts)
    assert [(each.element_id, each.file, each.line) for each in found if message in each.message] == [
        (at, "p.bpmn", 1)
    ], found


def test_the_other_dialects_are_refused_by_name() -> None:
    drawn = definitions(body("")).replace(
        b'<bpmn:userTask id="a"',
        b'<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="x" id="a"',
    )
    with pytest.raises(ModelRefused, match="assignee: camunda: is the dialect of Camunda 7"):
        compile_processes({"p.bpmn": parse_model(drawn, "p.bpmn")})


def test_all_findings_of_all_files_come_at_once_with_their_lines() -> None:
    first = definitions(
        process(
            "\n"
            + START
            + END
            + "\n"
            + '<b:serviceTask id="a"/>'
            + "\n"
            + '<b:serviceTask id="b"/>s->a;a->b;b->e[x ==];'
        )
    )
    second = definitions(process(START + END + '<b:callActivity id="c"/>s->c;c->e;', "p"))
    with pytest.raises(ModelRefused) as refused:
        compile_processes({"a.bpmn": parse_model(first, "a.bpmn"), "b.bpmn": parse_model(second, "b.bpmn")})
    places = [(each.file, each.element_id, each.line) for each in refused.value.findings]
    assert places == [
        ("a.bpmn", "a", 3),
        ("a.bpmn", "b", 4),
        ("a.bpmn", "f3_b_e", 4),
        ("b.bpmn", "c", 1),
        ("b.bpmn", "p", 1),
    ]


def test_pools_and_lanes_are_read_and_a_pool_without_a_process_of_ours_is_let_be() -> None:
    drawn = definitions(
        '<b:collaboration id="C"><b:participant id="P1" processRef="p"/>'
        '<b:participant id="P2"/></b:collaboration>',
        process(
            '<b:laneSet id="ls"><b:lane id="l1" name="Handlers">'
            "<b:flowNodeRef>a</b:flowNodeRef></b:lane></b:laneSet>" + START + END + users("a") + "s->a;a->e;"
        ),
        '<b:process id="other" isExecutable="false"/>',
    )
    bundle = compile_processes({"p.bpmn": parse_model(drawn, "p.bpmn")})
    assert bundle.process_ids == ["p", "other"]
    assert [bundle.executable(each) for each in bundle.process_ids] == [True, False]
    assert bundle.elements("p")["a"].lane == "Handlers"
    assert list(bundle.elements("other")) == []
