"""A small process for what complaints do not draw: outside jobs, messages, signals, an error to catch."""

from __future__ import annotations

from tests.runtime.spiff.drawing import boundary, definitions, element, ext, process, z

PRINT = "print-letter"


def letters(process_id: str = "letters") -> bytes:
    """A worker outside prints a letter, or an agent writes it without paper; then a message is awaited."""
    ask = ext(z("subscription", correlationKey="=letter"))
    job = ext(
        z("taskDefinition", type=PRINT, retries="2")
        + "<z:taskHeaders>"
        + z("header", key="tray", value="2")
        + "</z:taskHeaders>"
    )
    user = ext(z("userTask") + z("assignmentDefinition", candidateGroups="agents"))
    body = (
        element("startEvent", "begin")
        + element("serviceTask", "print", job)
        + boundary('<b:errorEventDefinition errorRef="NoPaper"/>', "print", name="no_paper")
        + element("userTask", "write", user)
        + element("exclusiveGateway", "join")
        + element(
            "intermediateCatchEvent",
            "delivered",
            '<b:messageEventDefinition messageRef="Delivered"/>',
        )
        + element(
            "intermediateCatchEvent",
            "closing",
            '<b:signalEventDefinition signalRef="Closing"/>',
        )
        + element("endEvent", "done")
        + "begin->print;print->join;no_paper->write;write->join;"
        + "join->delivered;delivered->closing;closing->done;"
    )
    return definitions(
        process(body, process_id),
        f'<b:message id="Delivered" name="letter-delivered">{ask}</b:message>',
        '<b:signal id="Closing" name="closing-time"/>',
        '<b:error id="NoPaper" errorCode="no-paper"/>',
    )
