"""What the frame's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.frame.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A small site of its own for each test."""
    from tests.frame.site import serve

    with serve() as site:
        yield site
