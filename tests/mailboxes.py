"""A real IMAP server on this machine for tests: pymap, which keeps its mails in memory."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

USER, PASSWORD = "demouser", "demopass"


@dataclass(frozen=True)
class Folder:
    """A folder of the server, a test's own; `box` is a connection that all tests share."""

    port: int
    name: str
    box: imaplib.IMAP4

    @property
    def url(self) -> str:
        """What `REDRESS_IMAP_URL` takes."""
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{self.name}"

    def put(self, *mails: bytes) -> None:
        """Let mails arrive."""
        for mail in mails:
            self.box.append(self.name, "", "", mail)

    def flags(self, folder: str = "") -> list[str]:
        """Return the flags of every message of the folder."""
        self.box.select(folder or self.name, readonly=True)
        found = self.box.fetch("1:*", "(FLAGS)")[1] if self.box.search(None, "ALL")[1][0] else []
        self.box.close()
        return [line.decode() for line in found if isinstance(line, bytes)]

    def make_anew(self) -> None:
        """Remove the folder and make it again: the server numbers its messages anew."""
        self.box.delete(self.name)
        self.box.create(self.name)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[tuple[int, imaplib.IMAP4]]:
    """Run the server for the session; return its port and a connection."""
    port = free_port()
    program = str(Path(sys.executable).with_name("pymap"))
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin", "dict"]
    server = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        box = _connected(port)
        box.login(USER, PASSWORD)
        yield port, box
        box.logout()
    finally:
        server.kill()
        server.wait()


def _connected(port: int) -> imaplib.IMAP4:
    for _ in range(600):
        try:
            return imaplib.IMAP4("127.0.0.1", port, timeout=30)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the mail server did not begin within a minute")


@pytest.fixture
def folder(imap_server: tuple[int, imaplib.IMAP4], request: pytest.FixtureRequest) -> Folder:
    """Make a folder of the test's own."""
    port, box = imap_server
    made = Folder(port, f"T{zlib.crc32(request.node.nodeid.encode())}", box)
    box.create(made.name)
    return made
