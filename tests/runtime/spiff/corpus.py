"""The corpus of written states: what a release wrote, every later one must read and run to its end.

`python -m tests.runtime.spiff.corpus` writes the states of the present format into `states/`; run it when
the format's number changes, and keep the older files.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine import clock
from engine.feel import YearsMonths
from engine.models.xml import parse_model
from engine.runtime.spiff import CompiledBundle, Workflow, compile_processes
from engine.runtime.spiff.state import FORMAT
from tests.runtime.spiff import drawing as d
from tests.runtime.spiff.world import World

STATES = Path(__file__).parent / "states"
Act = tuple[str, str, dict[str, Any]]

#: How an instance is driven from its start to its end; a state is written before each act.
PATH: list[Act] = [
    ("user", "register", {"grade": 1}),
    ("user", "each", {"r": 10}),
    ("user", "each", {"r": 20}),
    ("timer", "late", {}),
    ("user", "review", {"passed": True}),
    ("user", "overdue", {}),
    ("message", "answer", {"text": "yes"}),
    ("user", "undo", {}),
    ("job", "mail", {}),
]


def model() -> bytes:
    """Return the process of the corpus: call, loop, boundary event, event sub-process, compensation."""
    loop = d.z(
        "loopCharacteristics",
        inputCollection="=items",
        inputElement="it",
        outputCollection="outs",
        outputElement="=r",
    )
    several = f"<b:multiInstanceLoopCharacteristics>{d.ext(loop)}</b:multiInstanceLoopCharacteristics>"
    call = d.ext(
        d.z("calledElement", processId="q", propagateAllChildVariables="false")
        + d.mapping({"x": "=grade"}, {"ok": "=passed"})
    )
    inside = '<b:startEvent id="is"/><b:endEvent id="ie"/>' + d.element("userTask", "each", several)
    inside += d.element("callActivity", "call", call) + "is->each;each->call;call->ie;"
    listener = (
        d.element("startEvent", "ws", d.ON_MESSAGE)
        + '<b:endEvent id="we"/>'
        + d.users("withdrawn")
        + "ws->withdrawn;withdrawn->we;"
    )
    body = (
        d.START
        + d.END
        + d.users("register", "overdue")
        + d.boundary("<b:compensateEventDefinition/>", "register", name="cr")
        + '<b:association id="as" sourceRef="cr" targetRef="undo"/>'
        + d.element("userTask", "undo", isForCompensation="true")
        + d.element("subProcess", "handling", inside)
        + d.boundary(d.cycle("R3/P1D"), "handling", interrupting=False, name="late")
        + '<b:endEvent id="oe"/><b:eventBasedGateway id="eg"/>'
        + d.element("intermediateCatchEvent", "answer", d.ON_MESSAGE)
        + d.element("intermediateCatchEvent", "silence", d.duration("P30D"))
        + d.element("intermediateThrowEvent", "th", "<b:compensateEventDefinition/>")
        + d.element("sendTask", "mail", d.ext(d.z("taskDefinition", type="mail")))
        + d.element("subProcess", "withdraw", listener, triggeredByEvent="true")
        + "s->register;register->handling;handling->eg;eg->answer;eg->silence;"
        + "answer->th;silence->th;th->mail;mail->e;"
        + "late->overdue;overdue->oe;"
    )
    called = '<b:startEvent id="qs"/><b:endEvent id="qe"/>' + d.users("review") + "qs->review;review->qe;"
    return d.definitions(d.MESSAGE, d.process(body), d.process(called, "q"))


def variables() -> dict[str, Any]:
    """Return variables of every kind that a state must carry."""
    return {
        "key": "K",
        "items": [1, 2],
        "amount": Decimal("10.50"),
        "day": date(2026, 3, 2),
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "span": timedelta(hours=3),
        "months": YearsMonths(2),
        "odd": {"$t": "text"},
    }


def act(workflow: Workflow, kind: str, element_id: str, values: dict[str, Any]) -> None:
    """Do one thing that the workflow waits for, and run on."""
    token = next(w.token for w in workflow.waits() if w.kind == kind and w.element.element_id == element_id)
    if kind == "user":
        workflow.complete_user_task(token, values)
    elif kind == "job":
        workflow.complete_job(token, values)
    elif kind == "timer":
        workflow.fire_timer(token)
    else:
        workflow.deliver_message(token, values)
    workflow.advance()


def bundle() -> CompiledBundle:
    """Return the compiled process of the corpus."""
    return compile_processes(
        {"corpus.bpmn": parse_model((STATES / "corpus.bpmn").read_bytes(), "corpus.bpmn")}
    )


def written() -> list[str]:
    """Return the states that the present release writes on the way, one before each act."""
    clock.use_file(None, settable=True)
    clock.set_to(datetime(2026, 3, 2, tzinfo=UTC))
    workflow = bundle().start("p", World(), variables())
    workflow.advance()
    states = []
    for kind, element_id, values in PATH:
        states.append(workflow.dump().decode())
        act(workflow, kind, element_id, values)
    return states


def main() -> int:
    """Write the states of the present format."""
    STATES.mkdir(exist_ok=True)
    (STATES / "corpus.bpmn").write_bytes(model())
    states = written()
    (STATES / f"format-{FORMAT}.json").write_text(json.dumps(states, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{len(states)} states of format {FORMAT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
