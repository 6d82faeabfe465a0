"""Which files are taken, told by their content: a name or a declared type alone proves nothing.

Left out on purpose: what a browser would run (HTML, SVG), what can carry macros and does not say so (the old
Office formats, OOXML with macros), archives and programs.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, Literal

import puremagic

from engine.errors import InvalidInput, SealBroken

HEAD_BYTES = 4096
_MOST_PARTS = 5_000
_MOST_UNPACKED = 500 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of file that is taken."""

    name: str
    extensions: tuple[str, ...]
    signs: frozenset[str]
    """Extensions under which puremagic knows the content."""
    aliases: frozenset[str] = field(default_factory=frozenset)
    """Other names that browsers and mail programs declare for it."""
    check: Literal["signature", "office", "text"] = "signature"
    office_part: str = ""


def _signature(name: str, extensions: str, signs: str = "", aliases: str = "") -> MediaType:
    ends = tuple(extensions.split())
    return MediaType(name, ends, frozenset([*ends, *signs.split()]), frozenset(aliases.split()))


def _office(extension: str, kind: str) -> MediaType:
    name = f"application/vnd.openxmlformats-officedocument.{kind}"
    return MediaType(
        name, (extension,), frozenset({extension}), check="office", office_part=f"{name}.main+xml"
    )


def _text(name: str, extension: str, aliases: str = "") -> MediaType:
    return MediaType(name, (extension,), frozenset(), frozenset(aliases.split()), check="text")


MEDIA_TYPES: tuple[MediaType, ...] = (
    _signature("application/pdf", ".pdf", aliases="application/x-pdf"),
    _signature("image/jpeg", ".jpg .jpeg", ".jfif .jpe", "image/jpg image/pjpeg"),
    _signature("image/png", ".png", aliases="image/x-png"),
    _signature("image/gif", ".gif"),
    _signature("image/webp", ".webp"),
    _signature("image/tiff", ".tif .tiff", aliases="image/tif"),
    _signature("image/heic", ".heic .heif", aliases="image/heif"),
    _signature("audio/mpeg", ".mp3", ".mpga .koz", "audio/mp3 audio/mpeg3"),  # puremagic takes ID3 for .koz
    _signature("audio/wav", ".wav", aliases="audio/x-wav audio/wave audio/vnd.wave"),
    _signature("audio/amr", ".amr", aliases="audio/amr-wb"),
    _signature("audio/mp4", ".m4a", aliases="audio/x-m4a audio/m4a audio/aac"),
    _signature("audio/ogg", ".ogg", ".oga .ogv .ogx .opus", "application/ogg"),
    _signature("video/mp4", ".mp4"),
    _office(".docx", "wordprocessingml.document"),
    _office(".xlsx", "spreadsheetml.sheet"),
    _text("text/plain", ".txt"),
    _text("text/csv", ".csv", "text/plain application/csv application/vnd.ms-excel"),
    _text("message/rfc822", ".eml", "text/plain"),
)
_BY_EXTENSION = {extension: kind for kind in MEDIA_TYPES for extension in kind.extensions}


def expected_type(filename: str, declared: str | None) -> MediaType:
    """Return what a file of this name has to be. Raises InvalidInput where that is not taken or contradicts.

    `declared` is the Content-Type that came with it; none or application/octet-stream says nothing.
    """
    extension = PurePath(filename).suffix.lower()
    kind = _BY_EXTENSION.get(extension)
    if kind is None:
        raise _refused(
            f"files of the kind {extension or '(no extension)'} are not taken; "
            f"what is: {', '.join(sorted(_BY_EXTENSION))}"
        )
    told = (declared or "").partition(";")[0].strip().lower()
    if told not in _UNTOLD and told != kind.name and told not in kind.aliases:
        raise _refused(
            f"the file is named {extension} but was declared as {told}; send it under its own type"
        )
    return kind


def check_content(content: BinaryIO, kind: MediaType) -> None:
    """Check that `content` (seekable, clear) is what its name says. Raises InvalidInput."""
    content.seek(0)
    if kind.check == "text":
        _check_text(content, kind)
        return
    if not _signs_of(content.read(HEAD_BYTES)) & kind.signs:
        raise _refused(f"the content is no {kind.name}, although the file is named {kind.extensions[0]}")
    if kind.check == "office":
        _check_office(content, kind)


def _signs_of(head: bytes) -> frozenset[str]:
    """Return the extensions that match the content best; several formats may share a signature."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return frozenset()
    if any(match.extension == ".koz" for match in matches):
        return frozenset({".koz"})
    best = max((match.confidence for match in matches), default=0)
    return frozenset(match.extension for match in matches if match.confidence == best)


def _check_office(content: BinaryIO, kind: MediaType) -> None:
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as package:
            parts = package.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise _refused("the Office file unpacks to more than is taken")
            types = package.open("[Content_Types].xml").read(1024 * 1024).decode("utf-8", "replace")
    except SealBroken:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        EOFError,
    ) as error:
        raise _refused(
            "the Office file is damaged or protected by a password; save it again without"
        ) from error
    declared = set(re.findall(r'ContentType\s*=\s*"([^"]+)"', types))
    if any("macro" in name.lower() or "vba" in name.lower() for name in declared):
        raise _refused("the Office file contains macros; save it without them")
    if any(PurePath(part.filename).name.lower() == "vbaproject.bin" for part in parts):
        raise _refused("the Office file contains macros; save it without them")
    if kind.office_part not in declared:
        raise _refused(f"the content is no {kind.extensions[0]} file")


def _check_text(content: BinaryIO, kind: MediaType) -> None:
    if ".html" in _signs_of(content.read(HEAD_BYTES)):
        raise _refused(f"the content is HTML, although the file is named {kind.extensions[0]}")
    for encoding in ("utf-8-sig", "gb18030"):
        content.seek(0)
        if _reads_as(content, encoding):
            return
    raise _refused("the text is neither UTF-8 nor GB 18030, or holds control characters")


def _reads_as(content: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := content.read(65536):
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, {"file": [message]})
