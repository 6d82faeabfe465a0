"""A shorthand for BPMN in tests: short prefixes, and flows as `a->b`, `a->b[condition]`, `a->b{flow id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.models.xml import parse_model

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="x">'
)
_FLOW = re.compile(r"(\w+)->(\w+)(?:\[(.*?)\])?(?:\{(\w+)\})?;")


def process(body: str, process_id: str = "p") -> str:
    """Return a process element."""
    return f'<b:process id="{process_id}" isExecutable="true">{body}</b:process>'


def definitions(*parts: str) -> bytes:
    """Return a file with these parts, all shorthand expanded."""
    count = 0

    def flow(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        source, target, condition, name = found.groups()
        name = name or f"f{count}_{source}_{target}"
        drawn = f"<b:conditionExpression>{condition}</b:conditionExpression>" if condition else ""
        return (
            f'<b:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{drawn}</b:sequenceFlow>'
        )

    text = _FLOW.sub(flow, "".join(parts))
    text = text.replace("<b:", "<bpmn:").replace("</b:", "</bpmn:")
    text = text.replace("<z:", "<zeebe:").replace("</z:", "</zeebe:")
    return f"{_HEAD}{text}</bpmn:definitions>".encode()


def roots(*parts: str, **files: bytes) -> Mapping[str, object]:
    """Return the parsed file of these parts, under the name `p.bpmn`, with other files beside it."""
    parsed = {f"{name}.bpmn": parse_model(content, f"{name}.bpmn") for name, content in files.items()}
    if parts:
        parsed["p.bpmn"] = parse_model(definitions(*parts), "p.bpmn")
    return parsed


def ext(content: str) -> str:
    """Return extension elements."""
    return f"<b:extensionElements>{content}</b:extensionElements>"


def z(tag: str, **attributes: str) -> str:
    """Return an element of Camunda 8's extension."""
    drawn = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<z:{tag}{drawn}/>"


def mapping(inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """Return an io mapping: targets and their sources."""
    drawn = "".join(z("input", source=source, target=target) for target, source in inputs.items())
    drawn += "".join(z("output", source=source, target=target) for target, source in outputs.items())
    return f"<z:ioMapping>{drawn}</z:ioMapping>"


def element(tag: str, name: str, inside: str = "", **attributes: str) -> str:
    """Return a flow node."""
    drawn = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<b:{tag} id="{name}"{drawn}>{inside}</b:{tag}>'


def boundary(definition: str, on: str, *, interrupting: bool = True, name: str = "be") -> str:
    """Return a boundary event."""
    flag = "true" if interrupting else "false"
    return element("boundaryEvent", name, definition, attachedToRef=on, cancelActivity=flag)


def users(*names: str) -> str:
    """Return user tasks."""
    return "".join(f'<b:userTask id="{name}"/>' for name in names)


def properties(**values: str) -> str:
    """Return extension properties of Redress: `skip_if_past="true"` is `redress:skip-if-past`."""
    drawn = "".join(
        f'<z:property name="redress:{name.replace("_", "-")}" value="{value}"/>'
        for name, value in values.items()
    )
    return ext(f"<z:properties>{drawn}</z:properties>")


def duration(text: str) -> str:
    """Return a timer definition by duration."""
    return f"<b:timerEventDefinition><b:timeDuration>{text}</b:timeDuration></b:timerEventDefinition>"


def at_date(text: str) -> str:
    """Return a timer definition by date."""
    return f"<b:timerEventDefinition><b:timeDate>{text}</b:timeDate></b:timerEventDefinition>"


def cycle(text: str) -> str:
    """Return a timer definition by cycle."""
    return f"<b:timerEventDefinition><b:timeCycle>{text}</b:timeCycle></b:timerEventDefinition>"


START = '<b:startEvent id="s"/>'
END = '<b:endEvent id="e"/>'
MESSAGE = (
    '<b:message id="m" name="M"><b:extensionElements><z:subscription correlationKey="=key"/>'
    "</b:extensionElements></b:message>"
)
ON_MESSAGE = '<b:messageEventDefinition messageRef="m"/>'
SIGNAL = '<b:signal id="g" name="G"/>'
ON_SIGNAL = '<b:signalEventDefinition signalRef="g"/>'
ERROR = '<b:error id="x" errorCode="X1"/>'
ON_ERROR = '<b:errorEventDefinition errorRef="x"/>'
ESCALATION = '<b:escalation id="y" escalationCode="Y1"/>'
ON_ESCALATION = '<b:escalationEventDefinition escalationRef="y"/>'
