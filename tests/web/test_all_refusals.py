"""No refusal that a page can show is written in English alone: they are found in the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT
from web.messages import PATTERNS
from web.translations import read_catalogue

KINDS = {
    *("InvalidInput", "Conflict", "Forbidden", "NotFound", "TooMany", "FormRefused", "StepFailed"),
    "MailboxAway",
}
# Said to programs, to operators at the command line, or to process owners about what they drew.
ELSEWHERE = (
    *("engine/cli/", "engine/backup/", "engine/store/", "engine/audit/", "engine/privacy/", "engine/feel/"),
    *("engine/models/", "engine/decisions/", "engine/runtime/spiff/", "engine/runtime/bundles.py"),
    *("engine/documents/rotation.py", "engine/cases/reindexing.py"),
    *("engine/domain/", "engine/cases/csv_import.py", "engine/channels/signing.py", "engine/read/"),
    *("engine/jobs/", "engine/runtime/commands/finish_job.py", "web/api/", "web/gateways/"),
)
# Mistakes of ours or of a hand-made request, which no form of the pages can send.
NEVER_SHOWN = frozenset(
    {
        "a file of the kind 7 is never '7': 7",
        "a registration began without its complaint",
        "a score sheet is about one of 7",
        "figures are broken down by 7",
        "no such column: 7",
        "no text message has the id 7",
        "part takes one of 7",
        "role 7",
        "status 7",
        "takes 7",
        'the body is to be {"variables": {...}}',
        "the decision 7 gives 7 for 7",
        "the instance of complaint 7 has no complaint",
        "the limit drawn for grade 7, '7', gives no instant but '7'",
        "the occasion 7",
        "the token is not valid (any more); make one with `redress token create USER`",
        "this address is closed: its view declares nobody who may call it",
    }
)


def text_of(node: ast.expr, names: dict[str, str]) -> str | None:
    """What a message says, with a 7 for each thing that it is given; None where that cannot be told."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
        told = text_of(node.args[0], names)
        return told and re.sub(r"\{\w+\}", "7", told)
    if not isinstance(node, ast.JoinedStr):
        return None
    quoted = {True: "'7'", False: "7"}
    return "".join(
        str(part.value)
        if isinstance(part, ast.Constant)
        else quoted[getattr(part, "conversion", 0) == ord("r")]
        for part in node.values
    )


def told_by_field(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Dict):
        yield from (each for value in node.values if isinstance(value, ast.List) for each in value.elts)


def messages_of(function: ast.AST) -> Iterator[ast.expr | tuple[str, ast.expr]]:
    """The messages that a function raises or keeps by field; names that it gives texts, as they come."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            into = node.targets[0].value
            if isinstance(into, ast.Name) and into.id == "errors" and isinstance(node.value, ast.List):
                yield from node.value.elts
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            called = node.exc.func
            if isinstance(called, ast.Name) and called.id in KINDS:
                yield from node.exc.args[:1]
                yield from (each for argument in node.exc.args[1:] for each in told_by_field(argument))


def refusals(path: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(path.read_text())):
        names: dict[str, str] = {}
        for found in messages_of(function) if isinstance(function, ast.FunctionDef) else ():
            name, node = found if isinstance(found, tuple) else ("", found)
            told = text_of(node, names)
            if name and told:
                names[name] = told
            elif told:
                yield told


def test_every_refusal_that_a_page_can_show_has_words_in_chinese() -> None:
    known = {message.id for message in read_catalogue("zh_Hant") if isinstance(message.id, str)}
    wrong, looked_at = [], 0
    for path in (*ROOT.glob("engine/**/*.py"), *ROOT.glob("web/**/*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(ELSEWHERE):
            continue
        for told in set(refusals(path)) - NEVER_SHOWN:
            looked_at += 1
            if told not in known and not any(pattern.fullmatch(told) for _, pattern in PATTERNS):
                wrong.append((place, told))
    assert wrong == [], "add them to web/refusals.py or web/rarer_refusals.py and translate them"
    assert looked_at > 300
