"""What no test may do: reach beyond this machine, or leave the clock changed for the next one."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine import clock


class ReachedOut(AssertionError):
    """A test tried to reach an address that is not on this machine."""


def is_local(host: object) -> bool:
    """Whether a host, as `socket` takes it, is this machine's loopback."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guard(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family != socket.AF_UNIX and not is_local(address[0]):
            raise ReachedOut(f"a test tried to reach {address!r}; only loopback addresses are open to tests")
        return method(self, *arguments)

    return guard


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse connections, datagrams and name look-ups that leave the machine."""
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local(host):
            raise ReachedOut(f"a test tried to look up {host!r}; only loopback addresses are open to tests")
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(autouse=True)
def clock_of_its_own() -> Iterator[None]:
    """Let every test begin and end on the wall clock, which it may set."""
    clock.use_file(None, settable=True)
    yield
    clock.use_file(None, settable=False)
