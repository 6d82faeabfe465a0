"""What BPMN does not have is told at its element; what may be written in two ways means the same."""

from __future__ import annotations

import pytest

from engine.models.lint import lint
from engine.models.xml import parse_model
from engine.runtime.spiff import compile_processes
from tests.runtime.spiff.drawing import (
    END,
    START,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    users,
)
from tests.runtime.spiff.world import World

FLOWS = "s->a;a->e;"


@pytest.mark.parametrize(
    ("drawn", "code", "at", "severity", "message"),
    [
        (users("a") + '<b:usrTask id="u"/>', "bpmn.spelling", "u", "error", "did you mean 'userTask'?"),
        ('<b:userTask id="a" defalt="x"/>', "bpmn.spelling", "a", "warning", "did you mean 'default'?"),
        (
            users("a") + boundary(duration("P1D"), "a").replace('"true"', '"True"'),
            "bpmn.spelling",
            "be",
            "error",
            "cancelActivity cannot be 'True'",
        ),
        (users("a") + "<b:manualTask/>", "bpmn.id", "p", "error", "this manualTask has no id"),
        (users("a") + '<b:task id="a#each"/>', "bpmn.id", "a#each", "error", "is no name"),
        (
            element("userTask", "a", ext('<x:note xmlns:x="urn:notes" x:y="1"/>')),
            "bpmn.extension",
            "a",
            "warning",
            "extensions of 'urn:notes' are not read",
        ),
    ],
)
def test_a_slip_is_told_where_it_is(drawn: str, code: str, at: str, severity: str, message: str) -> None:
    found = lint({"p.bpmn": definitions(process(START + drawn + END + FLOWS))}, roles=())
    told = [each for each in found if message in each.message]
    assert [(each.code, each.element_id, each.severity) for each in told] == [(code, at, severity)]


def test_one_and_zero_are_true_and_false() -> None:
    event = boundary(duration("P1D"), "a", interrupting=False).replace('"false"', '" 0 "')
    drawn = definitions(process(START + users("a", "b") + event + END + FLOWS + "be->b;b->e;"))
    drawn = drawn.replace(b'isExecutable="true"', b'isExecutable="1"')
    bundle = compile_processes({"p.bpmn": parse_model(drawn, "p.bpmn")})
    assert bundle.executable("p")
    assert not bundle.elements("p")["be"].interrupting
    assert bundle.start("p", World()) is not None
