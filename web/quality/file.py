"""A quality file as its page shows it: facts and records in words, open tasks, what came from it."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy import select

from engine import read
from engine.errors import InvalidInput, NotFound
from engine.people.departments import department_name
from engine.quality.accountability.parties import DECIDERS
from engine.quality.kinds import Kind
from engine.quality.reading import file_list, one_file, seen_parent
from engine.read.people import display_names
from engine.store.tables.people import Department
from web.casefile import HIDDEN
from web.events import case_events
from web.extensions import db
from web.file_beside import clear_texts, records_of
from web.file_pages import file_page_of
from web.identity import current_actor
from web.language import current_language
from web.quality import terms
from web.task_rows import with_limits

EVENTS = 30


def file_page(template: str, no: str, *kinds: Kind, children: tuple[Kind, ...] = (), **more: Any) -> Any:
    """Return the page of a file of one of `kinds`, as far as the caller may see it. Raises NotFound.

    Texts of a file about a complaint are the customer's affair: they are shown to who may read personal data
    or has the file to work on, and the trail says so.
    """
    session, actor = db.session(), current_actor()
    row = one_file(session, actor, no, *kinds)
    clear = clear_texts(row)
    tasks = read.task_list(session, actor, state="open", instance_id=row["instance_id"]).items
    people = {row["owner"], row["raiser"], row["opened_by"], *(each["actor"] for each in row["records"])}
    people |= {task["assignee"] for task in tasks}
    people |= {row["facts"].get(role) for role in ("investigator", *DECIDERS)}
    names = display_names(session, people)
    return render_template(
        template,
        file=row,
        names=names,
        parent_page=_parent_page(row["parent_no"]),
        texts={name: clear.get(reference, HIDDEN) for name, reference in row["personal"].items()},
        records=list(records_of(row, clear, names)),
        tasks=with_limits(tasks, names),
        department=_department(row["department_id"]),
        events=case_events(row["instance_id"], EVENTS),
        children={
            kind.name: file_list(session, actor, kind, parent_no=no, limit=200).items for kind in children
        },
        may_open_trail=_may_open(row["instance_id"]),
        terms=terms,
        **more,
    )


def _parent_page(no: str | None) -> str | None:
    """Return where the page of the file is that another came from, None where the reader may not see it."""
    try:
        return file_page_of(seen_parent(db.session(), current_actor(), no))
    except InvalidInput:
        return None


def _department(department_id: str | None) -> str:
    if department_id is None:
        return ""
    name = db.session().scalar(select(Department.name).where(Department.id == department_id))
    return department_name(department_id, name, current_language())


def _may_open(instance_id: str) -> bool:
    try:
        read.instance(db.session(), current_actor(), instance_id)
    except NotFound:
        return False
    return True
