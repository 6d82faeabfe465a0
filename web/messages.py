"""What checks say of what was entered, in the language of the page."""

from __future__ import annotations

import re
from typing import Any, Final

from engine.errors import Message, Name, Refusal
from engine.models.translations import translator
from web import accountability_terms, measures
from web.connection_words import CONNECTION_FAILURES
from web.gettext import gettext, marked
from web.gettext import lazy_gettext as _
from web.language import current_language
from web.rarer_refusals import RARER
from web.refusals import REFUSALS
from web.words import (
    INSTANCE_STATES,
    JOB_STATES,
    PARTNER_KINDS,
    ROLES,
    STATUSES,
    TASK_STATES,
    WAITS,
    Words,
    word,
)

MESSAGES: Final[tuple[Any, ...]] = (
    # What checks say by themselves, so that the pages can say it in their language.
    _("Missing data for required field."),
    _("Not a valid email address."),
    _("Not a valid integer."),
    _("Not a valid number."),
    _("write the amount in digits, such as 1234.50"),
    _("Not a valid string."),
    _("Not a valid datetime."),
    _("Field may not be null."),
    _("Shorter than minimum length 1."),
    _("no such channel"),
    _("say why"),
    _("holds no valid training (R67); choose another"),
    _("say where the proof lies"),
    _("choose at least one content"),
    _("takes a whole number from 0 to 100"),
    _("the training cannot be entered: see the fields"),
    _("say what it is about"),
    _("say what is to be published, in at most 200 characters"),
    _("give the number of the regulator's letter, in at most 100 characters"),
    _("the regulator's letter cannot be entered: see the fields"),
    _("the inquiry cannot be entered: see the fields"),
    _("takes the day of receipt or a later one"),
    _("the period is not over yet"),
    _("say why, in 1000 characters"),
    _("the session cannot be planned: see the fields"),
    _("takes today or a later day"),
    _("say what was spoken about"),
    _("tells who somebody is (a number or an address); write that under the customer or the content"),
    _("lies in the future"),
    _("a period is a month, a quarter or a year: 2026-03, 2026-Q1, 2026"),
    _("give the number under which it is known"),
    _("tells who somebody is; give a number of the case instead"),
    _("tells who somebody is (a number or an address); leave that out"),
    _("this is kept where many read it: see the fields"),
    _("who placed a hold does not lift it: ask a colleague"),
    _("who proposed a disposal does not decide on it: ask a colleague"),
    _("the case cannot be held: see the fields"),
    _("this is not your password"),
    _("too many wrong passwords: your account is locked for fifteen minutes"),
    _("a password has 8 to 200 characters"),
    _("the user name"),
    _("this code is not right; is the clock of your device right?"),
    _("the device's answer was not accepted; try again"),
    _("this passkey is not known here; log in with your password and add it on your account's page"),
    _("this passkey is known already"),
    _("the push service of this browser is not one that this system speaks to"),
    _("the browser gave keys that nothing can be encrypted with"),
    _("2 to 63 small letters, digits, '.', '_' or '-', beginning with a letter"),
    _("a user name is needed"),
    _("a name to show is needed"),
    _("at least one role is needed"),
    _("nobody can be their own superior, not by way of others either"),
    _("there is no such active user"),
    _("there is no such department"),
    _("2 to 64 letters, digits and hyphens"),
    _("a name is needed"),
    _("a department cannot stand above itself"),
    _("people work in this department; give them another one first"),
    _("the account cannot be saved: see the fields"),
    _("the department cannot be saved: see the fields"),
    _("nobody changes their own roles: ask another administrator"),
    _("nobody changes their own account: ask another administrator"),
    _("lies in the future; give the instant at which the complaint reached us"),
    _("Unknown field."),
    _("Invalid input type."),
    _("Not a valid mapping type."),
    _("Not a valid boolean."),
    _("Not a valid date."),
    _("Not a valid aware datetime."),
    _("Number too large."),
    _("String does not match expected pattern."),
    _("say something: this is empty"),
    _("no such department"),
    _("nobody of this name handles complaints"),
    _("say why the grade changes"),
    _("say what keeps us from answering in time"),
    _("give a phone number or an e-mail address, so that we can answer"),
    _("needed for the way of answering that you chose"),
    _("that is no phone number"),
    _("choose one of the five"),
    _("choose a file"),
    _("choose at least one file"),
    _("the file is empty"),
    _("there is no such instance, or it is not one that you may see"),
    _("there is no such instance"),
    _("there is no such task, or it is not one that you may see"),
    _("there is no such task"),
    _("there is no such deployed process"),
    _("the new date is no extension"),
    _("the new date is too far away"),
    _("an extension needs a reason"),
    _("a moment lies in the future"),
    _("a row stands there twice"),
    _("who placed a hold does not lift it: ask a colleague"),
    _("this hold was lifted before"),
    _("who proposed a disposal does not decide on it: ask a colleague"),
)
# The same with what they were given: `{name}` stands for any text.
_TEMPLATES: Final[tuple[str, ...]] = (
    marked("Must be one of: {choices}."),
    marked("Must be greater than or equal to {min} and less than or equal to {max}."),
    marked("Must be greater than or equal to {min}."),
    marked("Length must be between {min} and {max}."),
    marked("Longer than maximum length {max}."),
    marked("Shorter than minimum length {min}."),
    marked("no such channel; there are {names}"),
    marked("takes a day after {day}, the present last day"),
    marked("takes a day up to {day}, {most} days after the present last day"),
    marked("there is no complaint {no}, or it is not one that you may see"),
    marked("there is no complaint {no}"),
    marked("complaint {no} has grade {grade} already"),
    marked("complaint {no} is {status}; this is possible only before the result is sent"),
    marked("there is no archive of {no}"),
    marked("the archive of {no} was disposed of before"),
    marked("the archive of {no} is to be kept until {until}"),
    marked("there is no document {name}"),
    marked("{who} has taken the task {name} already"),
    marked("nobody has taken the task {name}"),
    marked("the task {name} is open to no group; assign it to somebody else instead"),
    marked("the task {name} is no longer open: it was {state} meanwhile"),
    marked("the task {name} is not yours"),
    marked("the task {name} is for {groups}"),
    marked("the task {name} is {who}'s"),
    marked("only who has the task {name} can delegate it; claim it first"),
    marked("assigning the task {name} needs a supervisor"),
    marked("four eyes: you asked for what {name} decides; somebody else must do it"),
    marked(
        "{who} holds no valid training, which the task {name} takes (R67): attend a session and pass its "
        "test, or have complaint management enter the one you passed"
    ),
    marked("the figures of {month} are not frozen yet; a return is made of frozen figures"),
    marked(
        "the figures of {month} were frozen by an earlier release, without the rows that a return is made of"
        "; freeze this month again"
    ),
    marked(
        "a correction of {no} would be the same file: the frozen figures of {months} say what was filed; "
        "mend the data, freeze the month again, then correct the return"
    ),
    marked("complaint {no} is reported under {report} already"),
    marked("complaint {no} is not registered yet; its grade is still to be decided"),
    marked("this letter is entered under {no} already"),
    marked("the return of {period} is {no}; correct that one"),
    marked("{no} is corrected by {later} already"),
    marked("{no} is not filed yet: mend it and generate it again"),
    marked("{no} is about no case, so there is nothing to pack"),
    marked("the review of {no} has not released the pack: it says what may be given (R61)"),
    marked("the measure {no} is not carried out yet"),
    marked("complaint {no} is not answered yet: draft a first or interim report"),
    marked("takes 1 to {most} characters"),
    marked("this training of {who} stands in the register already"),
    marked("{who} may not do this: it takes the permission {permission}"),
    marked("lies before {day}; give the instant at which it reached us"),
    marked("there is no active user {name}"),
    marked("takes at most {most} files"),
    marked("there are {most} devices already; remove one first"),
    marked("files of the kind {extension} are not taken; what is: {list}"),
    marked("the content is no {kind}, although the file is named {extension}"),
    marked("the file is named {extension} but was declared as {type}; send it under its own type"),
)
PATTERNS: Final = tuple(
    (template, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL))
    for template in (*_TEMPLATES, *REFUSALS, *RARER)
)
_STATES: Final = {**INSTANCE_STATES, **TASK_STATES, **JOB_STATES, **STATUSES}
_PROBLEM: Final = re.compile(
    rf"({'|'.join(WAITS)}) ('[^']*') (.*?)(?:; (?=(?:{'|'.join(WAITS)}) ')|$)", re.DOTALL
)
_QUOTED: Final = {"zh-Hant": "「{}」", "zh-Hans": "“{}”", "en": "“{}”"}
_CHOICES: Final[tuple[Words, ...]] = (
    accountability_terms.CAUSES,
    accountability_terms.ROLES,
    accountability_terms.MEASURES,
    measures.METRICS,
    measures.OCCASIONS,
    PARTNER_KINDS,
)
"""The closed lists whose values messages name as what a field takes."""
_GIVEN_STATES: Final = frozenset({"status", "state", "wanted", "before", "after"})


