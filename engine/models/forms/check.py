"""Values that somebody sent -> values that may be kept, with the personal ones apart.

The verdict is the browser's (form-js) wherever the browser has one; beyond it, options, documents and unknown
fields are judged here, and nothing is taken from the sender that the form does not let them say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from engine.errors import FormRefused, Message
from engine.models.forms import messages
from engine.models.forms.context import readable
from engine.models.forms.data import Path, copied, get_at, is_shallow, overlay, remove_at, set_at
from engine.models.forms.instances import Instance, compute, initialize, visible_data, walk
from engine.models.forms.options import OptionSource, resolve_options
from engine.models.forms.rules import trim
from engine.models.forms.schema import error_tree
from engine.models.forms.tree import OPTION_TYPES, Container, Field, dotted
from engine.models.forms.values import MISSING, SKIPPED, Given

MAX_NESTING = 12
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """Accepted values. `plain` may go anywhere; it has None where a personal value belongs.

    `personal` holds the personal values by path, e.g. `{"contacts.0.phone": ...}`; `documents` the ids of all
    documents that were given, and `documents_by_path` the same by path.
    """

    plain: dict[str, Any]
    personal: dict[str, Any]
    documents: list[str]
    documents_by_path: dict[str, list[str]]

    def with_references(self, references: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with a reference in the place of each personal one.

        Raises KeyError where a personal value has no reference: it must not get lost silently.
        """
        values: dict[str, Any] = copied(self.plain)
        for path in self.personal:
            set_at(values, parse_path(path), references[path])
        return values


def parse_path(text: str) -> Path:
    """Return the path that `dotted` has written: parts of digits are numbers of rows."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def check_values(
    form: Container,
    schema: Schema,
    values: Any,
    *,
    stored: Mapping[str, Any],
    context: Mapping[str, Any],
    names: frozenset[str],
    options: OptionSource,
    in_person: bool = True,
) -> CheckedForm:
    """Judge `values`; `names` are those of `names_read`. Raises FormRefused with messages by dotted path."""
    if not isinstance(values, Mapping) or not is_shallow(values, MAX_NESTING):
        raise FormRefused("the values must be a JSON object", {"": [Message(messages.NOT_AN_OBJECT)]})
    given = {**readable(context, names), **stored}
    initial = initialize(form, given)
    current = initialize(form, overlay(given, overlay(_no_rows(form), _own_part(form, values))), sent=True)
    _restore_kept(form, initial, current)
    compute(form, current)
    data = visible_data(form, initial, current)
    instances = list(walk(form, data, current))
    loaded = _load(schema, _prepare(instances, values, given, initial, data, options, in_person))
    _put_kept(instances, loaded, initial)
    _put_computed(form, instances, loaded, data)
    return _split(instances, loaded)


def _own_part(form: Container, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return only what the form asks for: an unknown name must not change what expressions see."""
    own = {item.full_path[0] for item in form.fields() if item.full_path}
    return {name: copied(value) for name, value in values.items() if name in own}


def _no_rows(container: Container) -> dict[str, Any]:
    """Return an empty list for each list of rows: where form-js has no rows to send, it sends no list."""
    found: dict[str, Any] = {}
    for child in container.children:
        if isinstance(child, Container) and child.repeats:
            set_at(found, child.path, [])
        elif isinstance(child, Container):
            inner = _no_rows(child)
            if child.path and inner:
                set_at(found, child.path, overlay(get_at(found, child.path, {}), inner))
            elif inner:
                found = overlay(found, inner)
    return found


def _restore_kept(form: Container, initial: Mapping[str, Any], current: dict[str, Any]) -> None:
    """Undo what was sent for fields that the sender may not change."""
    for instance in list(walk(form, current, current)):
        if isinstance(instance.component, Field) and _is_kept(instance.component, instance, current):
            set_at(current, instance.path, copied(get_at(initial, instance.path, instance.component.empty)))


def _is_kept(field: Field, instance: Instance, data: Mapping[str, Any]) -> bool:
    """Return whether the field is disabled or read-only here."""
    if field.disabled or field.readonly:
        return True
    return field.readonly_when is not None and field.readonly_when.holds(instance.place.scope(data))


def _prepare(
    instances: list[Instance],
    values: Mapping[str, Any],
    stored: Mapping[str, Any],
    initial: Mapping[str, Any],
    data: Mapping[str, Any],
    options: OptionSource,
    in_person: bool,
) -> dict[str, Any]:
    """Return what the schema is to load: values not to be judged are marked, expressions are evaluated."""
    prepared: dict[str, Any] = copied(values)
    for instance in instances:
        field, path = instance.component, instance.path
        if instance.hidden or not isinstance(field, Field) or field.disabled or field.type == "expression":
            set_at(prepared, path, SKIPPED)
        elif _is_kept(field, instance, data):
            set_at(prepared, path, _kept(field, instance, stored, initial, data))
        else:
            sent = get_at(prepared, path, _ABSENT)
            if sent is _ABSENT and field.has_default and not field.required:
                sent = copied(field.raw["defaultValue"])
            if in_person and _is_missing(field, sent, instance, data):
                set_at(prepared, path, MISSING)
            elif sent is not _ABSENT:
                set_at(prepared, path, _given(field, sent, instance, data, options))
    return prepared


