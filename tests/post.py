"""A mail server for tests: takes mails over a socket as SMTP has it, refuses an address that it knows not."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

UNKNOWN = b"NOBODY@"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 post\r\n")
        while line := self.rfile.readline().strip().upper():
            self.wfile.write(self._answer(line))
            if line == b"QUIT":
                return

    def _answer(self, line: bytes) -> bytes:
        post = cast(Post, self.server)
        if line.startswith(b"RCPT") and UNKNOWN in line:
            return b"550 no such mailbox\r\n"
        if line == b"DATA" and post.is_busy:
            return b"451 later\r\n"
        if line == b"DATA":
            self.wfile.write(b"354 go on\r\n")
            body = b"".join(iter(self.rfile.readline, b".\r\n"))
            post.mails.append(message_from_bytes(body, policy=policy.default))
        return b"221 bye\r\n" if line == b"QUIT" else b"250 ok\r\n"


class Post(socketserver.ThreadingTCPServer):
    """The server; `mails` are those it took, `is_busy` has it put off every mail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mails: list[EmailMessage] = []
        self.is_busy = False

    @property
    def url(self) -> str:
        """What `REDRESS_SMTP_URL` takes."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def open_post() -> Iterator[Post]:
    """Run a mail server for a while."""
    with Post() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