def message(text: str) -> str:
    """Return a message of a check in the page's language, where it is known."""
    if isinstance(text, Refusal):
        parts = {name: _part(name, part) for name, part in text.params.items()}
        return gettext(text.msgid).format(**parts)
    if isinstance(text, Message):
        return text.said(_words_of)
    for template, pattern in PATTERNS:
        if found := pattern.fullmatch(text):
            parts = {name: _part(name, part) for name, part in found.groupdict().items()}
            return gettext(template).format(**parts)
    return gettext(text) if text else ""


def _words_of(template: str) -> str:
    """Return a template in the page's language: of the checks of models, or of forms."""
    told = translator(current_language().replace("-", "_"))(template)
    return told if told != template else gettext(template)


def _problems(text: str) -> str:
    """Return what keeps an instance from being migrated, item by item; '' where the text is none such."""
    found = list(_PROBLEM.finditer(text))
    if not found or current_language() == "en":
        return ""
    told = (
        f"{word(WAITS, kind)} {element} {message(problem)}"
        for kind, element, problem in map(re.Match.groups, found)
    )
    return "；".join(told)


def _choices(names: list[str]) -> str:
    """Return the values of a closed list by their words; as they are where no list holds them all."""
    table: Words = next((each for each in _CHOICES if each.keys() >= set(names)), {})
    between = ", " if current_language() == "en" else "、"
    return between.join(str(table.get(name, name)) for name in names)


def _part(name: str, text: str) -> str:
    """Return what a message was given: another message, a value that has a word, or a text as it is."""
    if isinstance(text, Name):
        return _QUOTED[current_language()].format(
            text.labels.get(current_language()) or text.labels["zh-Hant"]
        )
    if name == "said":
        return _problems(text) or message(text)
    if name == "groups":
        return ", ".join(str(word(ROLES, group)) for group in text.split(", "))
    if name in ("choices", "measures"):
        return _choices(text.split(", "))
    if name == "role":
        return word(accountability_terms.ROLES, text)
    if name == "cause":
        return word(CONNECTION_FAILURES, text)
    if name in _GIVEN_STATES and current_language() != "en":
        return word(_STATES, text)
    return text
