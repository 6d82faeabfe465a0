"""Loads what every test may use, and what holds for all of them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("redress", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("redress")

pytest_plugins = ["tests.chromium", "tests.guards", "tests.mailboxes", "tests.postgres", "tests.world"]
