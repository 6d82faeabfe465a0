"""What the first list of tasks costs whoever opens it: the server's time, and the bytes that are sent."""

from __future__ import annotations

import re
import time
from typing import Any

from flask.testing import FlaskClient

from tests.bench.figures import Figure

REQUESTS = 200
MOST_MS = 150
MOST_BYTES = 100_000
ADDRESSES = ("/tasks?tab=groups", "/tasks?tab=all")
GZIP = {"Accept-Encoding": "gzip"}
_FILES = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def first_page_figures(name: str, client: FlaskClient, who: str) -> list[Figure]:
    """Return the server's time (95th of 100) and the bytes in gzip with all files, for somebody logged in."""
    figures = []
    for address in ADDRESSES:
        taken = sorted(_milliseconds(client, address) for _ in range(REQUESTS))
        p95, median = taken[int(len(taken) * 0.95)], taken[len(taken) // 2]
        title = f"{address}, {who}, {name}"
        figures.append(
            Figure(
                f"p95 of {title}",
                round(p95, 1),
                "ms",
                round(median, 1),
                None,
                f"under {MOST_MS} ms",
                p95 < MOST_MS,
            )
        )
        size = _bytes(client, address)
        figures.append(
            Figure(f"bytes of {title}", size, "B", None, None, f"under {MOST_BYTES}", size < MOST_BYTES)
        )
    return figures


def _milliseconds(client: FlaskClient, address: str) -> float:
    began = time.perf_counter()
    _get(client, address)
    return (time.perf_counter() - began) * 1000


def _bytes(client: FlaskClient, address: str) -> int:
    files = dict.fromkeys(_FILES.findall(client.get(address).get_data(as_text=True)))
    return sum(len(_get(client, each)) for each in [address, *files])


def _get(client: FlaskClient, address: str) -> bytes:
    answer: Any = client.get(address, headers=GZIP)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    content = bytes(answer.get_data())
    answer.close()
    return content
