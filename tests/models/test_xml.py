"""Model files are parsed without trusting them."""

from __future__ import annotations

import pytest

from engine.errors import ModelRefused
from engine.models.xml import MAX_BYTES, parse_model


def test_a_document_type_is_refused_before_any_entity_is_read() -> None:
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<x>&b;</x>'
    with pytest.raises(ModelRefused, match=r"m\.bpmn:1 error: a document type"):
        parse_model(bomb, "m.bpmn")


def test_an_outside_file_is_never_read() -> None:
    reader = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
    with pytest.raises(ModelRefused, match="a document type"):
        parse_model(reader, "m.bpmn")
    with pytest.raises(ModelRefused, match="a document type"):
        parse_model(b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>', "m.bpmn")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a><b></a>", "not well-formed"),
        (b"", "not well-formed"),
        (b"<a>" + b"<b>" * 130 + b"</b>" * 130 + b"</a>", "nested deeper"),
        (b"<a>" + b"<b/>" * 100_001 + b"</a>", "more than 100000 elements"),
        (b" " * (MAX_BYTES + 1), "the bound is"),
    ],
    ids=["open", "empty", "deep", "many", "large"],
)
def test_what_is_broken_or_past_the_bounds_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ModelRefused, match=message) as refused:
        parse_model(content, "m.bpmn")
    assert refused.value.findings[0].file == "m.bpmn"


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(ModelRefused) as refused:
        parse_model(b"<a>\n<b>\n</c>\n</a>", "m.bpmn")
    assert refused.value.findings[0].line == 3
