"""Tasks of Camunda 7: people, external workers, decisions, expressions."""

from __future__ import annotations

import re

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.feel import is_expression, quoted
from engine.models.dialects.camunda7.mappings import add_output, keep_results
from engine.models.dialects.camunda7.translation import (
    DecisionShape,
    Translation,
    attribute,
    extend,
    peek,
    split_list,
    text_of,
)
from engine.models.xml import bpmn, local_name

_BINDINGS = ("", "latest", "deployment")
_WORK = ("serviceTask", "sendTask", "businessRuleTask", "messageEventDefinition")
_RESULTS = ("singleEntry", "singleResult", "collectEntries", "resultList")


def translate_user_task(work: Translation, node: etree._Element) -> None:
    """Put assignment, dates and priority of a user task into our dialect."""
    extend(node, "userTask")
    assignee = attribute(node, "assignee")
    groups, users = attribute(node, "candidateGroups"), attribute(node, "candidateUsers")
    if assignee or groups or users:
        extend(
            node,
            "assignmentDefinition",
            assignee=work.feel(node, assignee, "assignee"),
            candidateGroups=_names(work, node, groups, "candidateGroups"),
            candidateUsers=_names(work, node, users, "candidateUsers"),
        )
    due, follow = attribute(node, "dueDate"), attribute(node, "followUpDate")
    if due or follow:
        extend(
            node,
            "taskSchedule",
            dueDate=_date(work, node, due, "dueDate"),
            followUpDate=_date(work, node, follow, "followUpDate"),
        )
    priority = attribute(node, "priority")
    if priority:
        extend(node, "priorityDefinition", priority=work.feel(node, priority, "priority"))


def translate_work(work: Translation, node: etree._Element) -> None:
    """Put an external task into our dialect: its topic is the job type. What is Java is refused later."""
    kind = local_name(node)
    if kind not in _WORK or peek(node, "type") != "external":
        return
    attribute(node, "type")
    topic = attribute(node, "topic")
    owner = node.getparent() if kind == "messageEventDefinition" else node
    if owner is None:
        return
    if not topic:
        work.refuse(node, Message("the external task names no topic; give it one: it becomes the job type"))
        return
    extend(owner, "taskDefinition", type=work.feel(node, topic, "topic"))
    if owner.find(f"{bpmn('extensionElements')}/*") is not None and _has_outputs(owner):
        message = Message(
            "with output parameters, only what they name leaves the task; name every variable of "
            "the worker's that is read later"
        )
        work.warn(owner, message)


def translate_decision(work: Translation, node: etree._Element) -> None:
    """Put a decision into our dialect, its result in the shape that was asked for."""
    decision = attribute(node, "decisionRef")
    if not decision:
        return
    binding = attribute(node, "decisionRefBinding")
    if binding not in _BINDINGS:
        message = Message(
            "decisionRefBinding '{binding}': a bundle holds one version; deploy the wanted one",
            binding=binding,
        )
        work.refuse(node, message)
    result, shape = attribute(node, "resultVariable"), attribute(node, "mapDecisionResult") or "resultList"
    called = work.feel(node, decision, "decisionRef")
    if not result:
        work.refuse(node, Message("the decision's result is not kept; give it a name (resultVariable)"))
        return
    extend(node, "calledDecision", decisionId=called, resultVariable=result)
    if shape not in _RESULTS:
        work.refuse(
            node,
            Message(
                "mapDecisionResult '{shape}' is not known; use one of: {names}",
                shape=shape,
                names=", ".join(_RESULTS),
            ),
        )
        return
    table = work.around.decisions.get(decision)
    if table is None:
        message = Message(
            "what '{decision}' gives is not known, so mapDecisionResult '{shape}' cannot be "
            "translated surely; deploy the decision table with this file",
            decision=decision,
            shape=shape,
        )
        work.refuse(node, message)
        return
    shaped = _shaped(result, shape, table)
    if shaped is None:
        message = Message(
            "mapDecisionResult '{shape}' does not fit '{decision}'; use resultList",
            shape=shape,
            decision=decision,
        )
        work.refuse(node, message)
    elif shaped != result:
        add_output(node, shaped, result)
    else:
        keep_results(node, [result])


def _shaped(name: str, shape: str, table: DecisionShape) -> str | None:
    """Return FEEL that makes of our result what Camunda 7 gives; None where the shapes do not meet.

    Ours is the value of the only output, a context of several, and a list of these where rules are collected.
    """
    single = len(table.outputs) == 1
    entry = quoted(table.outputs[0]) if single else ""
    if shape in ("singleEntry", "singleResult") and table.collects:
        return None
    if shape == "singleEntry":
        return name if single else None
    if shape == "singleResult":
        return name if not single else f"if {name} = null then null else {{{entry}: {name}}}"
    rows = f"if {name} = null then [] else {name if table.collects else f'[{name}]'}"
    if shape == "collectEntries":
        return rows if single else None
    return f"for each in ({rows}) return {{{entry}: each}}" if single else rows


def translate_script(work: Translation, node: etree._Element) -> None:
    """Turn a script task in the expression language, or a service task with an expression, into FEEL."""
    if local_name(node) == "scriptTask":
        language = node.get("scriptFormat", "").strip().lower()
        script = text_of(node.find(bpmn("script")))
        if language not in ("juel", "feel") or peek(node, "resource"):
            message = Message(
                "the script ({language}) does not run here; write one FEEL expression "
                "(zeebe:script), a decision table, or give it a job type for a worker outside",
                language=language or Message("no language named"),
            )
            work.refuse(node, message)
            attribute(node, "resource")
            expression = ""
        else:
            expression = script if language == "feel" else work.feel(node, script, Message("the script"))
            expression = expression if not expression or expression.startswith("=") else "=" + expression
        for held in node.findall(bpmn("script")):
            node.remove(held)
        node.attrib.pop("scriptFormat", "")
    elif local_name(node) == "serviceTask" and peek(node, "expression"):
        text = attribute(node, "expression")
        expression = work.feel(node, text, "expression") if is_expression(text) else ""
        if not is_expression(text):
            work.refuse(node, Message("the expression '{text}' does nothing; write one in FEEL", text=text))
        node.tag = bpmn("scriptTask")
    else:
        return
    result = attribute(node, "resultVariable")
    if not expression:
        return
    if not result:
        work.refuse(node, Message("the result is not kept; give it a name (resultVariable)"))
        return
    extend(node, "script", expression=expression, resultVariable=result)
    keep_results(node, [result])


def _names(work: Translation, node: etree._Element, text: str, what: str) -> str:
    parts = split_list(text)
    if len(parts) < 2 or not is_expression(text):
        return work.feel(node, text, what)
    items = [work.feel(node, part, what, portable=True).removeprefix("=") for part in parts]
    return "=flatten([" + ", ".join(items) + "])" if all(items) else ""


def _date(work: Translation, node: etree._Element, text: str, what: str) -> str:
    if re.fullmatch(r"P[\dTYMWDHS.]+", text):
        return f"=now() + duration({quoted(text)})"
    return work.feel(node, text, what)


def _has_outputs(node: etree._Element) -> bool:
    return any(local_name(each) in ("output", "outputParameter") for each in node.iter(etree.Element))
