"""Where the page of a quality file is, told by its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import current_app, url_for

_PAGES: Final[Mapping[str, str]] = {
    "IM": "quality.measure",
    "IN": "quality.inspection",
    "CK": "quality.check",
    "FD": "quality.finding",
    "MR": "quality.matter",
    "RI": "quality.matter",
    "RC": "quality.matter",
    "RR": "quality.matter",
    "PB": "quality.publication",
    "AR": "reports.analysis",
    "AC": "quality.account_file",
}
"""The endpoint of a file's page by the series of its number; files without one have no page of their own."""


def file_page_of(no: str | None) -> str | None:
    """Return the address of a file's page, or None where there is none."""
    endpoint = _PAGES.get((no or "").partition("-")[0])
    return url_for(endpoint, no=no) if endpoint in current_app.view_functions else None
