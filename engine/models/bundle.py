"""Which files make a bundle, what kind of model each is, and the one hash that stands for all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

from engine.errors import Finding, Message
from engine.models.forms.file import MAX_BYTES as MAX_FORM_BYTES
from engine.models.xml import MAX_BYTES as MAX_XML_BYTES

FileKind = Literal["bpmn", "dmn", "form", "settings", ""]

SETTINGS_NAME = "process.toml"
MAX_FILES = 300
MAX_TOTAL_BYTES = 30_000_000
MAX_SETTINGS_BYTES = 100_000
MAX_PATH = 200

_KINDS: Mapping[str, FileKind] = {".bpmn": "bpmn", ".dmn": "dmn", ".form": "form", ".json": "form"}
_BOUNDS: Mapping[FileKind, int] = {
    "bpmn": MAX_XML_BYTES,
    "dmn": MAX_XML_BYTES,
    "form": MAX_FORM_BYTES,
    "settings": MAX_SETTINGS_BYTES,
}


def file_kind(path: str) -> FileKind:
    """Return what kind of model a file is by its name, or an empty text where it is none."""
    name = PurePosixPath(path)
    if name.name == SETTINGS_NAME:
        return "settings"
    return _KINDS.get(name.suffix.lower(), "")


def bundle_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 (hex) over the paths and the SHA-256 of each file, whatever their order."""
    pairs = sorted((path, hashlib.sha256(content).hexdigest()) for path, content in files.items())
    canonical = json.dumps(pairs, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def overlay(earlier: Mapping[str, bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a family's earlier files with new ones laid over them by path."""
    return {**earlier, **files}


def check_bounds(files: Mapping[str, bytes]) -> list[Finding]:
    """Return what is wrong with the files from outside: their number, sizes, names and kinds."""
    findings = []
    if len(files) > MAX_FILES:
        findings.append(
            Finding(
                Message(
                    "there are {count} files; a bundle has at most {most}",
                    count=len(files),
                    most=MAX_FILES,
                ),
                code="bundle.files",
            )
        )
    total = sum(map(len, files.values()))
    if total > MAX_TOTAL_BYTES:
        findings.append(
            Finding(
                Message(
                    "the files have {count} bytes; the bound is {most}",
                    count=total,
                    most=MAX_TOTAL_BYTES,
                ),
                code="bundle.size",
            )
        )
    for path, content in files.items():
        findings.extend(_check_file(path, content))
    if sum(file_kind(path) == "settings" for path in files) > 1:
        message = Message("there are several {file}; a family has one", file=SETTINGS_NAME)
        findings.append(Finding(message, code="bundle.settings"))
    return findings


def _check_file(path: str, content: bytes) -> list[Finding]:
    kind = file_kind(path)
    if not _is_plain_path(path):
        message = Message(
            "the file's name is no plain relative path without '..', of at most 200 characters; rename it"
        )
        return [Finding(message, file=path[:MAX_PATH], code="bundle.path")]
    if kind == "":
        message = Message(
            "this is no model file; deploy .bpmn, .dmn, .form and {file}",
            file=SETTINGS_NAME,
        )
        return [Finding(message, file=path, code="bundle.kind")]
    if kind in ("form", "settings") and len(content) > _BOUNDS[kind]:
        message = Message(
            "the file has {count} bytes; the bound is {most}", count=len(content), most=_BOUNDS[kind]
        )
        return [Finding(message, file=path, code=f"{kind}.size")]
    return []


def _is_plain_path(path: str) -> bool:
    if not path or len(path) > MAX_PATH or "\\" in path or any(ord(char) < 32 for char in path):
        return False
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and str(pure) == path
