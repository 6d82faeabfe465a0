"""No check of models speaks English alone: its words are found in the sources, and heard in Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from engine.errors import Finding, Message
from engine.feel import FeelSyntaxError, compile_expression
from engine.models.forms import messages
from engine.models.lint import lint
from engine.models.settings import FamilySettings
from engine.models.translations import LOCALES, calls, extract, read_catalogue, translator
from tests.models.lint.drawn import ROLES, changed, family

SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}")
HAN = re.compile("[\u4e00-\u9fff]")
# What names of BPMN and of form-js, FEEL and file names say in every language.
SIGNS = frozenset(
    {"{label} {text}", "{label}: {text}", "{text}", "'{text}'", "{kind}: {said}", "{name}: {said}"}
    | {"{name}: {instead}", "camunda:{name}{shown}: {instead}", "validate.pattern: {said}"}
    | {
        "{place} {severity}: {said}",
        "{severity}: {said}",
        "',' or ')'",
        "',' or '>'",
        "',' or '}'",
        "']' or ')'",
    }
)


def said_by_forms(path: Path, template: ast.expr) -> bool:
    """Whether a template is one of the sentences of `engine.models.forms.messages`, imported by its name."""
    return isinstance(template, ast.Name) and any(
        template.id == name.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == messages.__name__
        for name in node.names
    )


def test_every_sentence_of_the_checks_is_written_out_and_given_what_it_asks_for() -> None:
    looked_at = 0
    for path, call in calls():
        [template] = call.args
        if not isinstance(template, ast.Constant):
            # Forms say what form-js says; those sentences lie in a catalogue of their own.
            assert path.parent.name == "forms" or said_by_forms(path, template), ast.unparse(call)
            continue
        asked = set(re.findall(r"\{(\w+)\}", template.value))
        given = {keyword.arg for keyword in call.keywords if keyword.arg}
        by_mapping = any(keyword.arg is None for keyword in call.keywords)
        assert given <= asked, ast.unparse(call)
        assert given == asked or by_mapping, ast.unparse(call)
        looked_at += 1
    assert looked_at > 400


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_has_words_in_both_chinese_scripts_about_the_same_things(locale: str) -> None:
    words = {str(message.id): str(message.string) for message in read_catalogue(locale) if message.id}
    wanted = set(extract())
    assert wanted == words.keys(), "bring them up to date with python -m web.translations"
    for template, told in words.items():
        assert set(re.findall(r"\{(\w+)\}", template)) == set(re.findall(r"\{(\w+)\}", told)), template
        assert HAN.search(told) or template in SIGNS, (template, told)


def broken() -> list[Finding]:
    """What is found in a family of which much is wrong."""
    files = family()
    diagram = files["complaint.bpmn"].decode()
    wrong = diagram.replace("<bpmn:conditionExpression", '<bpmn:conditionExpression x="1"')
    wrong = re.sub(r"(<bpmn:conditionExpression[^>]*>)[^<]*", r"\1= a == 1", wrong)
    wrong = re.sub(r'targetRef="[^"]*"', 'targetRef="nowhere"', wrong, count=1)
    wrong = re.sub(r'candidateGroups="[^"]*"', 'candidateGroups="nobody"', wrong)
    wrong = wrong.replace('formId="', 'formId="not-')
    files["complaint.bpmn"] = wrong.encode()
    files["register.form"] = b'{"components": [{"type": "number"}, {"type": "html"}, {"type": "odd"}]}'
    files["grade.dmn"] = files["grade.dmn"].replace(b"<text>", b"<text>(", 3)
    files["../notes.txt"] = b""
    return lint(files, roles=ROLES, settings=FamilySettings(lifecycle=True, require_labels=True))


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_wrong_is_told_in_chinese_to_the_last_word(locale: str) -> None:
    found = broken()
    assert len({finding.message.msgid for finding in found}) >= 10
    for finding in found:
        told = finding.told.said(translator(locale))
        assert HAN.search(told), told
        # What stands in quotes, in brackets of the place and behind = is the model's own text.
        own = re.sub(r"'[^']*'|（[^（）]*▸[^（）]*）", "", told.replace("redress lint --fix --layout", ""))
        assert not SENTENCE.search(own), told


def test_english_stays_what_the_command_line_and_the_log_say() -> None:
    [finding] = [
        each for each in changed('targetRef="', 'targetRef="no') if "does not exist" in each.message
    ][:1]
    assert finding.told.said(translator("en")) == str(finding)
    assert str(finding).startswith(f"complaint.bpmn:{finding.line} [")
    assert " error: the flow's targetRef 'no" in str(finding)


def test_a_value_that_looks_like_a_parameter_stays_as_it_is() -> None:
    said = Message("the name '{name}' is {what}", name="{what}", what=Message("none"))
    assert said == "the name '{what}' is none"
    assert said.said(translator("zh_Hant")) == "the name '{what}' is 沒有"


@pytest.mark.parametrize(
    ("text", "line", "column", "instead"),
    [
        ("a == 1", 1, 4, "compare with a single ="),
        ("a = 1 && b", 1, 7, "write and"),
        ("a || b", 1, 3, "write or"),
        ("!a", 1, 1, "write not(...), or != between two values"),
        ("a = 'x'", 1, 5, 'write texts in straight double quotes: "..."'),
        ("a = “x”", 1, 5, 'write texts in straight double quotes: "..."'),
        ("max（1, 2)", 1, 4, "write the half-width sign ("),
        ("{a: 1，b: 2}", 1, 6, "write the half-width sign ,"),
        ("a +\n  b) c", 2, 4, "take it out, or put right what stands before it"),
        ("1 +", 1, 4, "complete it"),
    ],
)
def test_a_mistake_in_feel_says_where_it_is_and_what_to_write(
    text: str, line: int, column: int, instead: str
) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    said = caught.value.said
    assert (said.params["line"], said.params["column"]) == (str(line), str(column)), said
    assert said.params["instead"] == instead, said
    before, behind = said.params["around"].split("▸")
    assert "".join(f"{before}{behind}".split()) == "".join(text.split())
