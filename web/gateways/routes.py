"""`/gateways`: text messages and receipts, chats, calls and their figures, signed by a channel's gateway.

The contract is docs/channels.md. Every request acts once under the id that it carries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, jsonify, request
from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session

from engine.cases.incoming.chats import Transcript, Turn, take_chat
from engine.cases.incoming.hotline import take_call, take_figures
from engine.cases.incoming.texts import Text, take_receipt, take_text
from engine.cases.intake import flatten
from engine.channels.signing import refuse_replay
from engine.errors import InvalidInput
from web.access import signed
from web.extensions import redress, runtime
from web.gateways import schemas

blueprint = Blueprint("gateways", __name__, url_prefix="/gateways")


@blueprint.post("/sms/receipts")
@signed("sms")
def receipt() -> Any:
    """Take what became of a text message of ours."""
    sent = _read(schemas.ReceiptSchema())

    def act(session: Session) -> dict[str, Any]:
        take_receipt(runtime(), session, sent["id"], sent["status"], sent["code"])
        return {}

    return _once(act)


@blueprint.post("/sms/messages")
@signed("sms")
def text() -> Any:
    """Take a text message of a customer."""
    message = Text(**_read(schemas.TextSchema()))
    return _once(lambda session: {"complaint_no": take_text(runtime(), session, message)})


@blueprint.post("/chat/transcripts")
@signed("chat")
def chat() -> Any:
    """Take a chat that has ended."""
    sent = _read(schemas.ChatSchema())
    turns = tuple(Turn(**each) for each in sent["turns"])
    given = {name: sent[name] for name in ("id", "began_at", "ended_at", "customer")}
    taken = Transcript(**given, is_complaint=sent["complaint"], turns=turns)
    vault = redress().vault
    return _once(lambda session: {"complaint_no": take_chat(runtime(), vault, session, taken)})


@blueprint.post("/hotline/calls")
@signed("hotline")
def call() -> Any:
    """Take a call of the hotline."""
    sent = _read(schemas.CallSchema())

    def act(session: Session) -> dict[str, Any]:
        take_call(session, sent)
        return {"complaint_no": sent["complaint_no"]}

    return _once(act)


@blueprint.post("/hotline/figures")
@signed("hotline")
def figures() -> Any:
    """Take how calls were answered, span by span."""
    sent = _read(schemas.FiguresSchema())

    def act(session: Session) -> dict[str, Any]:
        take_figures(session, sent["spans"])
        return {"spans": len(sent["spans"])}

    return _once(act)


def _read(schema: Schema) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or _holds_nul(body):
        message = "takes a JSON object without NUL characters"
        raise InvalidInput(f"the body {message}", {"": [message]})
    try:
        return dict(schema.load(body))
    except ValidationError as error:
        raise InvalidInput(
            "the message was refused: see the fields", flatten(_by_text(error.messages_dict))
        ) from error


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(each) for each in value.values())
    if isinstance(value, list):
        return any(_holds_nul(each) for each in value)
    return isinstance(value, str) and "\0" in value


def _by_text(each: Any) -> Any:
    """Name the places in lists by text, too."""
    return {str(key): _by_text(value) for key, value in each.items()} if isinstance(each, dict) else each


def _once(act: Callable[[Session], dict[str, Any]]) -> Any:
    """Act on a signed request within one transaction with the note that it was acted on."""
    with redress().sessions.step() as session:
        refuse_replay(session, redress().keyring, g.signature, g.signed_at)
        answer = act(session)
    return jsonify({"taken": True, **answer})
