"""Which variables the models of an instance declare, and what they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, missing

from engine.errors import InvalidInput
from engine.models.forms import Form
from engine.models.properties import ElementProperties
from engine.privacy.values import is_reference
from engine.runtime.bundles import LoadedBundle
from engine.runtime.spiff import Scope
from engine.runtime.step import Step


def declared_names(bundles: Iterable[LoadedBundle]) -> set[str]:
    """Return the names that forms, mappings, results and loops of these bundles write."""
    names: set[str] = set()
    for bundle in bundles:
        for form in bundle.forms.values():
            names.update(form.names)
        for process_id in bundle.compiled.process_ids:
            for element in bundle.compiled.elements(process_id).values():
                names.update(_written(element))
    return names


def check_declared(step: Step, values: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the values as the forms' fields would keep them. Raises InvalidInput by name."""
    bundles = [
        step.bundle,
        *(step.rt.bundles.get(step.session, each) for each in step.workflow.other_bundles),
    ]
    known = declared_names(bundles)
    forms = [form for bundle in bundles for form in bundle.forms.values()]
    personal = {key.split(".")[0] for form in forms for key in form.personal_keys}
    errors: dict[str, list[str]] = {}
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name in personal or _holds_reference(value) or _holds_reference(scope.get(name)):
            errors[name] = ["is personal: it is changed in its form, where it is kept encrypted"]
        elif name not in known:
            errors[name] = ["is declared by no form, mapping or result of this version"]
        else:
            checked[name] = _taken(name, value, forms, errors)
    if errors:
        raise InvalidInput("these variables cannot be set: see the names", errors)
    return checked


def _written(element: ElementProperties) -> Iterator[str]:
    targets = [target for _, target in (*element.inputs, *element.outputs)]
    targets += [element.script_result, element.decision_result]
    if element.loop is not None:
        targets += [element.loop.output_collection, element.loop.input_element]
    for target in targets:
        if target:
            yield target.split(".")[0]


def _taken(name: str, value: Any, forms: Iterable[Form], errors: dict[str, list[str]]) -> Any:
    """Return the value as the first form that takes it would keep it; note why where none does."""
    if value is None:
        return None
    refused: list[str] = []
    for form in forms:
        field = next((each for each in form.schema().fields.values() if each.data_key == name), None)
        if field is None:
            continue
        try:
            found = field.deserialize(value)
        except ValidationError as error:
            refused = [str(text) for text in _texts(error.messages)]
        else:
            return value if found is missing else found
    if refused:
        errors[name] = refused
    return value


def _texts(found: Any) -> Iterator[Any]:
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            yield from _texts(item)
    else:
        yield found


def _holds_reference(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_reference(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_reference(item) for item in value)
    return is_reference(value)
