"""Making the specification of one drawn element."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from engine.errors import Message
from engine.models.dialects.zeebe import event_definitions
from engine.models.properties import ElementProperties
from engine.models.xml import bpmn, local_name
from engine.runtime.spiff.expressions import Formula, plain_name
from engine.runtime.spiff.parser.behavior import thrown, thrown_by_instances
from engine.runtime.spiff.parser.document import is_event_subprocess
from engine.runtime.spiff.parser.instantiating import is_parallel
from engine.runtime.spiff.specs.activities import DecisionTask, JobTask, PassThrough, ScriptTask, UserTask
from engine.runtime.spiff.specs.catching import Boundary, IntermediateCatch, ReceiveTask, Trigger
from engine.runtime.spiff.specs.compensation import CancelEnd, CompensationRun, CompensationThrow
from engine.runtime.spiff.specs.complex import ComplexGateway
from engine.runtime.spiff.specs.events import EndEvent, SendTask, StartEvent, ThrowEvent, Throwing
from engine.runtime.spiff.specs.gateways import (
    EventGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)
from engine.runtime.spiff.specs.loops import MultiInstance, Repeated, StandardLoop
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.specs.process import ProcessSpec
from engine.runtime.spiff.specs.subprocess import CallActivity, SubProcess
from engine.runtime.spiff.timers import parse_cycle, parse_instant, parse_period

if TYPE_CHECKING:
    from engine.runtime.spiff.parser.build import LevelBuilder

Maker: TypeAlias = "Callable[[LevelBuilder, etree._Element, str], Node]"

_USER_FORMULAS = (
    "assignee",
    "candidate_groups",
    "candidate_users",
    "due_date",
    "follow_up_date",
    "priority",
    "form_id",
)


def make_element(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    """Return the specification that runs `node`, under `name` in the level's specification."""
    return _MAKERS[local_name(node)](level, node, name)


def make_loop(level: LevelBuilder, node: etree._Element, each: Node) -> Repeated:
    """Return the body of a repeated activity, whose instances run `each`."""
    properties = level.document.properties(node)
    loop = properties.loop
    assert loop is not None
    body: Repeated
    if loop.standard:
        standard = StandardLoop(level.spec, properties.element_id)
        standard.condition = level.condition(node, loop.while_condition, Message("the loop condition"))
        standard.test_before, standard.maximum = loop.test_before, loop.maximum
        said = node.find(bpmn("standardLoopCharacteristics"))
        drawn = None if said is None else said.get("loopMaximum")
        if drawn is not None and loop.maximum is None:
            level.document.refuse(
                node, Message("loopMaximum '{drawn}' is no number from 0 on", drawn=drawn), "bpmn.loop"
            )
        body = standard
    else:
        several = MultiInstance(level.spec, properties.element_id)
        several.collection = level.condition(node, loop.input_collection, Message("the input collection"))
        several.cardinality = level.condition(node, loop.cardinality, Message("the number of instances"))
        several.output = level.condition(node, loop.output_element, Message("the output element"))
        several.completion = level.condition(
            node, loop.completion_condition, Message("the completion condition")
        )
        several.input_element, several.output_collection = loop.input_element, loop.output_collection
        several.output_name = plain_name(loop.output_element)
        several.sequential = loop.sequential
        several.behavior = thrown_by_instances(level, node)
        if several.collection is None and several.cardinality is None:
            message = Message(
                "multi-instance needs an input collection (zeebe:loopCharacteristics inputCollection)"
            )
            level.document.refuse(node, message, "bpmn.loop")
        if bool(loop.output_collection) != bool(loop.output_element):
            level.document.refuse(
                node, Message("outputCollection and outputElement go together"), "bpmn.loop"
            )
        body = several
    body.each = each
    each.instance = True
    return body


def make_boundary(
    level: LevelBuilder, node: etree._Element, properties: ElementProperties, name: str
) -> Boundary:
    """Return the specification of a boundary event that waits for what `properties` say."""
    boundary = Boundary(level.spec, name, properties.interrupting)
    boundary.trigger = make_trigger(level, node, properties)
    return boundary


