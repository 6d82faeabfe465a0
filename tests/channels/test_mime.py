"""Mails that were made to be read by nobody: read all the same, and in time."""

from __future__ import annotations

import pytest

from engine.channels.mime import MOST_HEADER, ReceivedMail, read_mail

DEEP = 3000


def nested(levels: int) -> bytes:
    opened = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return b"From: a@example.com\r\nSubject: deep\r\n" + b"".join(opened) + b"\r\nhello\r\n"


def with_charset(name: bytes, content: bytes = b"abc\xff") -> bytes:
    return b'From: a@example.com\r\nContent-Type: text/plain; charset="' + name + b'"\r\n\r\n' + content


ODD = {
    "parts within parts": nested(DEEP),
    "mails within mails": b"From: a@example.com\r\nContent-Type: message/rfc822\r\n\r\n" * DEEP,
    "comments within comments": b"From: " + b"(" * DEEP + b" a@example.com\r\n\r\nhello",
    "a codec that replaces nothing": with_charset(b"idna"),
    "a codec that reads nothing": with_charset(b"undefined"),
    "a codec with a NUL in its name": with_charset(b"utf\0-8"),
    "halves of characters": with_charset(b"unicode_escape", b"\\ud800 and \\udfff"),
    "halves of characters in a header": b"Subject: =?unicode_escape?q?=5Cud800?=\r\n\r\nhello",
}


def texts(mail: ReceivedMail) -> list[str]:
    return [
        mail.message_id,
        mail.address,
        mail.name,
        mail.subject,
        mail.text,
        *(f.name for f in mail.attached),
    ]


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD.keys())
def test_no_mail_is_too_odd_to_be_read(raw: bytes) -> None:
    for text in texts(read_mail(raw)):
        text.encode()


def test_of_a_mail_that_is_nested_without_end_sender_and_subject_are_kept() -> None:
    mail = read_mail(nested(DEEP))
    assert (mail.address, mail.subject, mail.is_broken) == ("a@example.com", "deep", True)


def test_a_header_is_read_up_to_a_length_that_no_sender_needs() -> None:
    mail = read_mail(b"Subject: short\r\nReferences: " + b"<a@b> " * MOST_HEADER + b"<last@b>\r\n\r\nhello")
    assert (mail.subject, mail.text, mail.thread) == ("short", "hello", ("<a@b>",))
