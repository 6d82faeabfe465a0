"""What a form's fields were filled with, as labels and words instead of keys and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from engine.models.forms import Form
from engine.privacy.values import is_reference
from engine.runtime.options import OrganisationOptions
from web import times, words
from web.gettext import gettext, ngettext
from web.language import current_language
from web.vocabulary import Called, Vocabulary


@dataclass(frozen=True, slots=True)
class Answer:
    """A field's label, and its value in words; `documents` are the ids of files that were handed in."""

    label: str
    text: str
    documents: tuple[str, ...] = ()


def answers(
    session: Session,
    form: Form | None,
    values: Mapping[str, Any],
    shown: Callable[[Any], str],
    called: Vocabulary = MappingProxyType({}),
) -> list[Answer]:
    """Return the filled fields in the form's order; `shown` gives what to show for a personal reference,
    `called` what values without a form are called.
    """
    if form is None:
        return [_variable(key, value, shown, called) for key, value in values.items()]
    language = current_language()
    schema, _ = form.render(
        context=values, values=values, options=OrganisationOptions(session, language), language=language
    )
    found = list(_walk(schema.get("components", []), values, shown))
    return [answer for answer in found if answer.text]


def _variable(key: str, value: Any, shown: Callable[[Any], str], called: Vocabulary) -> Answer:
    """A value without a form; what it holds by name is called as it is by itself."""
    known = called.get(key, Called(key, {}))
    return Answer(known.label, _text(value, known.values, shown, called))


def _walk(
    components: list[dict[str, Any]], values: Mapping[str, Any], shown: Callable[[Any], str]
) -> Iterator[Answer]:
    for component in components:
        inner = component.get("components")
        path = str(component.get("key") or component.get("path") or "")
        if isinstance(inner, list):
            yield from _walk_container(component, inner, _at(values, path) if path else values, shown)
            continue
        value = _at(values, path) if path else None
        if value in (None, "", []):
            continue
        label = str(
            component.get("label") or component.get("dateLabel") or component.get("timeLabel") or path
        )
        if component.get("type") == "filepicker":
            ids = tuple(str(each) for each in (value if isinstance(value, list) else [value]))
            yield Answer(label, ngettext("%(num)d document", "%(num)d documents", len(ids)), ids)
            continue
        if component.get("type") == "datetime" and isinstance(value, str):
            yield Answer(label, times.written(value))
            continue
        options = {str(each.get("value")): str(each.get("label")) for each in component.get("values") or []}
        yield Answer(label, _text(value, options, shown))


def _walk_container(
    component: dict[str, Any], inner: list[dict[str, Any]], place: Any, shown: Callable[[Any], str]
) -> Iterator[Answer]:
    if component.get("type") == "dynamiclist":
        for number, row in enumerate(place if isinstance(place, list) else [], start=1):
            for answer in _walk(inner, row if isinstance(row, Mapping) else {}, shown):
                yield Answer(f"{number}. {answer.label}", answer.text, answer.documents)
    elif isinstance(place, Mapping):
        yield from _walk(inner, place, shown)


def _at(values: Any, path: str) -> Any:
    for part in path.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _text(
    value: Any,
    options: Mapping[str, str],
    shown: Callable[[Any], str],
    called: Vocabulary = MappingProxyType({}),
) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return words.yes_no(value)
    if isinstance(value, list):
        separator = ", " if current_language() == "en" else "、"
        return separator.join(_text(item, options, shown, called) for item in value)
    if isinstance(value, Mapping) and set(value) == {"old", "new"}:
        return gettext(
            "%(old)s → %(new)s",
            old=_text(value["old"], options, shown, called),
            new=_text(value["new"], options, shown, called),
        )
    if isinstance(value, Mapping):
        inner = (_variable(key, item, shown, called) for key, item in value.items())
        return "; ".join(f"{each.label}: {each.text}" for each in inner)
    if is_reference(value):
        return shown(value)
    return options.get(str(value), str(value))
