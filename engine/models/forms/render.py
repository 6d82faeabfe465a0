"""A form ready to be shown: options found out, texts in the reader's language, values filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.models.forms.context import plain_json, readable, words_of
from engine.models.forms.data import Path, copied, get_at, set_at
from engine.models.forms.expressions import Place, outermost
from engine.models.forms.instances import initialize
from engine.models.forms.options import OptionSource, resolve_options
from engine.models.forms.tree import IGNORED_TYPES, OPTION_TYPES, Component, Container, Field

#: Texts of a component that people read, and that the form's own translations may replace.
_TEXTS = ("label", "description", "dateLabel", "timeLabel", "text", "title", "alt")


def render_form(
    form: Container,
    *,
    context: Mapping[str, Any],
    values: Mapping[str, Any],
    names: frozenset[str],
    options: OptionSource,
    language: str,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the form-js schema and its data, both JSON; `names` are those of `names_read`."""
    words = translations(form.raw, language)
    seen = readable(context, names)
    data = initialize(form, {**seen, **values})
    own_names = {item.full_path[0] for item in form.fields() if item.full_path} | {
        "this",
        "parent",
        "i",
        "item",
    }
    by_raw = {id(child.raw): child for child in _components(form)}

    def render(raw: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {name: copied(item) for name, item in raw.items() if name != "components"}
        component = by_raw.get(id(raw))
        if component is not None and component.id:
            result["id"] = component.id
        if isinstance(component, Field) and component.type in OPTION_TYPES:
            _resolve(result, component, data, outermost(data), options, own_names)
        if words:
            _translate(result, words)
        if raw is form.raw or isinstance(component, Container):
            inner = (item for item in raw.get("components", ()) if item.get("type") not in IGNORED_TYPES)
            result["components"] = [render(item) for item in inner]
        return result

    schema = render(form.raw)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        properties.pop("translations", None)
    return schema, _shown_values(form, seen, data)


def _components(container: Container) -> Iterator[Component]:
    for child in container.children:
        yield child
        if isinstance(child, Container):
            yield from _components(child)


def translations(raw: Mapping[str, Any], language: str) -> Mapping[str, str]:
    """Return the form's own dictionary for a language: `properties.translations: {"en": {text: text}}`."""
    properties = raw.get("properties")
    tables = properties.get("translations") if isinstance(properties, Mapping) else None
    if not isinstance(tables, Mapping):
        return {}
    parts = language.split("-")
    for length in range(len(parts), 0, -1):
        found = tables.get("-".join(parts[:length]))
        if isinstance(found, Mapping):
            return found
    return {}


def _translate(result: dict[str, Any], words: Mapping[str, str]) -> None:
    for holder, names in (
        (result, _TEXTS),
        (result.get("appearance"), ("prefixAdorner", "suffixAdorner")),
        (result.get("validate"), ("patternErrorMessage",)),
        *((item, ("label",)) for item in result.get("values") or ()),
        *((item, ("label",)) for item in result.get("columns") or ()),
    ):
        if isinstance(holder, dict):
            for name in names:
                text = holder.get(name)
                if isinstance(text, str) and isinstance(words.get(text), str):
                    holder[name] = words[text]


def _resolve(
    result: dict[str, Any],
    field: Field,
    data: Mapping[str, Any],
    place: Place,
    source: OptionSource,
    own_names: set[str],
) -> None:
    """Write the options into the schema, unless they depend on what is being filled in."""
    if not field.options_expression and not field.options_key:
        return
    if own_names & words_of(field.options_expression):
        return
    found = resolve_options(field, data, place, source)
    result.pop("valuesExpression", None)
    result.pop("valuesKey", None)
    result["values"] = [plain_json(option) for option in found]


def _shown_values(form: Container, seen: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields, and of the context what the form's expressions read."""
    shown: dict[str, Any] = {}
    _copy_fields(form, (), data, shown)
    return {**{name: value for name, value in seen.items() if not callable(value)}, **shown}


def _copy_fields(container: Container, base: Path, data: Mapping[str, Any], shown: dict[str, Any]) -> None:
    for child in container.children:
        path = (*base, *child.path)
        if isinstance(child, Field):
            set_at(shown, path, get_at(data, path))
        elif isinstance(child, Container) and child.repeats:
            rows = get_at(data, path)
            set_at(shown, path, [{} for _ in rows])
            for number in range(len(rows)):
                _copy_fields(child, (*path, number), data, shown)
        elif isinstance(child, Container):
            _copy_fields(child, path, data, shown)
