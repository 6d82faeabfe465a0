"""What the parsers of XML, JSON, TOML and regular expressions stumble over, in sentences of our own.

Their own words are English and meant for who knows the grammar: they stand behind ours.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Final

from lxml import etree

from engine.errors import Message

_XML: Final[Mapping[int, Message]] = {
    4: Message("the file is empty, or does not begin with an element"),
    5: Message("something stands behind the end of the outermost element; remove it"),
    9: Message("a character stands here that XML does not allow; remove it"),
    26: Message("XML does not know this entity; write the character itself, or & as &amp;"),
    38: Message("write < within an attribute as &lt;"),
    39: Message("the value of an attribute stands in quotes"),
    41: Message('an attribute needs a value: name="value"'),
    42: Message("an attribute stands twice in one element; remove one"),
    64: Message("the XML declaration belongs at the very beginning of the file"),
    68: Message("write & as &amp; and < as &lt; where they are meant as characters"),
    73: Message("an element is not closed; > is missing"),
    76: Message("an element is closed that was not opened last; close the inner one first"),
    77: Message("the file ends before every element is closed"),
    201: Message("the prefix of a name is not declared; add its xmlns: to the outermost element"),
}
"""By the number that libxml2 gives each mistake (xmlError.h)."""
_JSON: Final[Mapping[str, Message]] = {
    "Expecting property name enclosed in double quotes": Message(
        "a name in double quotes belongs here; remove the comma before a closing brace"
    ),
    "Expecting ',' delimiter": Message("a comma is missing, or a bracket is not closed"),
    "Expecting ':' delimiter": Message("a colon is missing between a name and its value"),
    "Expecting value": Message("a value is missing; remove the comma before a closing bracket"),
    "Extra data": Message("something stands behind the end of the outermost object; remove it"),
    "Invalid control character at": Message("a line ends within a text; write it as \\n"),
    "Invalid \\escape": Message("write a backslash within a text as two"),
    "Unterminated string starting at": Message("a text is not closed; a double quote is missing"),
}
_TOML: Final[Mapping[str, Message]] = {
    "Invalid value": Message("this is no value; texts stand in quotes"),
    "Invalid statement": Message("this is no key with a value, and no table"),
    "Expected '=' after a key in a key/value pair": Message("= is missing between a key and its value"),
    "Expected newline or end of document after a statement": Message("one line holds one key with its value"),
    "Cannot overwrite a value": Message("a key stands twice; remove one"),
    "Cannot declare": Message("a table stands twice; put them together"),
    "Unclosed array": Message("a list is not closed; ] is missing"),
    "Unclosed inline table": Message("a table is not closed; its closing brace is missing"),
    "Illegal character": Message("a character stands here that is not allowed, or a text is not closed"),
    "Unterminated string": Message("a text is not closed; its quote is missing"),
}
_REGEX: Final[Mapping[str, Message]] = {
    "look-behind requires fixed-width pattern": Message("what is looked behind for has no fixed length"),
    "the repetition number is too large": Message("a number of repetitions is too large"),
    "invalid group reference": Message("there is no group of that number"),
    "bad character range": Message("a range of characters runs backwards"),
    "min repeat greater than max repeat": Message("a repetition's least is more than its most"),
}
_ELSE: Final = Message("what stands here cannot be read")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def told_of_xml(error: etree.XMLSyntaxError) -> Message:
    """Return where and why XML is not well-formed, and what to do."""
    line, column = error.position
    said = (
        str(error).removesuffix(f" (<string>, line {line})").removesuffix(f", line {line}, column {column}")
    )
    return _told(line, column, _XML.get(getattr(error, "code", 0), _ELSE), said)


def told_of_json(error: json.JSONDecodeError) -> Message:
    """Return where and why JSON cannot be read, and what to do."""
    return _told(error.lineno, error.colno, _JSON.get(error.msg, _ELSE), error.msg)


def told_of_toml(error: tomllib.TOMLDecodeError, text: str) -> Message:
    """Return where and why the TOML of `text` cannot be read, and what to do."""
    said = str(error)
    place = _PLACE.search(said)
    if place is None or place[1] is None:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    else:
        line, column = int(place[1]), int(place[2])
    said = _PLACE.sub("", said)
    return _told(line, column, _starting(_TOML, said), said)


def told_of_pattern(error: re.error | OverflowError) -> Message:
    """Return what is wrong with a regular expression; no place, since it is checked in another writing."""
    said = error.msg if isinstance(error, re.error) else str(error)
    return Message("{what} (the parser says: {said})", what=_starting(_REGEX, said), said=said)


def _starting(known: Mapping[str, Message], said: str) -> Message:
    return next((told for start, told in known.items() if said.startswith(start)), _ELSE)


def _told(line: int, column: int, what: Message, said: str) -> Message:
    return Message(
        "line {line}, column {column}: {what} (the parser says: {said})",
        line=line,
        column=column,
        what=what,
        said=said,
    )
