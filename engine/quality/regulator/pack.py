"""The pack that is produced to the regulator: a case's records, documents and trail, with a manifest (R64).

It is made with the same code as the archive of a case, streams, and is nowhere on disk in clear. Each pack
that leaves is noted in the trail before its first byte; once it is whole, with the hash of its manifest.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Final

from engine import clock
from engine.audit import Entry
from engine.cases.archive.contents import Part, gather
from engine.cases.archive.packing import pack
from engine.cases.archive.seal import vault_of
from engine.errors import Conflict
from engine.people.actor import Actor
from engine.quality.kinds import INQUIRY, MAJOR_REPORT
from engine.quality.reading import one_file
from engine.runtime.ledger import note_on_instance
from engine.runtime.runtime import Runtime

PRODUCE: Final = "regulator.produce"
_CHUNK: Final = 64 * 1024


def produce_pack(rt: Runtime, actor: Actor, no: str) -> tuple[str, Iterator[bytes]]:
    """Return the number of the case of an inquiry or report, and its pack as a ZIP file in pieces.

    Personal data is in clear: it takes the permission, and for an inquiry the review that said what is given.
    Raises Forbidden, NotFound, Conflict.
    """
    actor.require(PRODUCE)
    with rt.sessions.read() as session:
        file = one_file(session, actor, no, INQUIRY, MAJOR_REPORT)
        if file["complaint_no"] is None:
            raise Conflict(f"{no} is about no case, so there is nothing to pack")
        reviews = [each["values"] for each in file["records"] if each["kind"] == "inquiry_review"]
        reviewed = reviews and reviews[-1].get("personal_reviewed") and reviews[-1].get("produces_file")
        if file["kind"] == INQUIRY.name and not reviewed:
            raise Conflict(f"the review of {no} has not released the pack: it says what may be given (R61)")
        parts = gather(rt, vault_of(rt), session, file["complaint_no"])
    with rt.sessions.step() as session:
        data = {"no": no, "complaint_no": file["complaint_no"], "files": len(parts)}
        note_on_instance(session, file["instance_id"], actor, [Entry("pack.produced", data)])

    def seal(manifest_sha256: str) -> None:
        with rt.sessions.step() as session:
            sealed = {"no": no, "manifest_sha256": manifest_sha256}
            note_on_instance(session, file["instance_id"], actor, [Entry("pack.sealed", sealed)])

    return file["complaint_no"], _stream(parts, file["complaint_no"], seal)


def _stream(parts: list[Part], complaint_no: str, seal: Callable[[str], None]) -> Iterator[bytes]:
    """Give the ZIP file as a thread of its own packs it; `seal` gets the hash of its manifest at the end.

    Raises what stopped the packing.
    """
    read_end, write_end = os.pipe()
    failed: list[BaseException] = []
    manifests: list[str] = []

    def write() -> None:
        try:
            with os.fdopen(write_end, "wb") as target:
                sealed_at = clock.now().isoformat()
                manifests.append(pack(parts, target, complaint_no=complaint_no, sealed_at=sealed_at))
        except BaseException as error:  # noqa: BLE001 - told to the reader below
            failed.append(error)

    packing = threading.Thread(target=write, daemon=True)
    packing.start()
    with os.fdopen(read_end, "rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk
    packing.join()
    if failed:
        raise failed[0]
    seal(manifests[0])
