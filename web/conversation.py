"""Everything that was said between the customer and us, whatever the channel, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web import words
from web.answers import Answer
from web.casefile import CaseFile
from web.gettext import gettext
from web.language import colon

_FROM_US = ("notice", "extension")


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: when, from whom (`in` or `out`), over what, what it was, and what was said, masked or not."""

    at: datetime
    direction: str
    channel: str | None
    title: str
    text: str
    who: str
    reached: bool = True


def conversation(case: CaseFile) -> list[Said]:
    """Return the conversation about a case, the newest first."""
    return sorted([_intake(case), *_contacts(case), *_records(case)], key=lambda each: each.at, reverse=True)


def _intake(case: CaseFile) -> Said:
    row = case.row
    label = words.word(words.PERSONAL, "content")
    content = next((text for name, text in case.personal if name == label), "")
    return Said(row["received_at"], "in", row["channel"], gettext("Complaint received"), content, "")


def _contacts(case: CaseFile) -> Iterator[Said]:
    for each in case.contacts:
        title = words.word(words.DIRECTIONS, each["direction"])
        yield Said(
            each["at"],
            each["direction"],
            each["channel"],
            title,
            each["summary"],
            each["actor_name"],
            each["reached"],
        )


def _records(case: CaseFile) -> Iterator[Said]:
    for record, row in zip(case.records, case.row["records"], strict=True):
        values: dict[str, Any] = row["values"]
        if row["kind"] in _FROM_US:
            text = _lines(answer for answer in record.answers if not answer.documents)
            channel = values.get("used_contact") or values.get("told_by")
            yield Said(record.at, "out", channel, record.kind, text, record.actor)
        elif row["kind"] == "satisfaction":
            text = _lines(record.answers)
            yield Said(record.at, "in", None, record.kind, text, record.actor)


def _lines(answers: Iterable[Answer]) -> str:
    between = colon()
    return "\n".join(f"{answer.label}{between}{answer.text}" for answer in answers)
