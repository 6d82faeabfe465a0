"""`/accountability`: files that their parties alone see, what is owed, figures without names; `/my-matters`:
what one is asked to answer for (R49, R50).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine import read
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.accounts import list_people
from engine.people.actor import Actor
from engine.privacy.values import is_reference, read_values, references_in
from engine.quality.accountability import reading
from engine.quality.accountability.causes import MOST
from engine.quality.accountability.opening import OPEN, open_by_hand, owed_cases
from engine.quality.accountability.replacing import replace_party
from engine.quality.kinds import ACCOUNTABILITY
from engine.quality.reading import file_list, one_file
from engine.read.people import display_names
from web import accountability_terms, words
from web.access import requires
from web.answers import Answer
from web.casefile import HIDDEN
from web.extensions import db, redress, runtime
from web.file_beside import note_reading
from web.file_words import FILE_RECORDS
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.quality.file import file_page
from web.quality.routes import blueprint
from web.task_rows import with_limits
from web.times import day_text, last_day, working_limit

PAGE: Final = 30
_WORDS: Final[Mapping[str, words.Words]] = {
    "conduct": accountability_terms.CONDUCT,
    "measure": accountability_terms.MEASURES,
    "milder_measure": accountability_terms.MEASURES,
    "authority": accountability_terms.AUTHORITIES,
    "statement_decision": accountability_terms.RESPONSES,
    "more_time_decision": accountability_terms.RESPONSES,
    "receipt_decision": accountability_terms.RECEIPTS,
    "matter_decision": accountability_terms.DECISIONS,
    "appeal_outcome": accountability_terms.APPEALS,
}


@blueprint.get("/accountability")
@requires("accountability.read")
def accountability() -> Any:
    """List the files to which the caller is a party; to compliance what is owed; figures without names."""
    return _accountability()


def _accountability(errors: Mapping[str, Any] | None = None, general: str = "") -> str:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    status = request.args.get("status") or None
    status = status if status in (*ACCOUNTABILITY.statuses, "open") else None
    cursor = request.args.get("cursor")
    found = file_list(session, actor, ACCOUNTABILITY, status=status, limit=PAGE, cursor=cursor)
    owed = owed_cases(session, actor) if actor.may(OPEN) else None
    may_count = actor.may(reading.FIGURES)
    counted = reading.figures(runtime(), session, actor, known=owed) if may_count else None
    owed = owed or []
    people = {row["owner"] for row in found.items} | {each.person for each in owed}
    return render_template(
        "quality/accountability.html",
        files=found.items,
        next=found.next,
        status=status,
        statuses=[(each, accountability_terms.STATUSES[each]) for each in ACCOUNTABILITY.statuses],
        arguments={"status": status} if status else {},
        owed=owed[:PAGE],
        owed_count=len(owed),
        owed_cases=len({each.complaint_no for each in owed}),
        owed_at_least=max(Counter(each.cause for each in owed).values(), default=0) >= MOST,
        figures=counted,
        names=display_names(session, people),
        errors=errors or {},
        general=general,
        sent=request.form,
        terms=accountability_terms,
    )


@blueprint.post("/accountability")
@requires("accountability.open")
def account() -> Any:
    """Open a file about a case, for a cause that is owed or by hand."""
    form = request.form
    try:
        opened = open_by_hand(
            runtime(),
            current_actor(),
            form.get("complaint_no", "").strip(),
            cause=form.get("cause", "manual"),
            reason=form.get("reason", ""),
        )
    except (InvalidInput, Conflict, NotFound) as error:
        errors = error.errors if isinstance(error, InvalidInput) else {}
        if isinstance(error, NotFound):
            errors = {"complaint_no": [gettext("There is no such case, or it is not yours to see.")]}
        return _accountability(errors, "" if errors else str(error)), 422
    flash(gettext("%(no)s was opened; its first task waits in the list of tasks.", no=opened.no))
    return redirect(url_for("quality.account_file", no=opened.no), code=303)


@blueprint.get("/accountability/<no>")
@requires("accountability.read")
def account_file(no: str) -> Any:
    """Show a file to its parties: the case, who is what, statement, decision, appeal, and the clock."""
    return _account_file(no)


def _account_file(no: str, refused: Mapping[str, Any] | None = None, general: str = "") -> Any:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    row = one_file(session, actor, no, ACCOUNTABILITY)
    may_replace = actor.may(OPEN) and row["closed_at"] is None and bool(row["facts"].get("investigator"))
    return file_page(
        "quality/account_file.html",
        no,
        ACCOUNTABILITY,
        account=accountability_terms,
        limit=_limit(row),
        happened=datetime.fromisoformat(at) if (at := row["facts"].get("happened_at")) else None,
        people=_choices(list_people(session)) if may_replace else [],
        errors=refused or {},
        general=general,
        sent=request.form,
    )


def _choices(people: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (each["username"], f"{each['display_name']} ({each['username']})")
        for each in people
        if each["active"]
    ]


@blueprint.post("/accountability/<no>/party")
@requires("accountability.open")
def replace_account_party(no: str) -> Any:
    """Name somebody else for a part in a file."""
    role, username = request.form.get("role", ""), request.form.get("username", "")
    try:
        replace_party(runtime(), current_actor(), no, role, username)
    except (InvalidInput, Conflict, Forbidden) as error:
        errors = error.errors if isinstance(error, InvalidInput) else {}
        return _account_file(no, errors, "" if errors else str(error)), 422
    flash(gettext("The part was given to somebody else."))
    return redirect(url_for("quality.account_file", no=no), code=303)


@blueprint.get("/accountability/register")
@requires("accountability.read_all")
def sanctions() -> Any:
    """Show the register of sanctions."""
    session = db.session()
    found = reading.sanctions(session, current_actor(), limit=PAGE, cursor=request.args.get("cursor"))
    people = {row[name] for row in found.items for name in ("person", "decided_by")}
    return render_template(
        "quality/sanctions.html",
        entries=found.items,
        next=found.next,
        names=display_names(session, people),
        terms=accountability_terms,
    )


@blueprint.get("/my-matters")
@requires("accountability.read")
def own_matters() -> Any:
    """List what the caller is asked to answer for."""
    found = reading.own_matters(db.session(), current_actor(), limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "quality/own_matters.html",
        files=[row | {"limit": _limit(row)} for row in found.items],
        next=found.next,
        terms=accountability_terms,
    )


@blueprint.get("/my-matters/<no>")
@requires("accountability.read")
def own_matter(no: str) -> Any:
    """Show the caller's own part of a file: charge, evidence, statement, decision, appeal, and the clock."""
    session, actor = db.session(), current_actor()
    row = reading.own_matter(session, actor, no)
    references = sorted(references_in([each["values"] for each in row["records"]]))
    note_reading(row["instance_id"])
    clear = read_values(session, redress().keyring, references, subject_id=row["subject_id"])
    return render_template(
        "quality/own_matter.html",
        file=row,
        limit=_limit(row),
        tasks=_own_tasks(actor, row["instance_id"]),
        records=[
            each | {"title": words.word(FILE_RECORDS, each["kind"]), "answers": _answers(each, clear)}
            for each in row["records"]
        ],
        terms=accountability_terms,
    )


