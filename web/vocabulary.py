"""What the variables of a process and its gateways without a name are called in the trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.models.forms import Form
from engine.models.forms.options import normalize_options
from web import words
from web.gettext import lazy_gettext as _
from web.language import current_language

VARIABLES: Final[words.Words] = {
    "channel": _("Channel"),
    "category": _("Category"),
    "grade": _("Grade"),
    "suggestion": _("Suggestion"),
    "approval_level": _("Level of approval"),
    "department": _("Department"),
    "handler": _("Handler"),
}
"""Those of the lifecycle that no form asks for, or several by names of their own."""
VALUES: Final[Mapping[str, words.Words]] = {
    "channel": words.CHANNELS,
    "category": words.CATEGORIES,
    "grade": words.GRADES,
    "approval_level": {"supervisor": _("Supervisor"), "management": _("Management")},
    "complainant_is": words.COMPLAINANTS,
}
GATEWAYS: Final[words.Words] = {
    "exclusiveGateway": _("Decision of the way"),
    "parallelGateway": _("Parallel ways"),
}
"""What a gateway is called that nobody named: ways only meet there."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a name is called, and its values."""

    label: str
    values: Mapping[str, str]


Vocabulary = Mapping[str, Called]


def vocabulary(forms: Iterable[Form]) -> Vocabulary:
    """Return what facts and the fields of forms are called, by name, in the page's language."""
    language = current_language()
    found = {
        name: Called(str(label), {value: str(said) for value, said in VALUES.get(name, {}).items()})
        for name, label in {**words.FACTS, **VARIABLES}.items()
    }
    for form in sorted(forms, key=lambda each: each.id):
        for field in form.fields:
            if field.label and len(field.full_path) == 1 and field.key not in found:
                options = {
                    str(each["value"]): form.translated(str(each["label"]), language)
                    for each in normalize_options(field.raw.get("values"))
                }
                found[field.key] = Called(form.translated(field.label, language), options)
    return found
