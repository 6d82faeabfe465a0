"""Forms of Camunda 7: linked ones, and those drawn into the task (`camunda:formData`)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.feel import is_expression
from engine.models.dialects.camunda7.mappings import keep_results
from engine.models.dialects.camunda7.translation import (
    Translation,
    attribute,
    children,
    drop,
    extend,
    extensions,
)
from engine.models.xml import local_name

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "long": {"type": "number", "decimalDigits": 0},
    "integer": {"type": "number", "decimalDigits": 0},
    "double": {"type": "number"},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date"},
    "enum": {"type": "select"},
}
_LIMITS = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
_FILES = ("camunda-forms:deployment:", "camunda-forms:bpmn:", "camunda-forms:")


def translate_form(work: Translation, node: etree._Element) -> None:
    """Link the form of a user task or start event, making one of `camunda:formData`."""
    form_id = _linked(work, node)
    names = work.around.forms.get(form_id)
    for data in extensions(node, "formData"):
        components = [_field(work, item) for item in children(data, "formField")]
        made = [component for component in components if component is not None]
        if not form_id and made:
            form_id = f"{node.get('id', 'task')}-form"
            names = tuple(component["key"] for component in made)
            work.forms[form_id] = {
                "type": "default",
                "id": form_id,
                "schemaVersion": 16,
                "components": made,
            }
        drop(data)
    if not form_id:
        return
    extend(node, "formDefinition", formId=form_id)
    if local_name(node) != "userTask":
        return
    if names is not None:
        keep_results(node, names)


def _linked(work: Translation, node: etree._Element) -> str:
    reference, key = attribute(node, "formRef"), attribute(node, "formKey")
    binding, _ = attribute(node, "formRefBinding"), attribute(node, "formRefVersion")
    if binding not in ("", "latest", "deployment"):
        message = Message(
            "formRefBinding '{binding}': a bundle holds one version; deploy the wanted form with this file",
            binding=binding,
        )
        work.refuse(node, message)
    if reference:
        return work.feel(node, reference, "formRef")
    if key.startswith(("embedded:", "app:")):
        message = Message(
            "the form '{key}' is HTML of another application; draw it as form-js and link it by its id",
            key=key,
        )
        work.refuse(node, message)
        return ""
    for prefix in _FILES:
        if key.startswith(prefix):
            name = key.removeprefix(prefix).rpartition("/")[2]
            return work.around.form_files.get(name, name.removesuffix(".form"))
    return work.feel(node, key, "formKey") if key else ""


def _field(work: Translation, item: etree._Element) -> dict[str, Any] | None:
    """Return the form-js component of a form field; None after a refusal."""
    kind, key = item.get("type", ""), item.get("id", "")
    if kind not in _TYPES or not key:
        known = ", ".join(_TYPES)
        work.refuse(
            item,
            Message(
                "the form field '{key}' has the type '{kind}'; use one of: {names}",
                key=key,
                kind=kind,
                names=known,
            ),
        )
        return None
    label = item.get("label", "")
    component: dict[str, Any] = {"id": f"Field_{key}", "key": key, "label": label or key, **_TYPES[kind]}
    if kind == "date":
        component["dateLabel"] = component.pop("label")
    if kind == "enum":
        component["values"] = [
            {"value": value.get("id", ""), "label": value.get("name") or value.get("id", "")}
            for value in children(item, "value")
        ]
    _defaults(work, item, component, kind)
    _validation(work, item, component)
    for held in children(item, "properties"):
        pairs = {each.get("id", ""): each.get("value", "") for each in children(held, "property")}
        component["properties"] = {k: v == "true" if v in ("true", "false") else v for k, v in pairs.items()}
    return component


def _defaults(work: Translation, item: etree._Element, component: dict[str, Any], kind: str) -> None:
    text = item.get("defaultValue", "")
    if not text:
        return
    if is_expression(text):
        work.refuse(
            item,
            Message(
                "the default {text} is computed; set the variable '{variable}' before the task",
                text=text,
                variable=component["key"],
            ),
        )
    elif kind == "boolean":
        component["defaultValue"] = text == "true"
    elif kind in ("long", "integer", "double"):
        try:
            component["defaultValue"] = float(text) if kind == "double" else int(text)
        except ValueError:
            work.refuse(item, Message("the default '{text}' is no number", text=text))
    elif kind == "date":
        work.refuse(
            item,
            Message(
                "the default date '{text}' is not translated; set the variable before the task", text=text
            ),
        )
    else:
        component["defaultValue"] = text


def _validation(work: Translation, item: etree._Element, component: dict[str, Any]) -> None:
    rules: dict[str, Any] = {}
    for held in children(item, "validation"):
        for constraint in children(held, "constraint"):
            name, text = constraint.get("name", ""), constraint.get("config", "")
            if name == "required":
                rules["required"] = text != "false"
            elif name == "readonly":
                component["readonly"] = text != "false"
            elif name in _LIMITS and text.lstrip("-").isdigit():
                rules[_LIMITS[name]] = int(text)
            else:
                known = ", ".join(("required", "readonly", *_LIMITS))
                message = Message(
                    "the constraint '{name}' does not run here; use one of: {names}", name=name, names=known
                )
                work.refuse(constraint, message)
    if rules:
        component["validate"] = rules
