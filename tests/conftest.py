"""Loads what every test may use, and what holds for all of them."""

from __future__ import annotations

pytest_plugins = ["tests.chromium", "tests.guards", "tests.mailboxes", "tests.postgres", "tests.world"]
