"""Loads what every test may use, and what holds for all of them."""

from __future__ import annotations

from tests.chance import SEED, settle_hypothesis

settle_hypothesis()

pytest_plugins = ["tests.chromium", "tests.guards", "tests.mailboxes", "tests.postgres", "tests.world"]


def pytest_report_header() -> str:
    """Say from which seed tests draw their cases."""
    return f"REDRESS_TEST_SEED={SEED}"
