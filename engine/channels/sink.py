"""Messages that no server takes, for want of one: files of the data folder, sealed for whom they are meant.

A message is personal through and through. It opens under the key of the customer alone, so that who holds the
data folder reads none, and an erased customer's are lost with their key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.privacy.sealing import seal, unseal

KEPT: Final = "file"
"""What is noted as the other side's answer where a message became a file."""
SUFFIX: Final = ".sealed"


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the messages to the customer of one complaint are kept; `key` is that customer's."""

    data_dir: Path
    complaint_no: str
    key: bytes = field(repr=False)

    def keep(self, channel: str, message_id: str, body: bytes) -> str:
        """Keep a message under its id, over itself where it is sent again; return what is noted of it."""
        folder = self.data_dir / channel
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{message_id}"
        draft.touch(mode=0o600)
        draft.write_bytes(seal(self.key, body, channel, message_id))
        draft.replace(folder / f"{self.complaint_no}-{message_id}{SUFFIX}")
        return KEPT


def opened(file: Path, key: bytes) -> bytes:
    """Return what a kept message says. Raises SealBroken."""
    message_id = file.name.removesuffix(SUFFIX).rpartition("-")[2]
    return unseal(key, file.read_bytes(), file.parent.name, message_id)
