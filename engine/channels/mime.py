"""What a mail says: read from its bytes without ever failing, however broken they are.

A mail is a customer's, or a machine's (an automatic answer, a report that a mail of ours did not arrive), or
one that nobody without a key can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import getaddresses
from typing import Final

from charset_normalizer import from_bytes
from lxml import etree, html

MOST_TEXT: Final = 20_000
MOST_HEADER: Final = 20_000
MOST_PARTS: Final = 200
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_WIDER: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252",
    "us-ascii": "utf-8",
}
"""What is sent under a narrow name is often in its wider form: characters beyond GB 2312, cp1252 quotes."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MANY_LINES = re.compile(r"\n{3,}")
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "pre"}
)
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_SEALED: Final = frozenset({"multipart/encrypted", "application/pgp-encrypted"})
_SMIME: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NO_FILES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Returned:
    """A report that a mail of ours was not delivered (RFC 3464): its Message-ID, and the status code."""

    message_id: str
    status: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail taken apart. Texts are personal data; `message_id` and `thread` hold the angle brackets."""

    message_id: str
    thread: tuple[str, ...]
    address: str
    name: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attached: tuple[Attached, ...] = ()
    returned: Returned | None = None
    is_automatic: bool = False
    is_sealed: bool = False
    is_broken: bool = False


def read_mail(raw: bytes) -> ReceivedMail:
    """Return what a mail says. Whatever cannot be read is left out; `is_broken` tells that something was."""
    message, whole = _parsed(raw)
    parts = list(_parts(message))
    name, address = _sender(message)
    text, broken = _text(parts)
    sealed = any(_is_sealed(part) for part in parts)
    return ReceivedMail(
        message_id=_first_id(_header(message, "Message-ID")),
        thread=_thread(message),
        address=address,
        name=name,
        subject=_one_line(_header(message, "Subject"))[:300],
        text=text,
        attached=() if sealed else tuple(_attached(parts)),
        returned=_returned(message, parts),
        is_automatic=_is_automatic(message, address),
        is_sealed=sealed,
        is_broken=broken or not whole or bool(message.defects) or len(parts) >= MOST_PARTS,
    )


class _Bounded(Compat32):
    """The parser's rules, with headers cut to a length: reading one takes the square of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MOST_HEADER]


_RULES: Final = _Bounded()


def _parsed(raw: bytes) -> tuple[Message, bool]:
    """Return the message, and whether its parts could be told apart: nested without end they cannot."""
    try:
        return BytesParser(policy=_RULES).parsebytes(raw), True
    except RecursionError:
        return BytesParser(policy=_RULES).parsebytes(raw, headersonly=True), False


def _parts(message: Message) -> Iterator[Message]:
    """Give the leaves in order; what is inside a forwarded mail belongs to that one."""
    left = [message]
    count = 0
    while left and count < MOST_PARTS:
        part = left.pop(0)
        count += 1
        inner = _inner(part)
        if part.get_content_maintype() == "multipart" and inner:
            left[:0] = inner
            if part.get_content_type() in _SEALED:
                yield part
        else:
            yield part


