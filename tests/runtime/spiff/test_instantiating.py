"""Receive tasks and event-based gateways at the beginning of a process: their event starts the instance."""

from __future__ import annotations

import pytest

from engine.errors import ModelRefused, StepFailed
from engine.runtime.spiff import compile_processes
from tests.runtime.spiff.drawing import (
    END,
    MESSAGE,
    ON_MESSAGE,
    ON_SIGNAL,
    SIGNAL,
    START,
    duration,
    element,
    process,
    roots,
    users,
)
from tests.runtime.spiff.world import Instance, World

KEYLESS = '<b:message id="m" name="M"/>'
RECEIVE = element("receiveTask", "r", messageRef="m", instantiate="true")
CATCH = element("intermediateCatchEvent", "c1", ON_MESSAGE)
CATCH_SIGNAL = element("intermediateCatchEvent", "c2", ON_SIGNAL)
FLOWS = "w->c1;w->c2;c1->a;c2->b;a->e;b->e;"


def gateway(**attributes: str) -> str:
    return element("eventBasedGateway", "w", instantiate="true", **attributes)


def begun(*parts: str, at: str, **variables: object) -> Instance:
    """Start an instance by the event of element `at`, restored after every act."""
    instance = Instance(roots(*parts), "p", World(), restored=True)
    instance.workflow = instance.bundle.start("p", instance.world, variables, at)
    return instance.go()


def test_a_receive_task_begins_an_instance_with_its_message() -> None:
    parts = (KEYLESS, process(RECEIVE + users("a") + END + "r->a;a->e;"))
    [beginning] = compile_processes(roots(*parts)).beginnings()
    assert (beginning.element_id, beginning.kind, beginning.name) == ("r", "message", "M")
    instance = begun(*parts, at="r", amount=7)
    assert instance.open == ["a"]
    assert instance.variables == {"amount": 7}
    assert instance.kinds("message.caught") == [("message.caught", "r")]
    assert instance.complete("a").done


def test_a_receive_task_may_begin_beside_a_plain_start_event() -> None:
    parts = (KEYLESS, process(START + RECEIVE + users("a") + END + "s->a;r->a;a->e;"))
    assert begun(*parts, at="").open == ["a"]
    assert begun(*parts, at="r").open == ["a"]


@pytest.mark.parametrize(("at", "then"), [("c1", "a"), ("c2", "b")])
def test_the_first_event_of_an_exclusive_gateway_is_all_that_comes(at: str, then: str) -> None:
    parts = (KEYLESS, SIGNAL, process(gateway() + CATCH + CATCH_SIGNAL + users("a", "b") + END + FLOWS))
    instance = begun(*parts, at=at)
    assert instance.open == [then]
    assert len(instance.workflow.waits()) == 1
    assert instance.complete(then).done


def test_a_parallel_gateway_waits_for_every_event_in_the_instance_that_the_first_began() -> None:
    drawn = gateway(eventGatewayType="Parallel") + CATCH + CATCH_SIGNAL + users("a", "b") + END + FLOWS
    parts = (MESSAGE, SIGNAL, process(drawn))
    instance = begun(*parts, at="c2", key="K")
    assert instance.open == ["b"]
    assert instance.wait("c1", "message").correlation_key == "K"
    assert not instance.complete("b").done
    assert instance.message("c1").open == ["a"]
    assert instance.complete("a").done


def test_without_its_event_such_a_process_cannot_be_started() -> None:
    parts = (KEYLESS, process(RECEIVE + END + "r->e;"))
    with pytest.raises(StepFailed, match="no plain start event"):
        begun(*parts, at="")


@pytest.mark.parametrize(
    ("parts", "at", "message"),
    [
        ([process(START + RECEIVE + END + "s->r;r->e;")], "r", "no flow may enter"),
        (
            [process(START + element("subProcess", "sub", RECEIVE + '<b:endEvent id="i"/>r->i;') + END)],
            "r",
            "only at the beginning of a process",
        ),
        (
            [process(gateway() + CATCH + element("intermediateCatchEvent", "c2", duration("P1D")) + FLOWS)],
            "c2",
            "a message or a signal",
        ),
        (
            [process(START + element("eventBasedGateway", "w", eventGatewayType="Parallel") + CATCH)],
            "w",
            "only at the beginning of a process",
        ),
        (
            [
                process(
                    START + element("eventBasedGateway", "w") + CATCH + users("a") + END + "s->w;w->c1;w->a;"
                )
            ],
            "w",
            "leads to 'a'",
        ),
        (
            [process(START + element("eventBasedGateway", "w") + CATCH + END + "s->w;s->c1;w->c1;c1->e;")],
            "c1",
            "no other flow",
        ),
    ],
)
def test_what_cannot_begin_an_instance_is_refused(parts: list[str], at: str, message: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        compile_processes(roots(MESSAGE, SIGNAL, *parts))
    found = [each for each in refused.value.findings if message in each.message]
    assert [each.element_id for each in found] == [at], refused.value.findings
