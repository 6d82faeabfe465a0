"""Packing an archive: a ZIP file that streams, with a manifest of every file and its hash.

It is read with what every computer has: unzip, a browser, sha256sum. Nothing of it is ever on disk in clear.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

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


def pack(parts: Iterable[Part], target: BinaryIO, *, complaint_no: str, sealed_at: str) -> str:
    """Write the archive into `target`, seekable or not; return the SHA-256 (hex) of its manifest."""
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


def check_archive(source: BinaryIO, manifest_sha256: str | None = None) -> int:
    """Read an archive back and compare every file with its manifest; return how many there are.

    Raises SealBroken naming what differs. With `manifest_sha256` the manifest itself must have this hash.
    """
    with zipfile.ZipFile(source) as archive:
        raw = archive.read(MANIFEST)
        if manifest_sha256 is not None and hashlib.sha256(raw).hexdigest() != manifest_sha256:
            raise SealBroken("the manifest is not the one that was sealed")
        listed = {each["path"]: each["sha256"] for each in orjson.loads(raw)["files"]}
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
