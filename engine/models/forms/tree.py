"""The components of a form, read once: their names, where their values lie, what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Message
from engine.models.forms.expressions import Condition, Value
from engine.models.forms.patterns import Pattern

#: Component types that hold a value under a key.
TEXT_TYPES = frozenset({"textfield", "textarea"})
CHOICE_TYPES = frozenset({"radio", "select"})
CHOICES_TYPES = frozenset({"checklist", "taglist"})
OPTION_TYPES = CHOICE_TYPES | CHOICES_TYPES
FIELD_TYPES = TEXT_TYPES | OPTION_TYPES | {"number", "datetime", "checkbox", "filepicker", "expression"}
#: Types that only show something.
SHOWN_TYPES = frozenset({"text", "image", "table", "documentPreview", "spacer", "separator"})
CONTAINER_TYPES = frozenset({"group", "dynamiclist"})
#: Drawn by form-js, of no meaning here: tasks are completed by the page's own buttons.
IGNORED_TYPES = frozenset({"button"})
REFUSED_TYPES: Mapping[str, Message] = {
    "html": Message("shows raw HTML; use a text component with Markdown"),
    "iframe": Message("shows another site; use a text component with a link"),
}
#: Keys of `validate` that may be FEEL.
LIMIT_NAMES = ("min", "max", "minLength", "maxLength")

#: The value that form-js gives to a field that nobody has filled in.
EMPTY_VALUES: Mapping[str, Any] = {
    "checkbox": False,
    "checklist": [],
    "taglist": [],
    "textfield": "",
    "textarea": "",
}


@dataclass(frozen=True, slots=True)
class Component:
    """What fields and containers have in common. `path` is local: relative to the parent's place."""

    id: str
    type: str
    path: tuple[str, ...]
    hide: Condition | None
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field(Component):
    """A component that holds a value. `full_path` leaves out the numbers of rows."""

    key: str = ""
    full_path: tuple[str, ...] = ()
    label: str = ""
    required: bool = False
    personal: bool = False
    disabled: bool = False
    readonly: bool = False
    readonly_when: Condition | None = None
    required_when: Condition | None = None
    pattern: Pattern | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)  # literal ones
    limit_expressions: Mapping[str, Value] = field(default_factory=dict)
    expression: Value | None = None
    options_key: str = ""
    options_expression: str = ""
    options_value: Value | None = None

    @property
    def empty(self) -> Any:
        """The value of the field when nobody has filled it in, as in form-js."""
        found = EMPTY_VALUES.get(self.type)
        return list(found) if isinstance(found, list) else found

    @property
    def has_default(self) -> bool:
        """Whether the form gives the field a value of its own to begin with."""
        return self.raw.get("defaultValue") is not None

    @property
    def afresh(self) -> bool:
        """Whether the field is asked anew each time (`properties: {"afresh": true}`): a decision is not to be
        taken over from the last one.
        """
        properties = self.raw.get("properties")
        return isinstance(properties, Mapping) and properties.get("afresh") in (True, "true")

    @property
    def is_past(self) -> bool:
        """Whether the field tells when something was done (`properties: {"past": true}`)."""
        properties = self.raw.get("properties")
        return isinstance(properties, Mapping) and properties.get("past") in (True, "true")

    @property
    def is_unique(self) -> bool:
        """Whether no two rows of its list may have the same value (`properties: {"unique": true}`)."""
        properties = self.raw.get("properties")
        return isinstance(properties, Mapping) and properties.get("unique") in (True, "true")

    @property
    def accept(self) -> str:
        """For a file picker: the file types that it takes, as in HTML's `accept`; empty for any."""
        text = self.raw.get("accept", "")
        return text if isinstance(text, str) else ""

    @property
    def multiple(self) -> bool:
        """For a file picker: whether it takes several documents. An expression is taken for yes."""
        return self.raw.get("multiple", False) not in (False, "", None)


@dataclass(frozen=True, slots=True)
class Container(Component):
    """A group or a list of rows; the form itself is a group without a path."""

    children: tuple[Component, ...] = ()

    @property
    def repeats(self) -> bool:
        """Whether the children are given once for every row of a list."""
        return self.type == "dynamiclist"

    def fields(self) -> Iterator[Field]:
        """Yield all fields within, in the order in which they are drawn."""
        for child in self.children:
            if isinstance(child, Field):
                yield child
            elif isinstance(child, Container):
                yield from child.fields()


def dotted(path: tuple[str | int, ...]) -> str:
    """Return the name under which the value at `path` is spoken of, e.g. `contacts.0.phone`."""
    return ".".join(str(part) for part in path)