def make_catch(
    level: LevelBuilder, node: etree._Element, properties: ElementProperties, name: str
) -> IntermediateCatch:
    """Return the specification of a catching event that waits for what `properties` say."""
    catch = IntermediateCatch(level.spec, name)
    catch.trigger = make_trigger(level, node, properties)
    return catch


def make_trigger(level: LevelBuilder, node: etree._Element, properties: ElementProperties) -> Trigger:
    """Return what a catching event waits for; timers and correlation keys are checked here."""
    correlation = level.optional(node, properties.correlation_key, Message("the correlation key"))
    keyless = correlation is None and level.needs_key(node)
    if properties.event == "message" and keyless and properties.event_name:
        message = Message(
            "message '{name}' has no correlation key (zeebe:subscription), such as =case.no",
            name=properties.event_name,
        )
        level.document.refuse(node, message, "bpmn.message")
    if properties.event == "conditional":
        condition = level.condition(node, properties.condition, Message("the condition"))
        if condition is None:
            level.document.refuse(node, Message("the conditional event has no condition"), "bpmn.event")
        return Trigger("conditional", condition=condition)
    timer = properties.timer
    if timer is None:
        return Trigger(properties.event, properties.event_name, correlation)
    formula = level.optional(node, timer.text, Message("the timer"))
    if formula is not None and formula.expression is None:
        _check_literal_timer(level, node, properties)
    return Trigger(
        "timer", timer_kind=timer.kind, timer=formula, skip_if_past=properties.flag("redress:skip-if-past")
    )


def _check_literal_timer(level: LevelBuilder, node: etree._Element, properties: ElementProperties) -> None:
    timer = properties.timer
    assert timer is not None
    try:
        if timer.kind == "date":
            parse_instant(timer.text, level.zone)
        elif timer.kind == "duration":
            parse_period(timer.text)
        else:
            parse_cycle(timer.text, level.zone)
    except ValueError as error:
        level.document.refuse(node, Message("the timer: {said}", said=_said(error)), "bpmn.timer")


def _said(error: ValueError) -> Message:
    said = error.args[0]
    return said if isinstance(said, Message) else Message("{text}", text=said)


