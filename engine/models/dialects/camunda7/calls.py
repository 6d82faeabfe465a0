"""Calls and repetitions of Camunda 7."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.feel import is_expression
from engine.models.dialects.camunda7.mappings import add_input, add_output
from engine.models.dialects.camunda7.translation import (
    Translation,
    attribute,
    drop,
    extend,
    extensions,
    peek,
    text_of,
)
from engine.models.xml import bpmn

_SAME_KEY = ("#{execution.processBusinessKey}", "${execution.processBusinessKey}")


def translate_call(work: Translation, node: etree._Element) -> None:
    """Put a call activity into our dialect: what is called, and what goes in and out."""
    binding = attribute(node, "calledElementBinding")
    if binding not in ("", "latest", "deployment"):
        message = Message(
            "calledElementBinding '{binding}': a bundle holds one version; deploy the wanted one",
            binding=binding,
        )
        work.refuse(node, message)
    called = str(node.attrib.pop("calledElement", ""))
    if not is_expression(called):
        called = called.rsplit(":", maxsplit=1)[-1]
    incoming, outgoing = extensions(node, "in"), extensions(node, "out")
    everything_in = _all_variables(work, incoming)
    everything_out = _all_variables(work, outgoing)
    held = extend(node, "calledElement", processId=work.feel(node, called, "calledElement"))
    held.set("propagateAllParentVariables", "true" if everything_in else "false")
    held.set("propagateAllChildVariables", "true" if everything_out else "false")
    for item in incoming:
        _pass_in(work, node, item)
    for item in outgoing:
        _pass_out(work, node, item, everything_out)
    for item in (*incoming, *outgoing):
        drop(item)


def _all_variables(work: Translation, items: list[etree._Element]) -> bool:
    found = [item for item in items if item.get("variables") == "all"]
    for item in found:
        if item.get("local") == "true":
            work.refuse(
                item,
                Message("handing over local variables only is not translated surely; name each variable"),
            )
    return bool(found)


def _pass_in(work: Translation, node: etree._Element, item: etree._Element) -> None:
    key = item.get("businessKey")
    if key is not None:
        if key.replace(" ", "") not in _SAME_KEY:
            work.refuse(
                item,
                Message(
                    "a called process shares the caller's business key; hand the other over as a variable"
                ),
            )
        return
    source, target = _source(work, item), item.get("target", "")
    if source and target:
        add_input(work, node, "=" + source, target, item)


def _pass_out(work: Translation, node: etree._Element, item: etree._Element, everything: bool) -> None:
    source, target = _source(work, item), item.get("target", "")
    if not source or not target:
        return
    if everything or item.get("local") == "true":
        work.refuse(item, Message("all variables and single ones cannot both come back; name each variable"))
        return
    add_output(node, source, target)


def _source(work: Translation, item: etree._Element) -> str:
    """Return the FEEL text (without `=`) of what is handed over."""
    name, expression = item.get("source", ""), item.get("sourceExpression", "")
    text = expression or ("${" + name + "}" if name else "")
    return (
        work.feel(item, text, Message("what is handed over"), portable=True).removeprefix("=") if text else ""
    )


def translate_loop(work: Translation, loop: etree._Element) -> None:
    """Put multi-instance into our dialect."""
    collection, element = attribute(loop, "collection"), attribute(loop, "elementVariable")
    if collection:
        text = collection if is_expression(collection) else "${" + collection + "}"
        extend(
            loop,
            "loopCharacteristics",
            inputCollection=work.feel(loop, text, "collection"),
            inputElement=element,
        )
    for tag, what in (
        ("loopCardinality", Message("the number of instances")),
        ("completionCondition", Message("the condition")),
    ):
        held = loop.find(bpmn(tag))
        text = text_of(held)
        if held is None or not text:
            continue
        truth = tag == "completionCondition"
        found = work.feel(loop, text, what, truth=truth, counters=truth)
        held.text = found if found.startswith("=") or not found else "=" + found
    if peek(loop, "asyncAfter") or peek(loop, "asyncBefore"):
        attribute(loop, "asyncAfter")
        attribute(loop, "asyncBefore")
