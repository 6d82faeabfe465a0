"""Tests stay on this machine."""

from __future__ import annotations

import socket

import pytest

from tests.guards import ReachedOut, is_local


def test_a_connection_beyond_the_machine_is_refused() -> None:
    with socket.socket() as probe, pytest.raises(ReachedOut, match=r"192\.0\.2\.1"):
        probe.connect(("192.0.2.1", 80))


def test_a_name_beyond_the_machine_is_not_looked_up() -> None:
    with pytest.raises(ReachedOut, match=r"example\.com"):
        socket.create_connection(("example.com", 25))


def test_a_server_on_this_machine_is_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("db", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, *, local: bool) -> None:
    assert is_local(host) is local
