"""A small site under the strict policy of the real one, to try the browser bundle by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from web import assets

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TYPES = {"js": "text/javascript", "css": "text/css", "map": "application/json", "woff2": "font/woff2"}

Answer = tuple[int, dict[str, Any]]


@dataclass
class Site:
    """Pages by path, and what to answer to a POST by path; `posts` keeps what came."""

    address: str = ""
    pages: dict[str, tuple[str, str]] = field(default_factory=lambda: {"/favicon.ico": ("image/x-icon", "")})
    answers: dict[str, Callable[[bytes], Answer]] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def add_page(self, path: str, body: str, *, entries: list[str], language: str = "zh-Hant") -> None:
        """Lay a page of `body` at `path` that includes the bundle's `entries`."""
        includes = "".join(_include(url) for name in entries for url in assets.asset(name))
        theme = assets.asset("theme")[-1]
        html = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>page</title>'
            f'<link rel="icon" href="data:,"><meta name="csrf-token" content="token-of-the-page">'
            f'<script src="{theme}"></script>{includes}</head><body class="p-3">{body}</body></html>'
        )
        self.pages[path] = ("text/html", html)


def data(definition: dict[str, Any]) -> str:
    """Write a definition as a page does."""
    text = json.dumps(definition).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'


def _include(url: str) -> str:
    if url.endswith(".css"):
        return f'<link rel="stylesheet" href="{url}">'
    return f'<script type="module" src="{url}"></script>'


@contextmanager
def serve() -> Iterator[Site]:
    """Serve a site on a free port of this machine."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith(assets.URL):
                file = assets.BUILD / path.removeprefix(assets.URL)
                self._answer(200, TYPES[file.suffix[1:]], file.read_bytes())
            elif path in site.pages:
                kind, text = site.pages[path]
                self._answer(200, kind, text.encode())
            else:
                self._answer(404, "text/plain", b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.posts.append((self.path, dict(self.headers), body))
            status, answer = site.answers[self.path](body)
            kind = "application/json" if status < 400 else "application/problem+json"
            self._answer(status, kind, json.dumps(answer).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: the browser's errors are what a test looks at."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
