"""`/channels`: mails that came in, and what a person decides about those that the program does not (R7)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from engine import clock
from engine.audit import note
from engine.cases.incoming.daily_check import duty_in_force, name_keepers
from engine.cases.incoming.decide import DECISIONS, WHY_NOTHING, decide_mail, read_waiting
from engine.cases.incoming.reconcile import reconcile_all
from engine.documents.register import open_document
from engine.domain.deadlines import local_date
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.roles import AGENTS
from engine.read.mails import (
    OUTCOMES,
    days_without_check,
    mail_list,
    mail_of,
    mailbox_checks,
    mailboxes,
    reconciliations,
    waiting_mails,
)
from engine.read.people import display_names, people_with
from engine.store.tables.channels import ReceivedMail
from web.access import requires
from web.extensions import db, redress, runtime
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.messages import message
from web.saved_file import saved_file
from web.times import zone

blueprint = Blueprint("intake", __name__, template_folder="templates")
PAGE = 30


@blueprint.get("/channels")
@requires("channel.read")
def index() -> Any:
    """Show the mails that wait for somebody, or those with another outcome."""
    outcome = request.args.get("outcome", "waiting")
    wanted = outcome if outcome in OUTCOMES else None
    session, actor = db.session(), current_actor()
    found = mail_list(session, actor, outcome=wanted, limit=PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "intake/index.html",
        mails=found.items,
        next=found.next,
        outcome=wanted or "",
        boxes=mailboxes(session, actor),
        **_checks(),
        waiting=waiting_mails(session),
    )


@blueprint.post("/channels/keepers")
@requires("channel.manage")
def entrust() -> Any:
    """Name who checks the mailbox each day, and who stands in."""
    try:
        given = request.form
        name_keepers(runtime(), current_actor(), given.get("keeper", ""), given.get("deputy", ""))
    except InvalidInput as error:
        flash(" ".join(message(text) for texts in error.errors.values() for text in texts), "warning")
    else:
        flash(gettext("From the next check on they look after the mailbox."))
    return redirect(url_for("intake.index") + "#checks", code=303)


@blueprint.get("/channels/mail/<mail_id>")
@requires("channel.work")
def mail(mail_id: str) -> Any:
    """Show what a mail says; the trail keeps who read it."""
    row = mail_of(db.session(), current_actor(), mail_id)
    _note_opened(row)
    return _page(mail_id)


@blueprint.get("/channels/mail/<mail_id>/original")
@requires("channel.work")
def original(mail_id: str) -> Response:
    """Give the original of a mail, to be saved. The trail says who opened it."""
    row = mail_of(db.session(), current_actor(), mail_id)
    if row.document_id is None:
        raise NotFound("the original of this mail lies in the mailbox alone")
    _note_opened(row)
    opened = open_document(db.session(), redress().vault, row.document_id)
    size = opened.document.size
    return saved_file(opened.content, "application/octet-stream", opened.name, size=size)


@blueprint.post("/channels/mail/<mail_id>")
@requires("channel.work")
def decide(mail_id: str) -> Any:
    """Make a case of a mail, add it to one, or put it aside with the reason."""
    given = request.form
    try:
        number = decide_mail(
            runtime(),
            redress().vault,
            current_actor(),
            mail_id,
            given.get("decision", ""),
            complaint_no=given.get("complaint_no", "").strip().upper()[:24],
            why=given.get("why", ""),
        )
    except (InvalidInput, Conflict) as error:
        return _page(mail_id, refused=error), 422
    flash(gettext("The mail belongs to %(no)s.", no=number) if number else gettext("The mail was put aside."))
    return redirect(url_for("intake.index"), code=303)


@blueprint.get("/channels/mailboxes")
@requires("channel.read")
def mailbox_check() -> Any:
    """Show what came out when mailboxes were held against the cases."""
    return _reconciled()


@blueprint.post("/channels/mailboxes")
@requires("channel.manage")
def reconcile_now() -> Any:
    """Hold every mailbox against the cases now."""
    db.session.rollback()  # the mail servers are waited for without a transaction
    try:
        rows = reconcile_all(runtime(), current_actor())
    except InvalidInput as error:
        flash(message(str(error)), "warning")
        return _reconciled(), 422
    lost = sum(row["lost"] or 0 for row in rows)
    if lost:
        flash(ngettext("%(num)d message was lost.", "%(num)d messages were lost.", lost), "warning")
    else:
        flash(gettext("No message was lost."))
    return redirect(url_for("intake.mailbox_check"), code=303)


def _reconciled() -> str:
    session, actor = db.session(), current_actor()
    rows = reconciliations(session, actor)
    return render_template(
        "intake/mailboxes.html",
        rows=rows,
        names=display_names(session, {row["by"] for row in rows}),
        boxes_set=bool(redress().config.imap_urls),
    )


def _checks() -> dict[str, Any]:
    """What the page shows of the daily check: its evidence, the days without, who does it."""
    session, actor = db.session(), current_actor()
    checks, duty = mailbox_checks(session, actor), duty_in_force(session)
    people = {duty.keeper, duty.deputy} if duty else set()
    people |= {each[name] for each in checks for name in ("checked_by", "keeper")}
    agents = people_with(session, AGENTS) if actor.may("channel.manage") else []
    return {
        "checks": checks,
        "missing": days_without_check(session, local_date(clock.now(), zone())),
        "duty": duty,
        "names": display_names(session, people),
        "agents": agents,
    }


def _page(mail_id: str, *, refused: Exception | None = None) -> str:
    db.session.rollback()
    session = db.session()
    row = mail_of(session, current_actor(), mail_id)
    kept = read_waiting(session, redress().vault, row)
    return render_template(
        "intake/mail.html",
        row=row,
        mail=kept[0] if kept else None,
        names=display_names(session, [row.decided_by]),
        decisions=DECISIONS,
        whys=WHY_NOTHING,
        errors=refused.errors if isinstance(refused, InvalidInput) else {},
        general=str(refused) if refused else "",
        sent=request.form,
    )


def _note_opened(row: ReceivedMail) -> None:
    with redress().sessions.step() as step:
        data = {"document": row.document_id, "complaint_no": row.complaint_no, "mail": row.id}
        note(step, current_actor().username, "document.opened", data)
