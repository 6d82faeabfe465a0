"""archive: sealed archives from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from sqlalchemy import select

from engine.assembly import Redress
from engine.audit import note
from engine.cases.archive.chain import chain_of, check_chain
from engine.cli.opening import opened
from engine.documents.register import open_document
from engine.errors import NotFound, RedressError
from engine.people.actor import SYSTEM
from engine.store.tables.archive import Archive


@click.group()
def archive() -> None:
    """Sealed archives of answered complaints."""


@archive.command("verify")
@click.argument("complaint_no", required=False)
def verify(complaint_no: str | None) -> None:
    """Read archives and their supplements back and compare every file with what was sealed; exit code 1 where
    one differs."""
    with opened() as redress:
        found = _archives(redress, complaint_no)
        problems = [problem for number in found if (problem := _problem(redress, number)) is not None]
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(found)} archive(s) checked, {len(problems)} broken.")
    if problems:
        raise SystemExit(1)


@archive.command("export")
@click.argument("complaint_no")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--supplement", type=click.IntRange(min=0), default=0, help="What was sealed after the archive: 1, 2 ..."
)
def export(complaint_no: str, file: Path, supplement: int) -> None:
    """Put the archive of a complaint, or a supplement, down in FILE, in clear; the trail says so."""
    with opened() as redress:
        with redress.sessions.read() as session:
            chain = chain_of(session, complaint_no)
            link = next((each for each in chain if each.number == supplement), None)
            if link is None:
                part = f"supplement {supplement} to the archive" if supplement else "archive"
                raise NotFound(f"there is no {part} of {complaint_no}")
            document = open_document(session, redress.vault, link.document_id)
        with redress.sessions.step() as session:
            data = {
                "complaint_no": complaint_no,
                "purpose": "export",
                "manifest_sha256": link.manifest_sha256,
            }
            note(session, SYSTEM.username, "archive.exported", data)
        with document.content as source, file.open("xb") as target:
            shutil.copyfileobj(source, target)
    click.echo(f"Written to {file}; it holds personal data in clear.")
    if not supplement and len(chain) > 1:
        click.echo(f"{len(chain) - 1} supplement(s) came after it: --supplement 1 and on puts them down.")


def _archives(redress: Redress, complaint_no: str | None) -> list[str]:
    query = select(Archive.complaint_no).where(Archive.disposed_at.is_(None)).order_by(Archive.complaint_no)
    if complaint_no is not None:
        query = query.where(Archive.complaint_no == complaint_no)
    with redress.sessions.read() as session:
        found = list(session.scalars(query))
    if complaint_no is not None and not found:
        raise NotFound(f"there is no archive of {complaint_no}")
    return found


def _problem(redress: Redress, number: str) -> str | None:
    """Return what is wrong with an archive, or None."""
    try:
        with redress.sessions.read() as session:
            check_chain(session, redress.vault, number)
    except RedressError as error:
        return f"{number}: {error}"
    return None