def _own_tasks(actor: Actor, instance_id: str) -> list[dict[str, Any]]:
    found = read.task_list(db.session(), actor, state="open", instance_id=instance_id, assignee="me")
    return with_limits(found.items, {actor.username: actor.display_name})


def _limit(row: Mapping[str, Any]) -> Any:
    if row["due_at"] is None or row["closed_at"] is not None:
        return None
    return working_limit(row["due_at"], row["opened_at"])


def _answers(record: Mapping[str, Any], clear: Mapping[str, Any]) -> list[Answer]:
    return list(_in_words(record["values"], clear))


def _in_words(values: Mapping[str, Any], clear: Mapping[str, Any]) -> Iterable[Answer]:
    for name, value in values.items():
        if value in (None, "", []):
            continue
        label = words.word(accountability_terms.FIELDS, name)
        if isinstance(value, list):
            told = ngettext("%(num)d document", "%(num)d documents", len(value))
            yield Answer(str(label), told, tuple(map(str, value)))
            continue
        if is_reference(value):
            text = str(clear.get(value, HIDDEN))
        elif name in _WORDS:
            text = words.word(_WORDS[name], str(value))
        elif name == "due_at":
            text = day_text(last_day(datetime.fromisoformat(str(value))))
        else:
            text = str(value)
        yield Answer(str(label), str(text))
