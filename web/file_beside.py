"""What a quality file says, for its own page and beside its tasks: its texts and records in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from engine.errors import NotFound
from engine.people.actor import SYSTEM
from engine.privacy.values import read_values, references_in
from engine.quality.kinds import KINDS, kind_of
from engine.quality.reading import note_reader, one_file
from engine.read.people import display_names
from engine.runtime.bundles import LoadedBundle
from engine.store.tables.runtime import Instance
from web import words
from web.answers import answers
from web.casefile import HIDDEN, Record, note_reveal
from web.extensions import db, redress, runtime
from web.file_words import FILE_RECORDS, FILE_TEXTS
from web.gettext import gettext
from web.identity import current_actor

PURPOSE: Final = "supervision"


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a task of a file: what it is about (by label), and what was recorded so far."""

    texts: list[tuple[str, str]]
    records: list[Record]


def beside(no: str) -> Beside | None:
    """Return what a file says, for who works on it.

    None where there is nothing, it is not for the caller, or each step of it tells its parties what they may
    know (R49).
    """
    try:
        row = one_file(db.session(), current_actor(), no, *_OPEN)
    except NotFound:
        return None
    clear = clear_texts(row)
    names = display_names(db.session(), {each["actor"] for each in row["records"]})
    texts = [
        (words.word(FILE_TEXTS, name), str(clear.get(reference, HIDDEN)))
        for name, reference in row["personal"].items()
    ]
    found = Beside(texts, list(records_of(row, clear, names)))
    return found if found.texts or found.records else None


def clear_texts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of a file by their references, as far as the caller may read them.

    Texts of a file about a complaint are the customer's affair: they are shown to who may read personal data
    or has the file to work on, and the trail says so.
    """
    recorded = [each["values"] for each in row["records"]]
    references = sorted({*references_in(row["personal"]), *references_in(recorded)})
    actor, about = current_actor(), row["complaint_no"]
    if kind_of(row["kind"]).restricted:
        note_reading(row["instance_id"])
    elif about is not None and references:
        if not actor.may("personal.read") and actor.username not in (row["owner"], row["raiser"]):
            return {}
        task = None if actor.may("personal.read") else row["no"]
        note_reveal(actor, about, PURPOSE, task_id=task)
    return read_values(db.session(), redress().keyring, references, subject_id=row["subject_id"])


def note_reading(instance_id: str) -> None:
    """Note in a restricted file's own trail who reads it: nobody else is to find there that it exists."""
    with redress().sessions.step() as session:
        note_reader(session, current_actor(), instance_id)


def records_of(
    row: Mapping[str, Any], clear: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Record]:
    """Return what the forms of a file recorded, oldest first; what was reckoned is shown as figures."""
    session = db.session()
    bundle_id = session.scalar(select(Instance.bundle_id).where(Instance.id == row["instance_id"]))
    bundle: LoadedBundle | None = runtime().bundles.get(session, bundle_id) if bundle_id else None
    for each in row["records"]:
        if each["form_id"] is None:
            continue
        form = bundle.forms.get(each["form_id"]) if bundle is not None else None
        shown = answers(session, form, each["values"], lambda value: str(clear.get(value, HIDDEN)))
        system = each["actor"] == SYSTEM.username
        who = gettext("System") if system else names.get(each["actor"], each["actor"])
        yield Record(words.word(FILE_RECORDS, each["kind"]), each["at"], who, shown)


_OPEN = tuple(kind for kind in KINDS.values() if not kind.restricted)