def _inner(part: Message) -> list[Message]:
    """Return the messages within a part; a leaf is not decoded for it."""
    held = part.get_payload() if part.is_multipart() else []
    return [each for each in held if isinstance(each, Message)]


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    try:
        pieces = decode_header(value)
    except Exception:  # noqa: BLE001 - a header may be broken in any way; its raw text is better than none
        return _CONTROL.sub("", str(value))
    return _CONTROL.sub(
        "",
        "".join(
            piece
            if isinstance(piece, str)
            else decoded(piece, charset if charset != "unknown-8bit" else None)
            for piece, charset in pieces
        ),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sender(message: Message) -> tuple[str, str]:
    for header in ("Reply-To", "From", "Sender"):
        for name, address in _addresses(_header(message, header)):
            if _ADDRESS.fullmatch(address):
                return _one_line(name)[:100], address[:200]
    said = _one_line(_header(message, "From"))
    return said[:100], ""


def _addresses(text: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([text])
    except RecursionError:  # comments nested without end
        return []


def _first_id(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found.group() if found else ""


def _thread(message: Message) -> tuple[str, ...]:
    said = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(said)))[:100]


def decoded(content: bytes, charset: str | None) -> str:
    """Return bytes as text: as declared, else as they most likely are; never fails.

    Some codecs give halves of characters, which nothing else takes: they are replaced.
    """
    for name in (_WIDER.get((charset or "").lower(), charset), "utf-8"):
        try:
            return content.decode(name or "utf-8").encode("utf-8", "replace").decode()
        except (LookupError, ValueError):
            continue
    try:
        best = from_bytes(content[:50_000], cp_isolation=["gb18030", "big5", "utf_8"]).best()
        return content.decode(best.encoding if best else "gb18030", "replace")
    except (LookupError, ValueError):
        return content.decode("gb18030", "replace")


def _content(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - a transfer encoding may be broken in any way
        return b""
    return payload if isinstance(payload, bytes) else b""


def _is_text(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _text(parts: list[Message]) -> tuple[str, bool]:
    """Return what is to be read, plain before HTML, and whether something could not be."""
    plain = [part for part in parts if _is_text(part, "text/plain")]
    said = "\n\n".join(_decoded_part(part) for part in plain).strip()
    if not said:
        said = "\n\n".join(_text_of_html(part) for part in parts if _is_text(part, "text/html"))
    broken = any(part.defects for part in parts) or "\ufffd" in said
    tidy = _MANY_LINES.sub("\n\n", _CONTROL.sub("", said.replace("\r\n", "\n"))).strip()
    return tidy, broken


def _decoded_part(part: Message) -> str:
    charset = part.get_param("charset")
    return decoded(_content(part), charset if isinstance(charset, str) else None)


def _text_of_html(part: Message) -> str:
    source = _decoded_part(part)
    if not source.strip():
        return ""
    try:
        root = html.document_fromstring(
            source.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
        )
    except (etree.ParserError, ValueError):
        return ""
    for node in root.iter("script", "style", "head", "title"):
        node.text = ""
        for inner in list(node):
            node.remove(inner)
    for node in root.iter(*_BLOCKS):
        node.tail = "\n" + (node.tail or "")
    lines = (line.strip() for line in "".join(str(each) for each in root.itertext()).splitlines())
    return "\n".join(lines).strip()


def _attached(parts: list[Message]) -> Iterator[Attached]:
    for number, part in enumerate(parts, 1):
        named = part.get_filename()
        if part.get_content_disposition() != "attachment" and not named:
            continue
        if part.get_content_type() in _NO_FILES:
            continue
        name = _one_line(_name_of(named)) or f"attachment-{number}"
        content = _content(part)
        if content:
            yield Attached(name[:150], part.get_content_type(), content)


def _name_of(named: str | None) -> str:
    message = Message()
    message["Subject"] = (named or "").replace("\n", " ").replace("\r", " ")
    return _header(message, "Subject")


def _is_sealed(part: Message) -> bool:
    kind = part.get_content_type()
    if kind in _SMIME:
        return part.get_param("smime-type") != "signed-data"
    return kind in _SEALED


def _is_automatic(message: Message, address: str) -> bool:
    """Whether a machine wrote it (RFC 3834, and what mail programs set before it)."""
    auto = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        auto not in ("", "no")
        or _header(message, "Precedence").strip().lower() in _BULK
        or any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or address.partition("@")[0].lower() in ("mailer-daemon", "postmaster")
    )


def _returned(message: Message, parts: list[Message]) -> Returned | None:
    """Read a report that a mail of ours was not delivered; None where it is none or says of success."""
    if message.get_content_type() != "multipart/report":
        return None
    status, action = "", ""
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                status = _one_line(_header(block, "Status")).partition(" ")[0] or status
                action = _one_line(_header(block, "Action")).lower() or action
    if action in ("delivered", "relayed", "expanded"):
        return None
    return Returned(_returned_id(parts), status[:16], action != "delayed") if action else None


def _blocks(part: Message) -> list[Message]:
    if part.is_multipart():
        return _inner(part)
    return [
        BytesParser(policy=_RULES).parsebytes(block, headersonly=True)
        for block in _content(part).split(b"\n\n")
    ]


def _returned_id(parts: list[Message]) -> str:
    for part in parts:
        kind, inner = part.get_content_type(), _inner(part)
        if kind == "message/rfc822" and inner:
            return _first_id(_header(inner[0], "Message-ID"))
        if kind == "text/rfc822-headers":
            return _first_id(
                _header(BytesParser(policy=_RULES).parsebytes(_content(part), headersonly=True), "Message-ID")
            )
    return ""
