"""Packing an archive: a ZIP file that streams, with a manifest of every file and its hash.

It is read with what every computer has: unzip, a browser, sha256sum. Nothing of it is ever on disk in clear.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from engine.cases.archive.contents import Part
from engine.cases.archive.gate import BUNDLES
from engine.errors import SealBroken

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_CHUNK = 64 * 1024
HOW = {
    "files": "sha256 of each file's bytes; SHA256SUMS is for `sha256sum -c`",
    "trail": (
        "hash of a line = SHA-256 of the canonical JSON (RFC 8785) of v, stream, seq, at, actor, kind, "
        "element_id, element_name, data and prev, where prev is the hash of the line before"
    ),
}


@dataclass(frozen=True, slots=True)
class Follows:
    """What a supplement says of itself: its number, from 1, and the hash (hex) of the manifest before it."""

    number: int
    manifest_sha256: str

    def said(self) -> dict[str, Any]:
        """Return it as a manifest holds it."""
        return {"number": self.number, "follows_manifest_sha256": self.manifest_sha256}


def pack(
    parts: Iterable[Part],
    target: BinaryIO,
    *,
    complaint_no: str,
    sealed_at: str,
    follows: Follows | None = None,
) -> str:
    """Write the archive into `target`, seekable or not; return the SHA-256 (hex) of its manifest.

    With `follows` it is a supplement: its files stand beside those sealed before, and a path that these have,
    too, holds from now on what it holds here.
    """
    listed = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for part in parts:
            digest, size = hashlib.sha256(), 0
            with part.open() as source, archive.open(part.path, "w") as file:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
            listed.append(
                {"path": part.path, "bundle": part.bundle, "sha256": digest.hexdigest(), "size": size}
            )
        held = {each["bundle"] for each in listed}
        manifest = orjson.dumps(
            {
                "format": FORMAT,
                "complaint_no": complaint_no,
                "sealed_at": sealed_at,
                **({"supplement": follows.said()} if follows else {}),
                "bundles": {name: name in held for name in BUNDLES},
                "files": listed,
                "how_to_verify": HOW,
            },
            option=orjson.OPT_INDENT_2,
        )
        sums = "".join(f"{each['sha256']}  {each['path']}\n" for each in listed)
        archive.writestr(SUMS, sums + f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n")
        archive.writestr(MANIFEST, manifest)
    return hashlib.sha256(manifest).hexdigest()


def check_archive(
    source: BinaryIO, manifest_sha256: str | None = None, *, follows: Follows | None = None
) -> int:
    """Read an archive back and compare every file with its manifest; return how many there are.

    Raises SealBroken naming what differs. With `manifest_sha256` the manifest itself must have this hash;
    with `follows` it must be the supplement that says so.
    """
    with zipfile.ZipFile(source) as archive:
        raw = archive.read(MANIFEST)
        if manifest_sha256 is not None and hashlib.sha256(raw).hexdigest() != manifest_sha256:
            raise SealBroken("the manifest is not the one that was sealed")
        manifest = orjson.loads(raw)
        if follows is not None and manifest.get("supplement") != follows.said():
            raise SealBroken("it does not follow what was sealed before it")
        listed = {each["path"]: each["sha256"] for each in manifest["files"]}
        names = set(archive.namelist()) - {MANIFEST, SUMS}
        if names != set(listed):
            raise SealBroken(f"files are missing or added: {', '.join(sorted(names ^ set(listed))[:5])}")
        for path, expected in listed.items():
            digest = hashlib.sha256()
            with archive.open(path) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != expected:
                raise SealBroken(f"{path} is not what the manifest says")
    return len(listed)