def _start(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    spec = StartEvent(level.spec, name)
    properties = level.document.properties(node)
    parent = node.getparent()
    if properties.event == "conditional" and parent is not None and local_name(parent) == "process":
        spec.condition = make_trigger(level, node, properties).condition
    return spec


def _receive(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    spec = ReceiveTask(level.spec, name)
    spec.trigger = make_trigger(level, node, level.document.properties(node))
    return spec


def _catch(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    return make_catch(level, node, level.document.properties(node), name)


def _user_task(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    spec = UserTask(level.spec, name)
    properties = level.document.properties(node)
    texts = {field: str(getattr(properties, field)) for field in _USER_FORMULAS}
    spec.formulas = {field: level.formula(node, text, field) for field, text in texts.items() if text}
    return spec


def _job(level: LevelBuilder, node: etree._Element, name: str) -> JobTask:
    spec = JobTask(level.spec, name)
    properties = level.document.properties(node)
    spec.job_type = level.formula(node, properties.job_type, Message("the job type"))
    spec.retries = level.formula(node, properties.job_retries or "3", Message("the number of retries"))
    return spec


def _rule(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    properties = level.document.properties(node)
    if not properties.called_decision:
        return _job(level, node, name)
    spec = DecisionTask(level.spec, name)
    spec.decision = level.formula(node, properties.called_decision, Message("the decision's id"))
    spec.result = properties.decision_result
    return spec


def _script(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    properties = level.document.properties(node)
    if not properties.script_expression:
        return _job(level, node, name)
    spec = ScriptTask(level.spec, name)
    spec.expression = level.document.formula(
        node, properties.script_expression, Message("the script"), condition=True
    )
    spec.result = properties.script_result
    return spec


def _call(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    spec = CallActivity(level.spec, name)
    called = level.document.properties(node).called_process
    spec.called = level.formula(node, called, Message("the called process"))
    if not called:
        level.document.refuse(
            node, Message("the call names no process (zeebe:calledElement processId)"), "bpmn.call"
        )
    elif spec.called.expression is None and level.known is not None and called not in level.known:
        message = Message(
            "process '{called}' is not in this bundle, or not executable; deploy it before or with this file",
            called=called,
        )
        level.document.refuse(node, message, "bpmn.call")
    return spec


def _subprocess(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    return SubProcess(level.spec, name, level.inside(node), is_event_subprocess(node))


def _throw(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    properties = level.document.properties(node)
    if properties.event in ("compensate", "cancel"):
        return _compensation(level, node, name)
    if properties.event == "message" and properties.job_type:
        return _job(level, node, name)
    ends = local_name(node) == "endEvent"
    spec: Throwing = EndEvent(level.spec, name) if ends else ThrowEvent(level.spec, name)
    index = level.document.index
    spec.throws = tuple(thrown(definition, index) for definition in event_definitions(node, index))
    spec.keys = _keys(level, node)
    return spec


def _send(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    properties = level.document.properties(node)
    if properties.job_type:
        return _job(level, node, name)
    spec = SendTask(level.spec, name)
    spec.throws, spec.keys = (("message", properties.event_name),), _keys(level, node)
    return spec


def _keys(level: LevelBuilder, node: etree._Element) -> dict[str, Formula]:
    """Return the correlation keys of the messages that `node` throws: a message without one reaches those
    that wait without one.
    """
    return {
        each.event_name: level.formula(node, each.correlation_key, Message("the correlation key"))
        for each in level.document.events(node)
        if each.event == "message" and each.correlation_key
    }


def _compensation(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    cancels = level.document.properties(node).event == "cancel"
    spec = CancelEnd(level.spec, name) if cancels else CompensationThrow(level.spec, name)
    definition = node.find(bpmn("compensateEventDefinition"))
    spec.activity = "" if definition is None else definition.get("activityRef", "")
    spec.runner = CompensationRun(level.spec, f"{name}#run")
    spec.runner.describe(level.document.properties(node), level.spec.process_id)
    return spec


def _complex(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    spec = ComplexGateway(level.spec, name)
    drawn = node.find(bpmn("activationCondition"))
    text = "" if drawn is None else (drawn.text or "").strip()
    spec.activation = level.condition(node, text, Message("the activation condition"))
    if spec.activation is None and level.count_incoming(name) > 1:
        message = Message(
            "a complex gateway that joins needs an activation condition, such as activationCount >= 2"
        )
        level.document.refuse(node, message, "bpmn.gateway")
    return spec


def _event_gateway(level: LevelBuilder, node: etree._Element, name: str) -> Node:
    return (ParallelGateway if is_parallel(node) else EventGateway)(level.spec, name)


def _plain(kind: Callable[[ProcessSpec, str], Node]) -> Maker:
    return lambda level, _node, name: kind(level.spec, name)


_MAKERS: dict[str, Maker] = {
    "startEvent": _start,
    "endEvent": _throw,
    "intermediateThrowEvent": _throw,
    "intermediateCatchEvent": _catch,
    "receiveTask": _receive,
    "task": _plain(PassThrough),
    "manualTask": _plain(PassThrough),
    "userTask": _user_task,
    "serviceTask": _job,
    "sendTask": _send,
    "businessRuleTask": _rule,
    "scriptTask": _script,
    "callActivity": _call,
    "subProcess": _subprocess,
    "transaction": _subprocess,
    "adHocSubProcess": _subprocess,
    "exclusiveGateway": _plain(ExclusiveGateway),
    "parallelGateway": _plain(ParallelGateway),
    "inclusiveGateway": _plain(InclusiveGateway),
    "eventBasedGateway": _event_gateway,
    "complexGateway": _complex,
}
