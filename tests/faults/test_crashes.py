"""kill -9 of the web, of the worker and of both, under load: what was acknowledged is there, once."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Installing
from tests.faults.scenarios import LONG, ROUNDS, VICTIMS, crash_loop


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_outlives_every_kill(installing: Installing, kind: str) -> None:
    kills = 2 + ROUNDS if kind == "sqlite" or LONG else 1
    victims = VICTIMS if kills > 1 else VICTIMS[-1:]
    assert crash_loop(installing(kind), kills, victims=victims) == []
