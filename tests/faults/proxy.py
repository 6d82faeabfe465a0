"""A wire between us and PostgreSQL that fails as wires do: cut in the middle, or with an answer lost.

The proxy reads the protocol's frames on the way to the server, so that it knows a COMMIT when it passes; the
server carries it out, and the answer never arrives. Whoever sent it cannot know whether it was done.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
from contextlib import suppress

CUT_BEFORE, SWALLOW = "cut before", "swallow"


class Proxy:
    """Listens on a port of its own and hands everything on, but for what `fail_every` picks."""

    def __init__(self, target_port: int, *, seed: int = 0) -> None:
        self.target_port = target_port
        self.chance = random.Random(seed)
        self.fail_every = 0
        """One of so many COMMITs fails; 0 is none."""
        self.commits = self.swallowed = self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut_all(self) -> None:
        """Cut every connection that there is."""
        with self._lock:
            found = list(self._open)
        for each in found:
            _shut(each)
        self.cut += len(found) // 2

    def close(self) -> None:
        """Cut everything and listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        for thread in list(self._threads):
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()  # the server is away, and so is the wire
                continue
            with self._lock:
                self._open |= {client, server}
            pair = _Pair(self, client, server)
            for work in (pair.upwards, pair.downwards):
                thread = threading.Thread(target=work, daemon=True)
                self._threads.append(thread)
                thread.start()

    def verdict(self) -> str | None:
        """What becomes of the COMMIT that is passing."""
        with self._lock:
            self.commits += 1
            if not self.fail_every or self.chance.randrange(self.fail_every):
                return None
            if self.chance.random() < 0.3:
                self.cut += 1
                return CUT_BEFORE
            self.swallowed += 1
            return SWALLOW

    def forget(self, pair: _Pair) -> None:
        """A connection is over."""
        with self._lock:
            self._open -= {pair.client, pair.server}


class _Pair:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self._deaf = threading.Event()
        self._ended = 0

    def upwards(self) -> None:
        """Hand on what the client sends, frame by frame."""
        try:
            self._first()
            while True:
                kind = _exactly(self.client, 1)
                frame = self._frame(kind)
                if _commits(kind, frame):
                    verdict = self.proxy.verdict()
                    if verdict == CUT_BEFORE:
                        break
                    if verdict == SWALLOW:
                        self._deaf.set()
                self.server.sendall(frame)
        except OSError:
            pass
        self._over()

    def downwards(self) -> None:
        """Hand on what the server answers; once it is deaf, the answer is read and the wire cut."""
        with suppress(OSError):
            while answer := self.server.recv(65536):
                if self._deaf.is_set():
                    break
                self.client.sendall(answer)
        self._over()

    def _first(self) -> None:
        """The first message has no kind: a request for encryption (refused here), then the greeting."""
        while True:
            frame = self._frame(b"")
            self.server.sendall(frame)
            if len(frame) > 8:
                return

    def _frame(self, kind: bytes) -> bytes:
        size = _exactly(self.client, 4)
        return kind + size + _exactly(self.client, struct.unpack("!I", size)[0] - 4)

    def _over(self) -> None:
        _shut(self.client)
        _shut(self.server)
        with self.proxy._lock:
            self._ended += 1
            last = self._ended == 2
        if last:
            self.client.close()
            self.server.close()
            self.proxy.forget(self)


def _commits(kind: bytes, frame: bytes) -> bool:
    """Whether the frame is a simple query, or the parsing of one, that says COMMIT."""
    return kind in (b"Q", b"P") and b"COMMIT" in frame[5:16].upper()


def _exactly(source: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = source.recv(size - len(got))
        if not part:
            raise ConnectionResetError
        got += part
    return got


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
