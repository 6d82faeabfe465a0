"""`/messages` and `/signals` for running processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime.commands import broadcast, correlate
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import messages as schemas
from web.extensions import runtime
from web.identity import current_actor

TAG = "messages"


@operation(
    TAG,
    "POST",
    "/messages",
    requires("message.send"),
    body=schemas.MessageBody,
    answer=schemas.CorrelatedSchema,
    repeatable=True,
)
def send(body: Mapping[str, Any]) -> Any:
    """Hand a message to the instances that wait for it. Those about a complaint correlate on its number."""
    return correlate(runtime(), current_actor(), **body, idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/signals",
    requires("message.send"),
    body=schemas.SignalBody,
    answer=schemas.SignalledSchema,
    repeatable=True,
)
def signal(body: Mapping[str, Any]) -> Any:
    """Tell a signal to every instance that waits for it; where they are very many, the worker tells them."""
    return broadcast(runtime(), current_actor(), body["name"], body["variables"], idempotency=idempotency())