def _is_missing(field: Field, sent: Any, instance: Instance, data: Mapping[str, Any]) -> bool:
    """Return whether the field has to be filled in here and was left open, or filled with spaces."""
    if field.required_when is None or not field.required_when.holds(instance.place.scope(data)):
        return False
    return sent is _ABSENT or sent in (None, False, []) or (isinstance(sent, str) and not trim(sent))


def _given(
    field: Field, sent: Any, instance: Instance, data: Mapping[str, Any], options: OptionSource
) -> Any:
    choices = None
    if field.type in OPTION_TYPES:
        choices = [option["value"] for option in resolve_options(field, data, instance.place, options)]
    return Given(sent, _limits(field, instance, data), choices)


def _kept(
    field: Field,
    instance: Instance,
    stored: Mapping[str, Any],
    initial: Mapping[str, Any],
    data: Mapping[str, Any],
) -> Any:
    """Return what a read-only field keeps, to be judged by its rules; a personal value may be a reference."""
    kept = get_at(stored, instance.path)
    if kept is None or field.type == "datetime":
        kept = get_at(initial, instance.path)
    unchecked = field.type == "checkbox" and kept is False
    if field.required and (unchecked or kept in (None, "", [])):
        return None
    if field.personal or kept in (None, "", []):
        return SKIPPED
    return Given(copied(kept), _limits(field, instance, data), is_stored=True)


def _limits(field: Field, instance: Instance, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the literal limits, and those that FEEL can say here."""
    limits = dict(field.limits)
    if field.limit_expressions:
        scope = instance.place.scope(data)
        for name, expression in field.limit_expressions.items():
            if (limit := expression.evaluate(scope)) is not None:
                limits[name] = limit
    return limits


def _load(schema: Schema, prepared: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(prepared)
    except ValidationError as error:
        errors = dict(_flat(error_tree(error), ()))
        raise FormRefused(f"the form does not accept {', '.join(errors)}", errors) from None
    return loaded


def _flat(found: Mapping[Any, Any], base: Path) -> Iterator[tuple[str, list[str]]]:
    for name, item in found.items():
        path = base if name == "_schema" else (*base, name)
        if isinstance(item, Mapping):
            yield from _flat(item, path)
        else:
            yield dotted(path), [_named(text, path) for text in item]


def _named(text: str, path: Path) -> str:
    if isinstance(text, Message) and text.msgid == messages.UNKNOWN_FIELD:
        return Message(messages.UNKNOWN_FIELD, value=dotted(path))
    return text


def _put_kept(instances: list[Instance], loaded: dict[str, Any], initial: Mapping[str, Any]) -> None:
    """Put the stored personal values of read-only fields back; disabled ones are not sent at all."""
    for instance in instances:
        field = instance.component
        if instance.hidden or not isinstance(field, Field) or field.disabled or not field.personal:
            continue
        if get_at(loaded, instance.path, _ABSENT) is _ABSENT and (field.readonly or field.readonly_when):
            kept = get_at(initial, instance.path)
            if kept not in (None, "", []):
                set_at(loaded, instance.path, copied(kept))


def _put_computed(
    form: Container, instances: list[Instance], loaded: dict[str, Any], data: Mapping[str, Any]
) -> None:
    """Compute expression fields once more, now from the accepted values."""
    if not any(item.expression for item in form.fields()):
        return
    current = overlay(data, loaded)
    compute(form, current)
    for instance in instances:
        field = instance.component
        if isinstance(field, Field) and field.expression and not (instance.hidden or field.disabled):
            set_at(loaded, instance.path, copied(get_at(current, instance.path)))


def _split(instances: list[Instance], loaded: dict[str, Any]) -> CheckedForm:
    personal: dict[str, Any] = {}
    documents: dict[str, list[str]] = {}
    for instance in instances:
        field = instance.component
        if not isinstance(field, Field):
            continue
        value = get_at(loaded, instance.path)
        name = dotted(instance.path)
        if field.personal and _holds_personal(value):
            personal[name] = value
            set_at(loaded, instance.path, None)
        elif field.type == "filepicker" and isinstance(value, list) and value:
            documents[name] = list(value)
    for instance in instances:
        _drop_empty_parent(loaded, instance.path)
    return CheckedForm(loaded, personal, [item for ids in documents.values() for item in ids], documents)


def _holds_personal(value: Any) -> bool:
    """Return whether there is something to protect: not an empty value, nor a reference kept as it is."""
    return value not in (None, "", []) and not isinstance(value, Mapping)


def _drop_empty_parent(loaded: dict[str, Any], path: Path) -> None:
    parent = path[:-1]
    if parent and isinstance(parent[-1], str) and get_at(loaded, parent) == {}:
        remove_at(loaded, parent)
