"""Chats: how quickly they were answered, the call-back of those that were not, the complaint in one (R8)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.intake import MOST_TEXT, read_intake
from engine.cases.mails import acknowledgement_of
from engine.cases.registration import register_in
from engine.documents.register import attach_documents, keep_original, open_document
from engine.documents.vault import Vault
from engine.domain.complaint import Channel
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.runtime.advance import new_step
from engine.runtime.bundles import find_definition
from engine.runtime.outbox import add_jobs
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.channels import Chat

CALL_BACK: Final = "call-back"
SOURCE: Final = "chat"
_NOBODY: Final = "（未具名）"
_SIDES: Final = {"customer": "客戶", "agent": "客服"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said: when, by `customer` or `agent`, and what."""

    at: datetime
    side: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A chat that has ended, as the chat system gives it; `customer` holds name, phone, email where known."""

    id: str
    began_at: datetime
    ended_at: datetime
    is_complaint: bool
    turns: tuple[Turn, ...] = field(repr=False)
    customer: Mapping[str, str] = field(repr=False)


def response_times(turns: Sequence[Turn]) -> tuple[int | None, int | None]:
    """Return in seconds how long the first answer took and the longest that the customer waited for one.

    Both are None where nobody answered; what the customer said last and got no answer to counts to no gap.
    """
    gaps: list[int] = []
    waiting: datetime | None = None
    for turn in sorted(turns, key=lambda each: each.at):
        if turn.side == "customer":
            waiting = waiting or turn.at
        elif waiting is not None:
            gaps.append(int((turn.at - waiting).total_seconds()))
            waiting = None
    return (gaps[0], max(gaps)) if gaps else (None, None)


def take_chat(rt: Runtime, vault: Vault, session: Session, chat: Transcript) -> str | None:
    """Keep a chat within the caller's transaction, once under its id; return the number of its case.

    One tagged as a complaint becomes a case with the transcript; one that nobody answered is called back.
    """
    known = session.get(Chat, chat.id)
    if known is not None:
        return known.complaint_no
    plain = orjson.dumps(
        {
            "customer": dict(chat.customer),
            "turns": [{"at": each.at, "side": each.side, "text": each.text} for each in chat.turns],
        }
    )
    document = keep_original(session, vault, io.BytesIO(plain), "chat.json", "application/json", SYSTEM)
    first, longest = response_times(chat.turns)
    row = Chat(
        id=chat.id,
        began_at=chat.began_at,
        ended_at=chat.ended_at,
        turns=len(chat.turns),
        first_response_s=first,
        longest_gap_s=longest,
        document_id=document.id,
        taken_at=clock.now(),
    )
    session.add(row)
    session.flush()
    if chat.is_complaint:
        row.complaint_no = _register(rt, session, SYSTEM, chat.id, chat.began_at, _read(plain))
        attach_documents(session, [document.id], row.complaint_no)
    elif first is None:
        row.call_back_instance = _call_back(rt, session, chat)
    session.flush()
    return row.complaint_no


def make_complaint(rt: Runtime, vault: Vault, actor: Actor, chat_id: str) -> str:
    """Register a complaint that a kept chat turned out to be; return its number.

    It counts from the beginning of the chat. Raises Forbidden, NotFound, Conflict (it has a case).
    """
    actor.require("channel.work")
    with rt.sessions.step() as session:
        row = session.scalars(select(Chat).where(Chat.id == chat_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound("there is no such chat")
        if row.complaint_no is not None:
            raise Conflict(f"the chat belongs to {row.complaint_no} already")
        number = _register(rt, session, actor, chat_id, row.began_at, read_chat(session, vault, row))
        attach_documents(session, [row.document_id], number)
        row.complaint_no = number
        note(session, actor.username, "chat.converted", {"chat": chat_id, "complaint_no": number})
        return number


def read_chat(session: Session, vault: Vault, row: Chat) -> dict[str, Any]:
    """Return who wrote a chat and what was said, in clear; the caller has noted that (R60)."""
    with open_document(session, vault, row.document_id).content as content:
        return _read(content.read())


def called_back(session: Session, variables: Mapping[str, Any]) -> None:
    """Note on a chat that its customer has been called back."""
    changed = update(Chat).where(Chat.id == str(variables.get("chat") or ""))
    session.execute(changed.values(called_back_at=clock.now()))


def _read(plain: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(plain)
    return found


def _register(
    rt: Runtime, session: Session, actor: Actor, chat_id: str, at: datetime, said: Mapping[str, Any]
) -> str:
    text = "\n".join(f"{_SIDES.get(each['side'], each['side'])}：{each['text']}" for each in said["turns"])
    customer = {key: value for key, value in said["customer"].items() if value}
    intake: dict[str, Any] = {
        "channel": str(Channel.CHAT),
        "received_at": min(at, clock.now()).isoformat(),
        "content": text[:MOST_TEXT] or _NOBODY,
        "customer": {"name": customer.get("name") or _NOBODY},
        "preferred_contact": "phone" if customer.get("phone") else "email",
        "source": SOURCE,
        "source_ref": chat_id,
    }
    try:
        checked = read_intake(intake | {"customer": {**customer, "name": intake["customer"]["name"]}})
    except InvalidInput:  # a contact that cannot be used is no reason to lose a complaint
        checked = read_intake(intake)
    number = register_in(rt, session, actor, checked).complaint_no
    add_jobs(rt, session, acknowledgement_of(number, checked))
    return number


def _call_back(rt: Runtime, session: Session, chat: Transcript) -> str | None:
    try:
        find_definition(session, CALL_BACK)
    except NotFound:
        return None  # the chat stands on its page as not answered
    variables = {"chat": chat.id, "asked_at": min(chat.began_at, clock.now())}
    instance_id = new_id()
    with new_step(
        rt, session, CALL_BACK, SYSTEM, variables=variables, business_key=None, instance_id=instance_id
    ) as step:
        step.run()
    return instance_id
