"""Which files are taken: by content, name and declared type together."""

from __future__ import annotations

import io
import wave
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.documents.media_types import MEDIA_TYPES, check_content, expected_type
from engine.errors import InvalidInput

FILES = Path(__file__).parent / "files"
OOXML = "application/vnd.openxmlformats-officedocument."


def office_file(
    kind: str, *, part: str = "word/document.xml", extra: dict[str, bytes] | None = None
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/{part}" ContentType="{kind}"/></Types>',
        )
        package.writestr(part, "<document/>")
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return target.getvalue()


DOCX = office_file(OOXML + "wordprocessingml.document.main+xml")
XLSX = office_file(OOXML + "spreadsheetml.sheet.main+xml", part="xl/workbook.xml")


def recording() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x10" * 800)
    return target.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "投訴"
    message.set_content("客戶來信內容")
    return message.as_bytes()


TAKEN = {
    "receipt.jpg": (FILES / "receipt.jpg").read_bytes(),
    "RECEIPT.JPEG": (FILES / "receipt.jpg").read_bytes(),
    "receipt.png": (FILES / "receipt.png").read_bytes(),
    "receipt.gif": (FILES / "receipt.gif").read_bytes(),
    "receipt.webp": (FILES / "receipt.webp").read_bytes(),
    "receipt.tif": (FILES / "receipt.tif").read_bytes(),
    "合同.pdf": (FILES / "receipt.pdf").read_bytes(),
    "說明.docx": DOCX,
    "還款.xlsx": XLSX,
    "來電.wav": recording(),
    "來電.amr": b"#!AMR\n" + b"\x3c\x91\x17\x16\xbe" * 20,
    "來電.mp3": b"ID3\x03\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10 + b"\xff\xfb\x90\x64" * 30,
    "來信.txt": "客戶稱已還款，仍被催收。\r\n".encode(),
    "舊信.txt": "客戶稱已還款，仍被催收。".encode("gb18030"),
    "明細.csv": "日期,金額\n2026-11-24,120.00\n".encode("utf-8-sig"),
    "來信.eml": mail(),
}


def checked(name: str, content: bytes, declared: str | None = None) -> str:
    kind = expected_type(name, declared)
    check_content(io.BytesIO(content), kind)
    return kind.name


@pytest.mark.parametrize("name", TAKEN)
def test_real_files_of_the_allowed_kinds_are_taken(name: str) -> None:
    kind = checked(name, TAKEN[name])
    assert name.lower().endswith(next(each for each in MEDIA_TYPES if each.name == kind).extensions)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", TAKEN["receipt.png"], "the content is no application/pdf"),
        ("a.png", TAKEN["receipt.jpg"], "the content is no image/png"),
        ("a.jpg", b"MZ\x90\x00" + b"\x00" * 200, "the content is no image/jpeg"),
        ("a.png", b"<script>alert(1)</script>", "the content is no image/png"),
        ("a.wav", b"RIFF\x24\x00\x00\x00AVI LIST" + b"\x00" * 60, "the content is no audio/wav"),
        ("a.docx", XLSX, "no .docx file"),
        ("a.xlsx", DOCX, "no .xlsx file"),
        ("a.pdf", DOCX, "the content is no application/pdf"),
        # Named here: its bytes hold the second at which each worker of a run has made its own.
        pytest.param("a.docx", DOCX[:80], "damaged or protected", id="a.docx-cut-off"),
        ("a.docx", office_file("application/vnd.ms-word.document.macroEnabled.main+xml"), "contains macros"),
        (
            "a.docx",
            office_file(OOXML + "wordprocessingml.document.main+xml", extra={"word/vbaProject.bin": b"x"}),
            "macros",
        ),
        ("a.txt", b"<!DOCTYPE html><html><script>1</script></html>", "the content is HTML"),
        ("a.txt", TAKEN["receipt.png"], "neither UTF-8 nor GB 18030"),
        ("a.csv", b"a,b\x00c\n", "control characters"),
        ("a.eml", b"\xff\xfe\xff" * 10, "neither UTF-8 nor GB 18030"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message.replace(".", r"\.")) as caught:
        checked(name, content)
    assert list(caught.value.errors) == ["file"]


@pytest.mark.parametrize(
    "name", ["a.exe", "a.html", "a.svg", "a.zip", "a.doc", "a.docm", "a.pdf.js", "a", ".pdf", "a.pdf ", ""]
)
def test_other_kinds_are_refused_with_the_list_of_what_is_taken(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"are not taken; what is: \.amr, "):
        expected_type(name, None)


@pytest.mark.parametrize(
    "declared", [None, "", "application/octet-stream", "image/jpeg", "image/jpg; x=1", "IMAGE/JPEG"]
)
def test_a_declared_type_that_says_the_same_or_nothing_is_fine(declared: str | None) -> None:
    assert expected_type("a.jpg", declared).name == "image/jpeg"


@pytest.mark.parametrize("declared", ["text/html", "application/pdf", "image/png", "nonsense"])
def test_a_declared_type_that_contradicts_the_name_is_refused(declared: str) -> None:
    with pytest.raises(InvalidInput, match=f"was declared as {declared}"):
        expected_type("a.jpg", declared)


def test_an_office_file_that_unpacks_to_too_much_is_refused() -> None:
    bomb = office_file(
        OOXML + "wordprocessingml.document.main+xml", extra={f"x{i}": b"" for i in range(5_001)}
    )
    with pytest.raises(InvalidInput, match="unpacks to more"):
        checked("a.docx", bomb)


def test_text_cut_inside_a_character_at_a_chunk_boundary_is_read_whole() -> None:
    assert checked("a.txt", b"a" * 65_535 + "投訴".encode() * 50_000) == "text/plain"
