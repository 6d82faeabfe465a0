"""Ports for servers that run as processes of their own, which cannot be handed a socket that is open already.

A port that the kernel picked and that was let go again may be another's before the server takes it: every
connection and every other server draws from the same range. Those given here lie below that range, each
worker of a run has its share, and none is given twice.
"""

from __future__ import annotations

import os
import socket
from itertools import count

LOWEST, SHARES, SHARE = 12_000, 16, 1_200
_used = count(os.getpid())


def free_port() -> int:
    """Return a port of the loopback address on which nobody listens."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    for _ in range(SHARE):
        port = LOWEST + worker * SHARE + next(_used) % SHARE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port is free among the {SHARE} of this worker")
