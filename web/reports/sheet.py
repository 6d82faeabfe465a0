"""A signed score sheet as people read it: its figures and cases as tables, the statement within the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from engine.documents.tables import Cell, Table, pdf_of_tables
from engine.privacy.keyring import Keyring
from engine.quality.sheets import sign_file
from engine.read.people import display_names
from web import measures
from web.extensions import db
from web.gettext import gettext
from web.language import current_language
from web.reports.naming import group_names
from web.words import word

ATTACHED = "score-sheet.json"


def pdf_of_sheet(keyring: Keyring, signed: bytes) -> bytes:
    """Return the PDF of a sheet as `export_sheet` signed it, signed as a whole, the JSON attached."""
    found = orjson.loads(signed)
    statement = found["statement"]
    title = gettext("Score sheet %(period)s", period=statement["period"])
    lead = [
        _about(statement["about"]),
        gettext("Frozen figures, version %(version)s", version=statement["version"]),
        f"SHA-256 {statement['digest']}",
        f"Ed25519 {found['signature']['public_key']}",
        gettext(
            "Signed as a whole, and the data within it once more (%(name)s). To check: redress figures "
            "verify FILE --key KEY.",
            name=ATTACHED,
        ),
    ]
    tables = [_figures(statement), _cases(statement)]
    return sign_file(keyring, pdf_of_tables(title, lead, tables, current_language(), {ATTACHED: signed}))


def _about(about: Mapping[str, Any]) -> str:
    if "department" in about:
        name = about["department"]
        return gettext("Department") + f": {group_names('department', {name}).get(name, name)}"
    name = about["person"]
    return gettext("Person") + f": {display_names(db.session(), [name]).get(name, name)} ({name})"


def _figures(statement: Mapping[str, Any]) -> Table:
    rows: list[list[Cell]] = []
    for name, each in statement["figures"].items():
        if each["of"]:
            low, high = each["interval"] or (None, None)
            hits = None if each["waits_until"] else each["hits"]
            rows.append([_said(name, each), hits, each["of"], each["share"], low, high])
    head = [
        gettext("Figure"),
        gettext("Counted"),
        gettext("Cases"),
        gettext("Share"),
        gettext("Interval from"),
        gettext("to"),
    ]
    kinds = ["text", "count", "count", "share", "share", "share"]
    return Table(gettext("Figures"), gettext("Intervals are of 95 per cent (Wilson)."), head, kinds, rows)


def _said(name: str, each: Mapping[str, Any]) -> str:
    """Return the figure's name and why it compares nobody, where it does not."""
    said = word(measures.FIGURES, name)
    if each["waits_until"]:
        return f"{said} ({gettext('Had to wait until the time for repeats is over')})"
    return said if each["comparable"] else f"{said} ({gettext('too few to compare')})"


def _cases(statement: Mapping[str, Any]) -> Table:
    rows: list[list[Cell]] = [
        [number, sum(marks.values()), len(marks)] for number, marks in statement["cases"].items()
    ]
    head = [gettext("Case"), gettext("Counted"), gettext("Figures that ask about it")]
    return Table(gettext("The cases behind them"), "", head, ["text", "count", "count"], rows)
