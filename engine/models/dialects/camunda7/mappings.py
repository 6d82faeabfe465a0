"""Input and output parameters of Camunda 7, as mappings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.feel import quoted
from engine.models.dialects.camunda7.translation import (
    Translation,
    add,
    children,
    drop,
    extend,
    extensions,
    text_of,
)
from engine.models.xml import bpmn, local_name, zeebe

_SCRIPT = Message("a script does not run here; write the value in FEEL, after `=`")


def translate_mappings(work: Translation, node: etree._Element) -> None:
    """Put `camunda:inputOutput` of an element into our dialect."""
    for held in extensions(node, "inputOutput"):
        if local_name(node) == "callActivity":
            message = Message(
                "inputOutput on a call is not translated surely; hand variables over by camunda:in and out"
            )
            work.refuse(held, message)
            drop(held)
            continue
        for item in children(held, "inputParameter"):
            value = _value(work, item)
            if value:
                add_input(work, node, "=" + value, item.get("name", ""), item)
        for item in children(held, "outputParameter"):
            value = _value(work, item)
            if value:
                add_output(node, value, item.get("name", ""))
        drop(held)


def add_input(
    work: Translation, node: etree._Element, source: str, target: str, origin: etree._Element
) -> None:
    """Add an input mapping.

    Camunda 7 reads all sources before it sets the first target; where that makes a difference, it is refused.
    """
    mapping = extend(node, "ioMapping")
    for earlier in mapping.findall(zeebe("input")):
        name = earlier.get("target", "")
        if name and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", _without_texts(source)):
            message = Message(
                "'{target}' reads '{name}', which an input before it sets anew; give that one another name",
                target=target,
                name=name,
            )
            work.refuse(origin, message)
    _in_order(mapping, add(mapping, "input", origin, source=source, target=target))


def add_output(node: etree._Element, source: str, target: str) -> None:
    """Add an output mapping of a FEEL text (without `=`)."""
    mapping = extend(node, "ioMapping")
    _in_order(mapping, add(mapping, "output", node, source="=" + source, target=target))


def keep_results(node: etree._Element, names: Iterable[str]) -> None:
    """Hand on results beside the output mappings that there are: in Camunda 7 they leave the task anyway.

    Without output mappings they do here too. What an input mapping has made local stays so in both.
    """
    mapping = node.find(f"{bpmn('extensionElements')}/{zeebe('ioMapping')}")
    if mapping is None or mapping.find(zeebe("output")) is None:
        return
    local = {item.get("target") for item in mapping.findall(zeebe("input"))}
    written = {item.get("target") for item in mapping.findall(zeebe("output"))}
    for name in names:
        if name not in local | written:
            add_output(node, name, name)


def _in_order(mapping: etree._Element, added: etree._Element) -> None:
    """Inputs stand before outputs, as the schema has it."""
    outputs = mapping.findall(zeebe("output"))
    if added.tag == zeebe("input") and outputs:
        outputs[0].addprevious(added)


def _value(work: Translation, node: etree._Element) -> str:
    """Return the FEEL text (without `=`) of a parameter, list item or map entry; empty after a refusal."""
    inner = [child for child in node if local_name(child)]
    if not inner:
        text = text_of(node)
        if not text:
            return "null"
        what = f"{local_name(node)} {node.get('name', node.get('key', ''))!r}"
        return work.feel(node, text, what, portable=True).removeprefix("=")
    [held, *_] = inner
    kind = local_name(held)
    if kind == "list":
        items = [
            _value(work, child) if text_of(child) or len(child) else '""'
            for child in held
            if local_name(child)
        ]
        return "[" + ", ".join(items) + "]" if all(items) else ""
    if kind == "map":
        pairs = [(quoted(child.get("key", "")), _value(work, child)) for child in held if local_name(child)]
        return (
            "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
            if all(v for _, v in pairs)
            else ""
        )
    work.refuse(
        held,
        _SCRIPT
        if kind == "script"
        else Message("{kind} is no value here; write it in FEEL, after `=`", kind=kind),
    )
    return ""


def _without_texts(text: str) -> str:
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
