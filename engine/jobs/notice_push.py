"""Messages to devices about notices: which kind of thing happened, the number, and where to look (R60)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from engine import clock
from engine.channels.push.sender import Address, Gone, send_push, sender_public_key
from engine.jobs.notice_mail import language_of, said_of, still_wanted
from engine.people.push_devices import forget_device, told_on
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Notification, Person
from engine.store.tables.workplace import PushDevice

LET_GO_AFTER: Final = timedelta(minutes=30)
"""A message that could not be handed over for so long is let go: the notice waits in the page."""
_log = logging.getLogger(__name__)


def send_notice_push(rt: Runtime, payload: Mapping[str, Any], key: str) -> None:
    """Tell a device of a notice, unless its owner has seen it meanwhile or left. Raises NotPushed.

    A device that takes no messages any more is forgotten.
    """
    row = _row(rt, payload)
    if row is None:
        return
    if clock.now() - row.created_at > LET_GO_AFTER:
        _log.warning("a push message was let go: it could not be handed over for %s", LET_GO_AFTER)
        return
    said = said_of(row.kind, language_of(row.locale))
    path = f"/tasks/{row.task_id}" if row.task_id else "/notices"
    message = {"title": said, "body": row.complaint_no or "", "path": path, "tag": payload["notice"]}
    sent = _send(rt, row, message, key)
    with rt.sessions.step() as session:
        if sent:
            told_on(session, payload["device"], clock.now())
        else:
            forget_device(session, payload["device"])


def _send(rt: Runtime, row: Any, message: Mapping[str, Any], key: str) -> bool:
    """Hand a message over; return False where the device can never take one again."""
    if row.server_key != sender_public_key(rt.keyring):
        return False  # the installation has another master key now, which the browser knows nothing of
    try:
        send_push(rt.config, rt.keyring, Address(row.endpoint, row.p256dh, row.auth), message, key)
    except Gone as error:
        _log.info("a device is forgotten: %s", error)
        return False
    return True


def _row(rt: Runtime, payload: Mapping[str, Any]) -> Any:
    query = (
        select(
            Notification.kind,
            Notification.complaint_no,
            Notification.task_id,
            Notification.created_at,
            Person.locale,
            PushDevice.endpoint,
            PushDevice.p256dh,
            PushDevice.auth,
            PushDevice.server_key,
        )
        .join(Person, Person.id == Notification.person_id)
        .join(PushDevice, PushDevice.person_id == Person.id)
        .where(Notification.id == payload["notice"], PushDevice.id == payload["device"])
        .where(Person.active, still_wanted())
    )
    with rt.sessions.read() as session:
        return session.execute(query).one_or_none()
