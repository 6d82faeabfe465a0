"""What the groups of a breakdown are called in the page's language."""

from __future__ import annotations

from engine.people.departments import department_name, list_departments
from engine.read.partners import partner_names
from engine.read.people import display_names
from web import measures, words
from web.channels import channel_words
from web.extensions import db
from web.language import current_language


def group_names(by: str | None, values: set[str]) -> dict[str, str]:
    """Return the names by value; values that speak for themselves, such as products, are left out."""
    session, language = db.session(), current_language()
    if by == "handler":
        return display_names(session, values)
    if by == "department":
        return {
            row["id"]: department_name(row["id"], row["name"], language) for row in list_departments(session)
        }
    if by == "partner":
        return partner_names(session, values)
    if by == "channel":
        return {value: words.word(channel_words(), value) for value in values}
    table = measures.GROUP_WORDS.get(by or "")
    return {value: words.word(table, value) for value in values} if table else {}
