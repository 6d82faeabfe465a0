"""`/channels`: the hotline's roster and figures, chats, mailboxes and their daily check (R6-R8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import clock
from engine.cases.incoming.chats import make_complaint
from engine.cases.incoming.daily_check import duty_in_force, name_keepers
from engine.cases.incoming.hotline import WEEK, drop_shift, enter_figures, link_call, plan_shift, roster_gaps
from engine.cases.incoming.reconcile import reconcile_all
from engine.domain.deadlines import local_date
from engine.read import channels as read
from engine.read.mails import days_without_check, mailbox_checks, mailboxes, reconciliations
from web.access import requires
from web.api.operation import operation
from web.api.schemas import channels as schemas
from web.api.schemas.base import PageQuery, page_of
from web.api.schemas.tasks import NothingSchema
from web.extensions import db, redress, runtime
from web.identity import current_actor
from web.times import zone

TAG = "channels"


@operation(
    TAG,
    "GET",
    "/channels/hotline/shifts",
    requires("channel.read"),
    query=schemas.RosterQuery,
    answer=schemas.RosterSchema,
)
def roster(query: Mapping[str, Any]) -> Any:
    """Give the roster of a span (without one of the coming week) and the gaps in which nobody answers."""
    begins_at = query.get("begins_at") or clock.now()
    ends_at = query.get("ends_at") or begins_at + WEEK
    planned = read.shifts(db.session(), current_actor(), begins_at, ends_at)
    gaps = roster_gaps([(each["begins_at"], each["ends_at"]) for each in planned], begins_at, ends_at)
    told = [{"begins_at": begins, "ends_at": ends} for begins, ends in gaps]
    return {"begins_at": begins_at, "ends_at": ends_at, "items": planned, "gaps": told}


@operation(
    TAG,
    "POST",
    "/channels/hotline/shifts",
    requires("channel.manage"),
    body=schemas.ShiftBody,
    answer=schemas.ShiftSchema,
    status=201,
)
def add_shift(body: Mapping[str, Any]) -> Any:
    """Have somebody answer the hotline, in so many weeks on end; gives the first of the shifts."""
    begins, ends = body["begins_at"], body["ends_at"]
    made = plan_shift(runtime(), current_actor(), body["person"], begins, ends, weeks=body["weeks"])
    return {"id": made[0], "person": body["person"], "begins_at": begins, "ends_at": ends}


@operation(
    TAG,
    "POST",
    "/channels/hotline/shifts/<shift_id>/drop",
    requires("channel.manage"),
    answer=NothingSchema,
    status=204,
)
def remove_shift(shift_id: str) -> Any:
    """Take a shift out of the roster."""
    drop_shift(runtime(), current_actor(), shift_id)
    return {}


@operation(
    TAG, "GET", "/channels/hotline/figures", requires("channel.read"), answer=schemas.CallFiguresSchema
)
def call_figures() -> Any:
    """Tell how calls were answered in the last 30 days; without a call there is neither share nor wait."""
    return read.call_figures(db.session(), current_actor())


@operation(
    TAG,
    "POST",
    "/channels/hotline/figures",
    requires("channel.manage"),
    body=schemas.CallSpansBody,
    answer=schemas.CallFiguresSchema,
)
def keep_call_figures(body: Mapping[str, Any]) -> Any:
    """Enter how calls were answered, span by span; a span that comes again replaces what was kept of it."""
    enter_figures(runtime(), current_actor(), body["spans"])
    return read.call_figures(db.session(), current_actor())


@operation(TAG, "GET", "/channels/hotline/calls", requires("channel.read"), answer=schemas.OpenCallsSchema)
def open_calls() -> Any:
    """List calls that were tagged as complaints and have no case, the oldest first: there must be none."""
    return {"items": read.calls_without_case(db.session(), current_actor())}


@operation(
    TAG,
    "POST",
    "/channels/hotline/calls/<call_id>/link",
    requires("channel.work"),
    body=schemas.LinkBody,
    answer=NothingSchema,
    status=204,
)
def link(body: Mapping[str, Any], call_id: str) -> Any:
    """Say which case a complaint call became."""
    link_call(runtime(), current_actor(), call_id, body["complaint_no"])
    return {}


@operation(
    TAG,
    "GET",
    "/channels/chats",
    requires("channel.read"),
    query=PageQuery,
    answer=page_of(schemas.ChatSchema),
)
def chats(query: Mapping[str, Any]) -> Any:
    """List chats, the newest first: how quickly each was answered, nothing of what was said."""
    return read.chat_list(db.session(), current_actor(), **query)


@operation(TAG, "GET", "/channels/chats/figures", requires("channel.read"), answer=schemas.ChatFiguresSchema)
def chat_figures() -> Any:
    """Tell how quickly chats of the last 30 days were answered: the first response of half and of 95 %."""
    return read.response_figures(db.session(), current_actor())


@operation(
    TAG,
    "POST",
    "/channels/chats/<chat_id>/convert",
    requires("channel.work"),
    answer=schemas.ConvertedSchema,
    status=201,
)
def convert(chat_id: str) -> Any:
    """Register the complaint that a chat turned out to be; it counts from the beginning of the chat."""
    return {"complaint_no": make_complaint(runtime(), redress().vault, current_actor(), chat_id)}


@operation(TAG, "GET", "/channels/mailboxes", requires("channel.read"), answer=schemas.MailboxesSchema)
def mailbox_list() -> Any:
    """List the mailboxes, who checks them each day, and the evidence of the last 31 checks."""
    session, actor = db.session(), current_actor()
    duty = duty_in_force(session)
    return {
        "items": mailboxes(session, actor),
        "keeper": duty.keeper if duty else None,
        "deputy": duty.deputy if duty else None,
        "checks": mailbox_checks(session, actor),
        "days_without_check": days_without_check(session, local_date(clock.now(), zone())),
    }


@operation(
    TAG,
    "PUT",
    "/channels/mailboxes/keepers",
    requires("channel.manage"),
    body=schemas.KeepersBody,
    answer=schemas.KeepersBody,
)
def entrust(body: Mapping[str, Any]) -> Any:
    """Name who checks the mailboxes each day from the next check on, and who stands in."""
    name_keepers(runtime(), current_actor(), body["keeper"], body["deputy"])
    return body


@operation(
    TAG,
    "GET",
    "/channels/mailboxes/reconciliations",
    requires("channel.read"),
    answer=schemas.ReconciliationsSchema,
)
def past_reconciliations() -> Any:
    """List what came out when mailboxes were held against the cases, the newest first."""
    return {"items": reconciliations(db.session(), current_actor())}


@operation(
    TAG,
    "POST",
    "/channels/mailboxes/reconcile",
    requires("channel.manage"),
    answer=schemas.ReconciliationsSchema,
    status=201,
    errors=(422,),
)
def reconcile_now() -> Any:
    """Hold every mailbox against the cases now: every message has a row, or will have one."""
    reconcile_all(runtime(), current_actor())
    db.session.rollback()
    return {"items": reconciliations(db.session(), current_actor(), limit=len(runtime().config.imap_urls))}
