"""What of a mail becomes the content of a case: subject and text, and in plain words what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from engine.cases.intake import MOST_TEXT, read_intake
from engine.channels.mime import ReceivedMail
from engine.domain.complaint import Channel
from engine.errors import InvalidInput

SOURCE: Final = "mail"
NOTES: Final[Mapping[str, str]] = {
    "sealed": "【此郵件已加密，系統無法讀取；請以公司密鑰打開原件。】",
    "broken": "【此郵件格式有誤，部分內容可能缺失；請核對原件。】",
    "too-large": "【此郵件過大，僅收下開頭部分；完整原件仍在郵箱中。】",
    "refused-files": "【部分附件的格式不予單獨收存；見原件。】",
    "cut": "【內文過長，此處只錄開頭；見原件。】",
}
_EMPTY: Final = "（郵件沒有文字內容；見原件。）"
_NOBODY: Final = "（未具名）"
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]{3,}")


def said_in(mail: ReceivedMail, notes: Sequence[str]) -> str:
    """Return subject and text with the notes before them, never longer than a case takes."""
    head = "\n".join(NOTES[note] for note in notes if note in NOTES)
    said = "\n\n".join(each for each in (head, mail.subject, mail.text) if each) or _EMPTY
    if len(said) <= MOST_TEXT:
        return said
    return said[: MOST_TEXT - len(NOTES["cut"]) - 2] + "\n\n" + NOTES["cut"]


def intake_of(
    mail: ReceivedMail, received_at: datetime, identity: str, notes: Sequence[str]
) -> dict[str, Any]:
    """Return the checked intake of a mail: whatever the sender wrote, it can be registered (R9)."""
    intake: dict[str, Any] = {
        "channel": str(Channel.EMAIL),
        "received_at": received_at.isoformat(),
        "content": said_in(mail, notes),
        "customer": {"name": mail.name or mail.address.partition("@")[0][:100] or _NOBODY},
        "preferred_contact": "email",
        "language": _language(mail.subject + mail.text),
        "source": SOURCE,
        "source_ref": identity,
    }
    try:
        return read_intake(intake | {"customer": intake["customer"] | {"email": mail.address}})
    except InvalidInput:  # an address that cannot be answered is no reason to lose a complaint
        return read_intake(intake)


def _language(text: str) -> str | None:
    return "en" if _LATIN.search(text) and not _CHINESE.search(text) else None
