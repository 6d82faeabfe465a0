"""partner: the register of third parties that work for the company."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click
import orjson

from engine.cli.opening import opened
from engine.errors import InvalidInput
from engine.people.actor import SYSTEM
from engine.people.partners import import_partners
from engine.read.partners import partner_list


@click.group()
def partner() -> None:
    """Third parties that work for the company."""


@partner.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Read in a list (CSV with a heading, or a JSON list): all of it or nothing; safe to repeat.

    Columns: id, name, contract_no, kind, contact, active_from, active_until, department_id.
    """
    rows = read_rows(file.read_bytes(), file.name)
    with opened() as redress, redress.sessions.step() as session:
        count, changed = import_partners(session, SYSTEM, rows)
    click.echo(f"{count} partner(s) read, {changed} added or changed.")


@partner.command("list")
def list_partners() -> None:
    """List the partners, with kind and span of the cooperation."""
    with opened() as redress, redress.sessions.read() as session:
        cursor: str | None = ""
        while cursor is not None:
            found = partner_list(session, SYSTEM, cursor=cursor or None)
            for row in found.items:
                until = f" until {row['active_until']}" if row["active_until"] else ""
                click.echo(
                    f"{row['id']:<24} {row['kind']:<14} from {row['active_from']}{until}  {row['name']}"
                )
            cursor = found.next


def read_rows(content: bytes, name: str) -> list[dict[str, Any]]:
    """Return the rows of a file. Raises InvalidInput where it is neither CSV nor a JSON list of objects."""
    try:
        text = content.decode("utf-8-sig")
        if not name.casefold().endswith(".json"):
            return [
                {key or "": value for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))
            ]
        found = orjson.loads(text)
    except (UnicodeDecodeError, csv.Error, orjson.JSONDecodeError) as error:
        raise InvalidInput(f"{name} cannot be read: save it as CSV in UTF-8 or as JSON") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidInput(f"{name} takes a list of objects, one for each partner")
    return found
