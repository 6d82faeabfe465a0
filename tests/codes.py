"""The codes that a generator on a telephone shows, by real time. None counts twice, nor one before it."""

from __future__ import annotations

import pyotp

from engine import clock
from engine.people.second_factor import STEP_S


def code(secret: str) -> str:
    """Return the code of this step; it counts during the next one, too."""
    return pyotp.TOTP(secret).at(_real_s())


def next_code(secret: str) -> str:
    """Return the code of the step to come, which counts already and after `code` was used."""
    return pyotp.TOTP(secret).at(_real_s() + STEP_S)


def _real_s() -> int:
    return int((clock.now() - clock.offset()).timestamp())
