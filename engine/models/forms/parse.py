"""form-js JSON -> components, with everything that is wrong with it told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.errors import FeelError, Finding, Message, ModelRefused
from engine.models.forms.expressions import Condition, Value, is_expression
from engine.models.forms.patterns import Pattern, PatternRefused, compile_pattern
from engine.models.forms.tree import (
    CONTAINER_TYPES,
    FIELD_TYPES,
    IGNORED_TYPES,
    LIMIT_NAMES,
    OPTION_TYPES,
    REFUSED_TYPES,
    SHOWN_TYPES,
    Component,
    Container,
    Field,
)

MAX_DEPTH = 20
MAX_COMPONENTS = 1_000
_KEY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_ABOUT_PEOPLE = re.compile(
    r"(^|_|\.)(name|phone|mobile|email|e_mail|address|id_number|account|card|birth\w*|wechat)($|_|\.)",
    re.IGNORECASE,
)
_SHOWN_TEXTS = ("label", "description", "text", "title", "alt", "source", "dataSource", "columnsExpression")
_OBJECTS = ("validate", "conditional", "appearance", "properties", "layout")
_LISTS = ("values", "columns", "components")
_TEMPLATE = re.compile(r"\{\{(?![#/])(.*?)\}\}", re.DOTALL)
_Compiled = TypeVar("_Compiled", Condition, Value)


@dataclass
class Reader:
    """Reads one form and collects findings. `warnings` do not keep a form from being used."""

    source: str
    findings: list[Finding] = field(default_factory=list)
    claims: list[set[tuple[str, ...]]] = field(default_factory=lambda: [set()])
    ids: set[str] = field(default_factory=set)
    count: int = 0

    def read(self, data: Any) -> Container:
        """Return the form as a container without a path. Raises ModelRefused with all errors and warnings."""
        if not isinstance(data, dict) or not isinstance(data.get("components"), list):
            self.refuse("form.shape", "", Message("this is not a form: there is no list of components"))
            raise ModelRefused.of(self.findings)
        for name in _given_ids(data):
            if name in self.ids:
                self.refuse(
                    "form.duplicate-id",
                    name,
                    Message("two components have the id '{name}'; change one", name=name),
                )
            self.ids.add(name)
        self._check_shapes(data, "")
        children = self._children(data["components"], (), personal=None, at="components", depth=1)
        form = Container("", "default", (), None, data, children=children)
        self._taint(form)
        if any(finding.severity == "error" for finding in self.findings):
            raise ModelRefused.of(self.findings)
        return form

    def refuse(self, code: str, where: str, message: Message) -> None:
        """Note an error at a component."""
        self.findings.append(Finding(message, file=self.source, element_id=where, code=code))

    def warn(self, code: str, where: str, message: Message) -> None:
        """Note something that does not keep the form from being used."""
        self.findings.append(
            Finding(message, file=self.source, element_id=where, code=code, severity="warning")
        )

    def _children(
        self, items: Any, above: tuple[str, ...], *, personal: bool | None, at: str, depth: int
    ) -> tuple[Component, ...]:
        if not isinstance(items, list):
            self.refuse("form.shape", at, Message("{name} must be a list", name="components"))
            return ()
        if depth > MAX_DEPTH:
            self.refuse(
                "form.depth",
                at,
                Message("components are nested deeper than {most}", most=MAX_DEPTH),
            )
            return ()
        found = (
            self._component(item, above, personal=personal, at=f"{at}[{number}]", depth=depth)
            for number, item in enumerate(items)
        )
        return tuple(component for component in found if component is not None)

    def _component(
        self, item: Any, above: tuple[str, ...], *, personal: bool | None, at: str, depth: int
    ) -> Component | None:
        self.count += 1
        if self.count == MAX_COMPONENTS + 1:
            self.refuse(
                "form.size",
                at,
                Message("the form has more than {most} components", most=MAX_COMPONENTS),
            )
        if self.count > MAX_COMPONENTS or not isinstance(item, dict):
            if self.count <= MAX_COMPONENTS:
                self.refuse("form.shape", at, Message("a component must be an object"))
            return None
        kind = str(item.get("type"))
        where = _where(item, at)
        self._check_shapes(item, where)
        self._check_texts(item, where)
        if kind in FIELD_TYPES:
            return self._field(item, kind, above, personal, where)
        if kind in CONTAINER_TYPES:
            return self._container(item, kind, above, personal, at, where, depth)
        if kind in SHOWN_TYPES:
            hide = self._condition(_inner(item, "conditional").get("hide"), where, "conditional.hide")
            return Component(self._id(item), kind, (), hide, item)
        if kind in REFUSED_TYPES:
            self.refuse(
                "form.refused-type",
                where,
                Message(
                    "a component of type {kind} {said}",
                    kind=kind,
                    said=REFUSED_TYPES[kind],
                ),
            )
        elif kind not in IGNORED_TYPES:
            self.refuse(
                "form.unknown-type",
                where,
                Message("there is no component type '{kind}' in form-js", kind=kind),
            )
        return None

    def _check_shapes(self, item: Mapping[str, Any], where: str) -> None:
        """Refuse what holds something of another kind than form-js reads there."""
        for name in _OBJECTS:
            if not isinstance(item.get(name), dict | None):
                self.refuse("form.shape", where, Message("{name} must be an object", name=name))
        for name in _LISTS:
            if not isinstance(item.get(name), list | None):
                self.refuse("form.shape", where, Message("{name} must be a list", name=name))

    def _check_texts(self, item: Mapping[str, Any], where: str) -> None:
        """Refuse FEEL that cannot be compiled in what a component shows: `=...`, or `{{...}}` in a text."""
        shown = {name: item.get(name) for name in _SHOWN_TEXTS}
        appearance = _inner(item, "appearance")
        shown |= {name: appearance.get(name) for name in ("prefixAdorner", "suffixAdorner")}
        for name, text in shown.items():
            if is_expression(text):
                self._value(text, where, name)
            elif isinstance(text, str):
                for inner in _TEMPLATE.findall(text):
                    self._value(f"={inner}", where, name)

    def _container(
        self,
        item: dict[str, Any],
        kind: str,
        above: tuple[str, ...],
        personal: bool | None,
        at: str,
        where: str,
        depth: int,
    ) -> Container:
        path = self._path(item.get("path"), where, "path")
        if kind == "dynamiclist":
            if not path:
                self.refuse(
                    "form.path-missing", where, Message("a list of rows needs a path: the name of its values")
                )
            self._claim((*above, *path), where, item.get("path"))
            self.claims.append(set())
        declared = _declared_personal(item)
        children = self._children(
            item.get("components", []),
            (*above, *path),
            personal=personal if declared is None else declared,
            at=f"{at}.components",
            depth=depth + 1,
        )
        if kind == "dynamiclist":
            self.claims.pop()
        hide = self._condition(_inner(item, "conditional").get("hide"), where, "conditional.hide")
        return Container(self._id(item), kind, path, hide, item, children=children)

    def _field(
        self, item: dict[str, Any], kind: str, above: tuple[str, ...], personal: bool | None, where: str
    ) -> Field:
        key = item.get("key")
        if not isinstance(key, str) or not key.strip():
            self.refuse(
                "form.key-missing",
                where,
                Message("the {kind} has no key; its value could not be kept", kind=kind),
            )
        path = self._path(key, where, "key")
        if path:
            self._claim((*above, *path), where, key)
        validate = _inner(item, "validate")
        readonly = item.get("readonly", False)
        expression = item.get("expression")
        if kind == "expression" and not is_expression(expression):
            self.refuse(
                "form.expression-missing",
                where,
                Message("the expression component has no expression (= ...)"),
            )
        options = item.get("valuesExpression") if kind in OPTION_TYPES else None
        self._check_options(item, kind, where)
        return Field(
            self._id(item),
            kind,
            path,
            self._condition(_inner(item, "conditional").get("hide"), where, "conditional.hide"),
            item,
            key=key if isinstance(key, str) else "",
            full_path=(*above, *path),
            label=str(item.get("label", "") or ""),
            required=validate.get("required") is True,
            personal=self._personal(item, kind, personal, where),
            disabled=item.get("disabled") is True,
            readonly=readonly is True,
            readonly_when=self._condition(readonly, where, "readonly") if is_expression(readonly) else None,
            required_when=self._condition(
                _inner(item, "properties").get("required"), where, "properties.required"
            ),
            pattern=self._pattern(validate.get("pattern"), where),
            limits={name: validate[name] for name in LIMIT_NAMES if _is_literal(validate.get(name))},
            limit_expressions=self._limit_expressions(validate, where),
            expression=self._value(expression, where, "expression") if kind == "expression" else None,
            options_key=str(item.get("valuesKey") or "") if kind in OPTION_TYPES and not options else "",
            options_expression=str(options)[1:].strip() if is_expression(options) else "",
            options_value=self._value(options, where, "valuesExpression") if options else None,
        )

    def _check_options(self, item: Mapping[str, Any], kind: str, where: str) -> None:
        if kind not in OPTION_TYPES:
            return
        expression = item.get("valuesExpression")
        if expression and not is_expression(expression):
            self.refuse("form.options", where, Message("valuesExpression must begin with ="))
        if not expression and not item.get("valuesKey") and not isinstance(item.get("values"), list):
            self.refuse(
                "form.options", where, Message("there are no options: give values or valuesExpression")
            )

    def _limit_expressions(self, validate: Mapping[str, Any], where: str) -> dict[str, Value]:
        found = {}
        for name in LIMIT_NAMES:
            text = validate.get(name)
            if is_expression(text) and (value := self._value(text, where, f"validate.{name}")) is not None:
                found[name] = value
        return found

    def _personal(self, item: Mapping[str, Any], kind: str, above: bool | None, where: str) -> bool:
        if kind == "filepicker":
            return False  # a document is kept by its id; its content has its own protection
        declared = _declared_personal(item)
        if declared is not None:
            return declared
        if above is not None:
            return above
        contact = _inner(item, "validate").get("validationType") in ("email", "phone")
        key = str(item.get("key") or "")
        if kind == "textfield" and not contact and _ABOUT_PEOPLE.search(key):
            self.warn(
                "form.personal",
                where,
                Message(
                    "'{key}' seems to ask about a person; state properties.personal as true or false", key=key
                ),
            )
        return kind == "textarea" or contact

    def _taint(self, form: Container) -> None:
        """Refuse a computed field that would carry a personal value into the process."""
        personal = {part for item in form.fields() if item.personal for part in item.path[-1:]}
        for item in form.fields():
            if item.type != "expression" or item.personal or _declared_personal(item.raw) is False:
                continue
            words = set(re.findall(r"\w+", str(item.raw.get("expression", ""))))
            if read := sorted(words & personal):
                self.refuse(
                    "form.personal-expression",
                    item.key,
                    Message(
                        "the expression reads the personal field '{name}': state properties.personal as "
                        "true, or as false where the result tells nothing about the person",
                        name=read[0],
                    ),
                )

    def _path(self, text: Any, where: str, name: str) -> tuple[str, ...]:
        if not isinstance(text, str) or not text.strip():
            return ()
        if not _KEY.fullmatch(text):
            self.refuse(
                "form.key",
                where,
                Message(
                    "the {name} '{text}' is no name: letters, digits and _, parts joined by a dot",
                    name=name,
                    text=text,
                ),
            )
            return ()
        return tuple(text.split("."))

    def _claim(self, path: tuple[str, ...], where: str, key: Any) -> None:
        """Take a path for one component. Rows have paths of their own, which nothing outside may use."""
        for taken in self.claims[-1]:
            if taken[: len(path)] == path or path[: len(taken)] == taken:
                self.refuse(
                    "form.duplicate-key", where, Message("the key '{key}' is used twice; change one", key=key)
                )
                return
        self.claims[-1].add(path)

    def _pattern(self, text: Any, where: str) -> Pattern | None:
        if not isinstance(text, str) or not text:
            return None
        try:
            return compile_pattern(text)
        except PatternRefused as error:
            self.refuse("form.pattern", where, Message("validate.pattern: {said}", said=error.said))
            return None

    def _condition(self, text: Any, where: str, name: str) -> Condition | None:
        return self._compile(Condition, text, where, name)

    def _value(self, text: Any, where: str, name: str) -> Value | None:
        return self._compile(Value, text, where, name)

    def _compile(self, kind: type[_Compiled], text: Any, where: str, name: str) -> _Compiled | None:
        if not is_expression(text):
            if name in ("conditional.hide", "properties.required") and text:
                self.refuse(
                    "form.feel",
                    where,
                    Message("{name}: '{text}' is not FEEL; begin it with =", name=name, text=text),
                )
            return None
        try:
            compiled = kind.compile(text)
        except FeelError as error:
            self.refuse("form.feel", where, Message("{name} is not FEEL: {said}", name=name, said=error.said))
            return None
        for function in sorted(compiled.unknown_functions):
            message = Message(
                "{name}: '{text}' calls '{function}', which is no function of FEEL: it yields null",
                name=name,
                text=text,
                function=function,
            )
            self.warn("form.function", where, message)
        return compiled

    def _id(self, item: Mapping[str, Any]) -> str:
        given = item.get("id")
        if isinstance(given, str) and given:
            return given
        number = self.count
        while f"Field_{number}" in self.ids:
            number += MAX_COMPONENTS
        self.ids.add(f"Field_{number}")
        return f"Field_{number}"


def _given_ids(data: Any) -> Iterable[str]:
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "type" in item and isinstance(item.get("id"), str) and item["id"]:
                yield item["id"]
            components = item.get("components")
            stack.extend(components if isinstance(components, list) else ())


def _where(item: Mapping[str, Any], at: str) -> str:
    for name in ("key", "path", "id"):
        if isinstance(item.get(name), str) and item[name]:
            return str(item[name])
    return at


def _inner(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _declared_personal(item: Mapping[str, Any]) -> bool | None:
    """Return what `properties.personal` says; the form editor writes it as a text."""
    stated = _inner(item, "properties").get("personal")
    text = str(stated).strip().lower() if isinstance(stated, str | bool) else ""
    return {"true": True, "false": False}.get(text)


def _is_literal(value: Any) -> bool:
    return (
        value is not None
        and value != ""
        and not is_expression(value)
        and not isinstance(value, bool | dict | list)
    )
