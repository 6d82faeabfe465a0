"""Reading a mailbox over IMAP: what came after a message, its bytes, and marking it as handled.

A mailbox is read by UID, never by whether somebody has looked at a message: who opens one in a mail program
takes nothing away from us.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from engine.errors import RedressError

TIMEOUT_S: Final = 20.0
DEFAULT_FOLDER: Final = "INBOX"
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class MailboxAway(RedressError):
    """The mail server does not answer, or not as it should; the message says where, without any password."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox lies: `imaps://USER:PASSWORD@HOST:PORT/FOLDER` taken apart."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    is_tls: bool

    @property
    def name(self) -> str:
        """What the mailbox is called in our tables and pages."""
        return f"{self.user}@{self.host}/{self.folder}"[:200]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as the server describes it: its UID, its size in bytes and when it arrived (UTC)."""

    uid: int
    size: int
    arrived_at: datetime


def place_of_url(url: str) -> Place:
    """Take an address of the settings apart (checked there)."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "imaps"
    return Place(
        host=str(parts.hostname),
        port=parts.port or (993 if is_tls else 143),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or DEFAULT_FOLDER,
        is_tls=is_tls,
    )


class OpenMailbox:
    """A mailbox that is logged in to, one folder of it selected."""

    def __init__(self, box: BaseMailBox, place: Place) -> None:
        """Take a connection over; `open_mailbox` makes one."""
        self._box, self._place = box, place
        self.validity = int(_first(box.client.response("UIDVALIDITY")[1]) or 0)

    def after(self, uid: int, most: int, since: date | None = None) -> list[Waiting]:
        """Return the oldest messages whose UID is greater, at most so many, in order of UID.

        `since` leaves out what arrived before that day.
        """
        asked = f"UID {uid + 1}:*" + (f" SINCE {since:%d-%b-%Y}" if since else "")
        found = sorted(number for number in self._search(asked) if number > uid)
        return [self._described(number) for number in found[:most]]

    def read(self, uid: int, most: int | None = None) -> bytes:
        """Return a message's bytes as they came, the first `most` of them; it stays unseen."""
        part = f"BODY.PEEK[]<0.{most}>" if most else "BODY.PEEK[]"
        for line in self._fetch(uid, f"({part})"):
            if isinstance(line, tuple):
                return bytes(line[1])
        raise MailboxAway(f"the mail server at {self._place.host} does not give message {uid} out")

    def numbers(self, since: date | None = None) -> list[int]:
        """Return the UID of every message in the folder, of those that arrived from `since` on, in order."""
        return sorted(self._search(f"SINCE {since:%d-%b-%Y}" if since else "ALL"))

    def mark(self, uid: int, folder: str | None) -> None:
        """Mark a message as handled: seen and, where a folder for handled ones is set, moved there."""
        try:
            self._box.flag(str(uid), ["\\Seen"], True)
            if folder:
                if not self._box.folder.exists(folder):
                    self._box.folder.create(folder)
                self._box.move(str(uid), folder)
        except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
            raise self._away(error) from error

    def _described(self, uid: int) -> Waiting:
        said = b" ".join(_bytes_of(line) for line in self._fetch(uid, "(RFC822.SIZE INTERNALDATE)"))
        size, arrived = _SIZE.search(said), _ARRIVED.search(said)
        if size is None or arrived is None:
            raise MailboxAway(f"the mail server at {self._place.host} does not describe message {uid}")
        at = datetime.strptime(arrived.group(1).decode().strip(), "%d-%b-%Y %H:%M:%S %z")
        return Waiting(uid, int(size.group(1)), at.astimezone(UTC))

    def _search(self, asked: str) -> list[int]:
        try:
            status, found = self._box.client.uid("SEARCH", asked)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._away(error) from error
        if status != "OK":
            raise MailboxAway(f"the mail server at {self._place.host} does not search the folder")
        return [int(number) for number in (_first(found) or b"").split()]

    def _fetch(self, uid: int | str, what: str) -> list[Any]:
        try:
            status, found = self._box.client.uid("FETCH", str(uid), what)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._away(error) from error
        if status != "OK":
            raise MailboxAway(f"the mail server at {self._place.host} does not give message {uid} out")
        return [line for line in found if line is not None]

    def _away(self, error: Exception) -> MailboxAway:
        return MailboxAway(f"the mail server at {self._place.host} broke off: {type(error).__name__}")


@contextmanager
def open_mailbox(place: Place) -> Iterator[OpenMailbox]:
    """Log in and select the folder; log out in the end. Raises MailboxAway.

    A password goes over an encrypted connection, or to this very machine.
    """
    box = _connected(place)
    try:
        yield OpenMailbox(box, place)
    finally:
        with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            box.logout()


def _connected(place: Place) -> BaseMailBox:
    try:
        box = _dialled(place)
    except (imaplib.IMAP4.error, OSError, ImapToolsError) as error:
        raise MailboxAway(f"no mail server answers at {place.host}: {type(error).__name__}") from error
    try:
        return box.login(place.user, place.password, initial_folder=place.folder)
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        with suppress(imaplib.IMAP4.error, OSError):
            box.client.shutdown()
        raise MailboxAway(
            f"the mail server at {place.host} refuses user or password, or has no folder {place.folder!r}"
        ) from error


def _dialled(place: Place) -> BaseMailBox:
    if place.is_tls:
        return MailBox(place.host, place.port, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context())
    if place.host in _LOCAL:
        return MailBoxUnencrypted(place.host, place.port, timeout=TIMEOUT_S)
    return MailBoxStartTls(
        place.host, place.port, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context()
    )


def _bytes_of(line: Any) -> bytes:
    return b" ".join(bytes(part) for part in line) if isinstance(line, tuple) else bytes(line)


def _first(found: Any) -> Any:
    return found[0] if found else None
