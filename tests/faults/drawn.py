"""What the harness runs: processes whose every kind of wait and effect can be counted afterwards.

`work` has two tasks and, between them, at the same time: a job for a worker outside, a job of our own (a
notice to each supervisor) and a timer; then it throws a message that starts a `receipt`. A first value of -1
makes the step that follows fail. `sour` fails each time its timer fires.
"""

from __future__ import annotations

from tests.runtime.spiff import drawing as d

FAMILY = "faults"
WORK, RECEIPT, SOUR = "work", "receipt", "sour"
PAUSE_S = 1
REMINDER = "P2D"
SPOILT = -1
OUTSIDE = "deliver"
GROUPS = "administrators,process-owners"

_MESSAGE = '<b:message id="m" name="Receipt"/>'
_THROWN = '<b:messageEventDefinition messageRef="m"/>'


def files() -> dict[str, bytes]:
    """Return the model files of the family."""
    form = b'{"type": "default", "id": "number", "components": [{"type": "number", "key": "value"}]}'
    drawn = {WORK: _work(), RECEIPT: _receipt(), SOUR: _sour()}
    return {
        f"{name}.bpmn": d.definitions(_MESSAGE, d.process(body, name)) for name, body in drawn.items()
    } | {"number.form": form}


def _task(name: str) -> str:
    said = (
        f'<z:assignmentDefinition candidateGroups="{GROUPS}"/><z:formDefinition formId="number"/>'
        + d.mapping({}, {name: "=value"})
    )
    return d.element("userTask", name, d.ext(said))


def _work() -> str:
    return (
        d.START
        + d.END
        + _task("first")
        + '<b:exclusiveGateway id="judge"/><b:parallelGateway id="fork"/><b:parallelGateway id="join"/>'
        + d.element("serviceTask", "hand", d.ext(d.z("taskDefinition", type=OUTSIDE)))
        + d.element("sendTask", "tell", d.ext(d.z("taskDefinition", type="notify")))
        + d.element("intermediateCatchEvent", "pause", d.duration(f"PT{PAUSE_S}S"))
        + d.element("intermediateThrowEvent", "thrown", d.ext(d.mapping({"of": "=first"}, {})) + _THROWN)
        + _task("second")
        + d.boundary(d.duration(REMINDER), "second", interrupting=False, name="reminder")
        + '<b:endEvent id="re"/>'
        + _task("reminded")
        + f"s->first;first->judge;judge->fork[=if first = {SPOILT} then null else true];"
        + "fork->hand;fork->tell;fork->pause;hand->join;tell->join;pause->join;"
        + "join->thrown;thrown->second;second->e;reminder->reminded;reminded->re;"
    )


def _receipt() -> str:
    return d.element("startEvent", "s", _THROWN) + d.END + "s->e;"


def _sour() -> str:
    return (
        d.START
        + d.END
        + d.element("intermediateCatchEvent", "soon", d.duration("PT0.2S"))
        + '<b:exclusiveGateway id="never"/>'
        + "s->soon;soon->never;never->e[=null];"
    )
