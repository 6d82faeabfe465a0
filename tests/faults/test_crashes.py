"""kill -9 of the web, of the worker and of both, under load: what was acknowledged is there, once."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Installing
from tests.faults.scenarios import ROUNDS, crash_loop


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_outlives_every_kill(installing: Installing, kind: str) -> None:
    assert crash_loop(installing(kind), kills=2 + ROUNDS) == []
