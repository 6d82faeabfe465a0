"""Damaged files are refused with located messages, whatever was done to them; nothing breaks the check."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from engine.errors import Finding, ModelRefused
from engine.models.difference import compare
from engine.models.rewrite import rewrite
from engine.models.xml import parse_model
from engine.runtime.deploy import check_files
from tests.chance import SEED
from tests.models.camunda7.bundle import claim_files
from tests.models.damage import damage, damage_json
from tests.models.lint.drawn import family

DAMAGES = 300
ZONE = ZoneInfo("Asia/Shanghai")
OURS = Path("processes/complaint/regrade.bpmn")
FORM = Path("forms/complaint/register.form")
Damage = Callable[[random.Random, bytes], bytes]


def cut(choose: random.Random, content: bytes) -> bytes:
    return content[: choose.randrange(len(content))]


def flip(choose: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(choose.randint(1, 8)):
        changed[choose.randrange(len(changed))] = choose.randrange(256)
    return bytes(changed)


def lose(choose: random.Random, content: bytes) -> bytes:
    start = choose.randrange(len(content))
    return content[:start] + content[start + choose.randint(1, 400) :]


def double(choose: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = choose.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def rename(choose: random.Random, content: bytes) -> bytes:
    words = [
        b"id=",
        b"sourceRef=",
        b"targetRef=",
        b"bpmn:",
        b"xmlns:",
        b"process",
        b"Event",
        b"isExecutable",
        b"Ref",
    ]
    word = choose.choice(words)
    return content.replace(word, word[:-2] + b"x" + word[-1:], choose.randint(1, 5))


def swap_values(choose: random.Random, content: bytes) -> bytes:
    parts = content.split(b'"')
    values = range(1, len(parts) - 1, 2)
    for _ in range(choose.randint(1, 4)):
        parts[choose.choice(values)] = parts[choose.choice(values)]
    return b'"'.join(parts)


def encode(choose: random.Random, content: bytes) -> bytes:
    text = content.decode()
    wrong = choose.choice(["utf-16-le", "gb18030", "latin-1", "utf-32", "utf-7"])
    return text.encode(wrong, errors="replace")


def declare(choose: random.Random, content: bytes) -> bytes:
    name = choose.choice([b"UTF-16", b"ISO-8859-1", b"Big5", b"no-such-thing", b"ASCII"])
    return content.replace(b'encoding="UTF-8"', b'encoding="' + name + b'"', 1)


def redraw(choose: random.Random, content: bytes) -> bytes:
    root = parse_model(content, "drawn", comments=True)
    for _ in range(choose.randint(1, 4)):
        damage(root, choose)
    return etree.tostring(root)


DAMAGED: tuple[Damage, ...] = (redraw, cut, flip, lose, double, rename, swap_values, encode, declare)


def findings_of(files: dict[str, bytes]) -> list[Finding]:
    """Return why the files are refused; nothing where they are not."""
    try:
        check_files("damaged", "damaged", files, ZONE)
    except ModelRefused as error:
        return error.findings
    return []


@pytest.mark.parametrize("change", DAMAGED, ids=lambda change: change.__name__)
def test_whatever_is_done_to_a_file_the_answer_is_findings(change: Damage) -> None:
    choose = random.Random(f"{SEED} {change.__name__}")
    refused = 0
    for number in range(DAMAGES // len(DAMAGED)):
        name, whole = choose.choice(
            [("claim.bpmn", claim_files()), ("regrade.bpmn", {"regrade.bpmn": OURS.read_bytes()})]
        )
        files = whole | {name: change(choose, whole[name])}
        if choose.random() < 0.2 and "gravity.dmn" in files:
            files["gravity.dmn"] = change(choose, files["gravity.dmn"])
        found = findings_of(files)
        refused += bool(found)
        where = f"seed {SEED}, {change.__name__} {number}: {found}"
        assert all(each.file in files or each.code == "bundle.form-id" for each in found), where
        assert all(each.message for each in found), where
        rewrite(files, layout=True)
        if not found:
            compare(whole, files)
    assert refused, "no damage was found out"


@pytest.mark.parametrize("name", ["grade.dmn", "register.form"])
def test_whatever_is_done_to_a_table_or_form_the_answer_is_findings(name: str) -> None:
    choose = random.Random(f"{SEED} {name}")
    refused = 0
    for number in range(DAMAGES // 5):
        files = family()
        if name.endswith(".dmn"):
            files[name] = redraw(choose, files[name])
        else:
            form = json.loads(FORM.read_bytes())
            for _ in range(choose.randint(1, 4)):
                damage_json(form, choose)
            files[name] = json.dumps(form).encode()
        try:
            found = findings_of(files)
            if not found:
                compare(family(), files)
        except Exception as error:
            error.add_note(f"seed {SEED}, {name} {number}: {files[name].decode()}")
            raise
        refused += bool(found)
        assert all(each.file in files and each.message for each in found), found
    assert refused, "no damage was found out"


def broken(old: bytes, new: bytes) -> list[tuple[str, int | None, str]]:
    files = claim_files()
    assert old in files["claim.bpmn"]
    files["claim.bpmn"] = files["claim.bpmn"].replace(old, new, 1)
    with pytest.raises(ModelRefused) as error:
        check_files("broken", "broken", files, ZONE)
    assert all(each.file == "claim.bpmn" for each in error.value.findings)
    return [(each.element_id, each.line, each.message) for each in error.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "element", "line", "part"),
    [
        (b'targetRef="Rule"', b'targetRef="Rulf"', "Flow_2", 37, "Rulf"),
        (b'id="Rule"', b'id="Enter"', "Enter", 38, "twice"),
        (b'name="Claim received"', b'name="Claim \xff received"', "", 6, "UTF-8"),
        (b'encoding="UTF-8"', b'encoding="no-such-thing"', "", 1, "no-such-thing"),
        (b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', b"", "", 3, "camunda"),
        (b"<bpmn:outgoing>Flow_1</bpmn:outgoing>", b"<bpmn:outgoing>Flow_1", "", 8, "outgoing"),
    ],
)
def test_the_message_says_where(old: bytes, new: bytes, element: str, line: int, part: str) -> None:
    found = broken(old, new)
    assert any(
        each[0] == element and each[1] is not None and abs(each[1] - line) <= 1 and part in each[2]
        for each in found
    ), found
