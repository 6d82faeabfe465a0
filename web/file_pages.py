"""Where the page of a quality file is, told by its number, for who may open it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flask import current_app, url_for

from web.access import declared
from web.identity import current_actor

_NUMBER: Final = re.compile(r"([A-Z]{2})-\d{4}-\d+")
"""Series, year, count. A complaint has a whole day where a file has a year, and shares a series with one."""
_PAGES: Final[Mapping[str, str]] = {
    "IM": "quality.measure",
    "IN": "quality.inspection",
    "CK": "quality.check",
    "FD": "quality.finding",
    "MR": "quality.matter",
    "RI": "quality.matter",
    "RT": "quality.matter",
    "RC": "quality.matter",  # rectification items of earlier releases
    "RR": "quality.matter",
    "PB": "quality.publication",
    "AR": "reports.analysis",
    "AC": "quality.account_file",
    "CF": "quality.contest",
}
"""The endpoint of a file's page by the series of its number; files without one have no page of their own."""


def file_page_of(no: str | None) -> str | None:
    """Return the address of a file's page; None where there is none, or the reader may not open such files.

    What a figure counts is often told to more people than need to know what the files say (R60).
    """
    found = _NUMBER.fullmatch(no or "")
    endpoint = _PAGES.get(found[1]) if found else None
    if endpoint is None or endpoint not in current_app.view_functions:
        return None
    access = declared(current_app, endpoint, "GET")
    if access is None or (access.permission is not None and not current_actor().may(access.permission)):
        return None
    return url_for(endpoint, no=no)
