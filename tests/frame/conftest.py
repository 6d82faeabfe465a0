"""What the frame's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.frame.site import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    """A small site of its own for each test."""
    with serve() as site:
        yield site
