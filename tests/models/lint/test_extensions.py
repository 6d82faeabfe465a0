"""Extension elements say only what is read; what cannot stand where it is drawn is refused at its element."""

from __future__ import annotations

import pytest

from engine.models.dialects.zeebe import KNOWN_ELEMENTS
from engine.models.lint import lint
from engine.models.lint.extensions import ATTRIBUTES
from tests.runtime.spiff.drawing import (
    END,
    ERROR,
    ON_ERROR,
    START,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    users,
    z,
)


def task(tag: str, **attributes: str) -> str:
    return element("userTask", "a", ext(z(tag, **attributes)))


def call(**attributes: str) -> str:
    return element("callActivity", "a", ext(z("calledElement", processId="p", **attributes)))


TWO_TIMES = "<b:timerEventDefinition><b:timeDuration>P1D</b:timeDuration><b:timeCycle>R/P1D</b:timeCycle>"
BY_EVENT = '<b:subProcess id="v" triggeredByEvent="true">{}<b:endEvent id="e2"/>s2->e2;</b:subProcess>'


@pytest.mark.parametrize(
    ("middle", "code", "at", "message"),
    [
        (task("assignmentDefinition", assigne="x"), "zeebe.attribute", "a", "did you mean 'assignee'"),
        ('<b:userTask id="a" zeebe:assignee="x"/>', "zeebe.attribute", "a", "zeebe:assignee is not known"),
        (task("formDefinition", externalReference="x"), "bpmn.form", "a", "kept elsewhere"),
        (
            task("formDefinition", formId="=f", bindingType="versionTag", versionTag="1"),
            "zeebe.binding",
            "a",
            "bind them to the deployment",
        ),
        (call(bindingType="newest"), "zeebe.binding", "a", "use one of: latest, deployment, versionTag"),
        (call(bindingType="versionTag"), "zeebe.binding", "a", "names no version tag"),
        (
            element("callActivity", "a", ext(z("calledElement", processId="q", bindingType="deployment"))),
            "zeebe.binding",
            "a",
            "'q' is bound to this deployment",
        ),
        (
            users("a") + boundary(TWO_TIMES + "</b:timerEventDefinition>", "a"),
            "bpmn.timer",
            "be",
            "says several things",
        ),
        (
            users("a")
            + BY_EVENT.format(element("startEvent", "s2", duration("P1D")))
            + boundary(duration("P1D"), "v"),
            "bpmn.event",
            "be",
            "has no boundary events",
        ),
        (
            users("a") + BY_EVENT.format(element("startEvent", "s2", ON_ERROR, isInterrupting="false")),
            "bpmn.event",
            "s2",
            "an error always interrupts",
        ),
        (
            users("a") + '<b:userTask id="h" isForCompensation="true"/>h->e;',
            "bpmn.compensation",
            "h",
            "has no sequence flows",
        ),
        (
            users("a") + '<b:userTask id="h" isForCompensation="true"/>',
            "bpmn.compensation",
            "h",
            "no compensation event is tied",
        ),
    ],
)
def test_it_is_found_where_it_is(middle: str, code: str, at: str, message: str) -> None:
    drawn = definitions(ERROR, process(START + middle + END + "s->a;a->e;"))
    found = [each for each in lint({"p.bpmn": drawn}, roles=()) if message in each.message]
    assert [(each.code, each.element_id) for each in found] == [(code, at)]


@pytest.mark.parametrize(
    "middle",
    [
        '<b:userTask id="a" zeebe:modelerTemplate="x" zeebe:modelerTemplateVersion="1"/>',
        call(bindingType="deployment"),
        call(bindingType="versionTag", versionTag="1"),
        task("formDefinition", formId="=f", bindingType="deployment"),
    ],
)
def test_what_is_kept_or_bound_here_is_let_pass(middle: str) -> None:
    drawn = definitions(process(START + middle + END + "s->a;a->e;"))
    found = lint({"p.bpmn": drawn}, roles=())
    assert [each for each in found if each.code.startswith("zeebe.") or each.severity == "error"] == []


def test_the_attributes_of_every_known_element_are_known() -> None:
    assert set(ATTRIBUTES) == KNOWN_ELEMENTS
