"""What a parser stumbles over is told in the reader's language, with its place and what to do."""

from __future__ import annotations

import pytest

from engine.errors import Message, ModelRefused
from engine.models.forms.file import load_json
from engine.models.forms.patterns import PatternRefused, compile_pattern
from engine.models.settings import read_settings
from engine.models.translations import translator
from engine.models.xml import parse_model


def refused(path: str, content: bytes) -> Message:
    def read() -> object:
        if path.endswith(".toml"):
            return read_settings({path: content})
        return (parse_model if path.endswith(".bpmn") else load_json)(content, path)

    with pytest.raises(ModelRefused) as caught:
        read()
    return caught.value.findings[0].message


@pytest.mark.parametrize(
    ("path", "content", "english", "chinese"),
    [
        (
            "a.bpmn",
            b"<a>\n<b></a>",
            "line 2, column 8: an element is closed that was not opened last",
            "第 2 行第 8 列：開始與結束標籤不相配",
        ),
        ("a.bpmn", b"<a>&nbsp;</a>", "does not know this entity", "XML 沒有這個實體"),
        ("a.bpmn", b"<x:a/>", "the prefix of a name is not declared", "名稱的前綴沒有聲明"),
        ("a.bpmn", b"<a", "an element is not closed", "缺少 >"),
        (
            "a.form",
            b'{"a": 1,\n}',
            "line 2, column 1: a name in double quotes",
            "第 2 行第 1 列：此處須為加雙引號",
        ),
        ("a.form", b'{"a": 1 "b"}', "a comma is missing", "缺少逗號"),
        ("process.toml", b"a = 1\nb = c", "line 2, column 5: this is no value", "第 2 行第 5 列：這不是值"),
        ("process.toml", b"a = [1", "a list is not closed", "清單沒有結束"),
        ("process.toml", b"a = 1\na = 2", "a key stands twice", "鍵重複"),
    ],
)
def test_a_file_that_cannot_be_parsed(path: str, content: bytes, english: str, chinese: str) -> None:
    message = refused(path, content)
    assert english in message
    told = message.said(translator("zh_Hant"))
    assert chinese in told
    assert "解析器原文：" in told


@pytest.mark.parametrize(
    ("pattern", "english", "simplified"),
    [
        ("[z-a]", "runs backwards", "先后颠倒"),
        ("a{3,1}", "least is more than its most", "下限大于上限"),
    ],
)
def test_a_pattern_that_is_none(pattern: str, english: str, simplified: str) -> None:
    with pytest.raises(PatternRefused) as caught:
        compile_pattern(pattern)
    assert english in caught.value.said
    assert simplified in caught.value.said.said(translator("zh_Hans"))
