"""The words for what a version changes: the kinds of change, of elements, and what they say."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.language import LANGUAGES
from web.vocabulary import GATEWAYS
from web.words import ELEMENT_KINDS, Words, word

CHANGES: Final[Words] = {
    "added": _("new"),
    "removed": _("removed"),
    "changed": _("changed"),
    "moved": _("in another place"),
}
KINDS: Final[Words] = {
    **ELEMENT_KINDS,
    "process": _("Process"),
    "startEvent": _("Start"),
    "endEvent": _("End"),
    "boundaryEvent": _("Boundary event"),
    "intermediateCatchEvent": _("Event that waits"),
    "intermediateThrowEvent": _("Event"),
    **GATEWAYS,
    "subProcess": _("Phase"),
    "sequenceFlow": _("Flow"),
    "lane": _("Lane"),
    "textAnnotation": _("Annotation"),
    "association": _("Line of an annotation"),
    "decision": _("Decision"),
    "inputData": _("Input of a decision"),
    "form": _("Form"),
    "settings": _("Settings of the family"),
    "textarea": _("Text field of several lines"),
    "textfield": _("Text field"),
    "select": _("Choice"),
    "radio": _("Choice"),
    "checkbox": _("Tick"),
    "checklist": _("Ticks"),
    "datetime": _("Date or time"),
    "number": _("Number"),
    "filepicker": _("Files"),
    "text": _("Text"),
    "group": _("Group of fields"),
    "dynamiclist": _("List"),
}
FACTS: Final[Words] = {
    "name": _("Name of the step"),
    "label": _("Label"),
    "text": _("Text"),
    "label:zh-Hans": _("Name in Simplified Chinese"),
    "label:en": _("Name in English"),
    "documentation": _("Explanation"),
    "documentation:zh-Hans": _("Explanation in Simplified Chinese"),
    "documentation:en": _("Explanation in English"),
    "description": _("Explanation"),
    "assignee": _("Person"),
    "candidateGroups": _("Groups"),
    "formId": _("Form"),
    "dueDate": _("Due"),
    "conditionExpression": _("Condition"),
    "condition": _("Condition"),
    "default": _("Ordinary way"),
    "timeDate": _("Until"),
    "timeDuration": _("After"),
    "timeCycle": _("Every"),
    "processId": _("Process called"),
    "decisionId": _("Decision called"),
    "sourceRef": _("From"),
    "targetRef": _("To"),
    "order": _("Order of the fields"),
    "required": _("Required"),
    "redress:limit": _("Limit of the grade"),
    "redress:milestone": _("Milestone"),
    "redress:record": _("Kept as"),
    "redress:four-eyes": _("Four eyes"),
}
"""Others are told as the modeler writes them."""
_TRANSLATION: Final = "properties.translations."


def fact_word(key: str) -> str:
    """Return how people call one thing that an element says; of a translation, its language and text."""
    language, dot, text = key.removeprefix(_TRANSLATION).partition(".")
    if key.startswith(_TRANSLATION) and dot and language in LANGUAGES:
        return f"{LANGUAGES[language]}: {text}"
    return word(FACTS, key.removeprefix("validate."))
