"""A form of a bundle: parsed once, shared by all threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Self

from marshmallow import Schema

from engine.errors import Finding
from engine.models.forms.check import CheckedForm, check_values, parse_path
from engine.models.forms.context import names_read
from engine.models.forms.file import load_json
from engine.models.forms.options import NO_OPTIONS, OptionSource
from engine.models.forms.parse import Reader
from engine.models.forms.render import render_form, translations
from engine.models.forms.schema import build_schema
from engine.models.forms.tree import Component, Container, Field


@dataclass(frozen=True)
class Form:
    """A form-js form: what is asked for, how it is judged, how it is shown."""

    id: str
    source: str
    root: Container
    warnings: tuple[Finding, ...] = ()

    @classmethod
    def parse(cls, data: bytes | Mapping[str, Any], source: str) -> Self:
        """Read form-js JSON from the file `source`. Raises ModelRefused with every finding.

        The id of the form is the JSON's `id`, else the file's name without its ending.
        """
        reader = Reader(source)
        raw = load_json(data, source)
        root = reader.read(raw)
        given = raw.get("id")
        identifier = given if isinstance(given, str) and given else PurePosixPath(source).stem
        return cls(identifier, source, root, tuple(reader.findings))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order in which they are drawn; those of rows once."""
        return tuple(self.root.fields())

    @property
    def personal_keys(self) -> tuple[str, ...]:
        """The paths of personal fields, without the numbers of rows."""
        return tuple(".".join(field.full_path) for field in self.fields if field.personal)

    @cached_property
    def _schema(self) -> Schema:
        return build_schema(self.root)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names under which the form's values lie: what a later form is opened with goes by these."""
        return tuple(dict.fromkeys(_top_names(self.root)))

    @cached_property
    def _names_read(self) -> frozenset[str]:
        return names_read(self.root)

    def schema(self) -> Schema:
        """Return the form as marshmallow schema.

        By itself it judges what depends on one value only. Hidden fields, expressions and options from
        outside need the surroundings that `check` gives.
        """
        return self._schema

    def check(
        self,
        values: Mapping[str, Any],
        *,
        stored: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        options: OptionSource = NO_OPTIONS,
        in_person: bool = True,
    ) -> CheckedForm:
        """Judge what somebody sent and return what may be kept.

        `stored`: the values the form was opened with, unmasked (or references, which are kept as they are):
        read-only fields keep them. `context`: further names that the form's expressions read, such as `case`,
        and the functions `today` and `now`, which the browser has by itself. Not `in_person`: nobody saw the
        form, so that what it asks for by other answers (`properties.required`) is not missed.
        Raises FormRefused with the messages by dotted path, e.g. `contacts.0.phone`.
        """
        return check_values(
            self.root,
            self._schema,
            values,
            stored=stored or {},
            context=context or {},
            names=self._names_read,
            options=options,
            in_person=in_person,
        )

    def render(
        self,
        *,
        context: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        options: OptionSource = NO_OPTIONS,
        language: str = "zh-Hant",
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the form-js schema and the data to open it with.

        Options are resolved to static `values`; texts come from the form's own translations into `language`;
        defaults are filled in; of `context`, only the names that the form's expressions read are given away.
        """
        return render_form(
            self.root,
            context=context or {},
            values=values or {},
            names=self._names_read,
            options=options,
            language=language,
        )

    def translated(self, text: str, language: str) -> str:
        """Return one of the form's own texts (a label, a pattern's message) in `language`, or as it is."""
        found = translations(self.root.raw, language).get(str(text))
        return found if isinstance(found, str) else text

    def component_errors(self, errors: Mapping[str, list[str]]) -> dict[str | int, Any]:
        """Return `errors` (by dotted path) as form-js keeps them: by component id, then by number of row.

        Messages about something that is no field of the form are left out; show them above the form.
        """
        found: dict[str | int, Any] = {}
        for path, texts in errors.items():
            parts = parse_path(path)
            component = _component_at(self.root, tuple(part for part in parts if isinstance(part, str)))
            if component is None:
                continue
            place: dict[str | int, Any] = found
            keys: list[str | int] = [component.id, *(part for part in parts if isinstance(part, int))]
            for key in keys[:-1]:
                place = place.setdefault(key, {})
            place[keys[-1]] = list(texts)
        return found


def _top_names(container: Container) -> Iterator[str]:
    for child in container.children:
        if child.path:
            yield child.path[0]
        elif isinstance(child, Container):
            yield from _top_names(child)


def _component_at(container: Container, path: tuple[str, ...]) -> Component | None:
    for child in container.children:
        length = len(child.path)
        if path[:length] != child.path:
            continue
        if length == len(path) and length and not (isinstance(child, Container) and not child.repeats):
            return child
        if isinstance(child, Container):
            found = _component_at(child, path[length:])
            if found is not None:
                return found
    return None
