"""Messages to customers that wait as sealed files, since no server was set that takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine import read
from engine.audit import note
from engine.channels import gateway, mail, sink
from engine.errors import NotFound
from engine.people.actor import SYSTEM
from engine.privacy.subjects import subject_key
from engine.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that waits: its name, whether it is a mail or a text message, and since when."""

    name: str
    channel: str
    kept_at: datetime
    file: Path

    @property
    def complaint_no(self) -> str:
        """The complaint that it is about."""
        return self.name.rpartition("-")[0]


def kept_messages(data_dir: Path) -> list[Kept]:
    """Return what waits, oldest first."""
    return sorted(_found(data_dir), key=lambda each: (each.kept_at, each.name))


def _found(data_dir: Path) -> Iterator[Kept]:
    for channel in (mail.SINK, gateway.SINK):
        for file in (data_dir / channel).glob(f"*{sink.SUFFIX}"):
            at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            yield Kept(file.name.removesuffix(sink.SUFFIX), channel, at, file)


def read_kept(rt: Runtime, name: str) -> str:
    """Return a message in clear; the trail says that somebody read it on the command line (R60).

    Raises NotFound (there is none, or its customer was erased), SealBroken.
    """
    found = next((each for each in kept_messages(rt.config.data_dir) if each.name == name), None)
    if found is None:
        raise NotFound(f"no message {name} is kept here; `redress messages` lists them")
    with rt.sessions.step() as session:
        row = read.complaint(session, SYSTEM, found.complaint_no)
        key = subject_key(session, rt.keyring, row["subject_id"])
        if key is None:
            raise NotFound("the customer was erased; nobody can read the message any more")
        data = {"complaint_no": found.complaint_no, "purpose": "message", "by": "command line"}
        note(session, SYSTEM.username, "personal.revealed", data)
    return sink.opened(found.file, key).decode()
