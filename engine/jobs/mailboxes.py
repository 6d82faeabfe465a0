"""Reading the mailboxes of complaints: a bounded pass, each mailbox by one worker at a time (R7).

The database knows how far a mailbox has been read. A message is marked in the mailbox only after its case was
committed; a worker that dies between the two leaves a message that is marked by the next pass.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select, update

from engine import clock
from engine.cases.incoming.take_in import Arrived, give_up, take_in
from engine.channels.mailbox import MailboxAway, OpenMailbox, Place, Waiting, open_mailbox, place_of_url
from engine.documents.vault import Vault
from engine.jobs.pace import Pace
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.channels import Mailbox, ReceivedMail
from engine.store.upsert import insert_into

log = logging.getLogger(__name__)

EVERY_S: Final = 30.0
MOST: Final = 50
"""So many messages of a mailbox in one pass; the next goes on."""
ATTEMPTS: Final = 5
"""So often a message is tried before a person is to look at it, so that it keeps no other from its case."""
HEAD_BYTES: Final = 256 * 1024
"""So much is read of a message that is larger than what is taken: its text stands at the beginning."""
_LEASE: Final = timedelta(minutes=5)


def mailbox_pass(rt: Runtime, stopping: Callable[[], bool] = lambda: False) -> Pace:
    """Read every mailbox of the settings; one that is away keeps no other from being read."""
    done, full = 0, False
    for url in rt.config.imap_urls:
        if stopping():
            break
        taken = read_mailbox(rt, place_of_url(url), stopping)
        done, full = done + taken, full or taken >= MOST
    return Pace(done, 0.0 if full else EVERY_S)


def read_mailbox(rt: Runtime, place: Place, stopping: Callable[[], bool] = lambda: False) -> int:
    """Take in what came to one mailbox, unless another worker is at it; return how many messages."""
    with _leased(rt, place.name) as lease:
        if lease is None:
            return 0
        try:
            with open_mailbox(place) as box:
                done = _read(rt, place.name, box, lease, stopping)
                _mark(rt, place.name, box)
        except MailboxAway as error:
            log.warning("a mailbox cannot be read: %s", error)
            _note(rt, place.name, error=str(error)[:300])
            return 0
        _note(rt, place.name, checked_at=clock.now(), error=None)
        return done


def vault_of(rt: Runtime) -> Vault:
    """Return the vault of documents for what a channel delivers, as large as uploads may be."""
    return Vault(rt.config.data_dir / "documents", rt.keyring, limit_bytes=rt.config.upload_limit_bytes)


def _read(rt: Runtime, name: str, box: OpenMailbox, lease: str, stopping: Callable[[], bool]) -> int:
    vault, done = vault_of(rt), 0
    for waiting in box.after(_begin(rt, name, box.validity), MOST, rt.config.imap_since):
        if stopping() or not _extend(rt, name, lease):
            break
        _take(rt, vault, name, box, waiting)
        done += 1
    return done


def _take(rt: Runtime, vault: Vault, name: str, box: OpenMailbox, waiting: Waiting) -> None:
    whole = waiting.size <= rt.config.upload_limit_bytes
    raw = box.read(waiting.uid, None if whole else HEAD_BYTES)
    arrived = Arrived(name, box.validity, waiting.uid, waiting.size, waiting.arrived_at, raw, whole)
    attempts = _attempt(rt, name)
    try:
        take_in(rt, vault, arrived)
    except Exception as error:
        log.warning("message %s of a mailbox was not taken in: %s", waiting.uid, type(error).__name__)
        if attempts < ATTEMPTS:
            raise
        give_up(rt, arrived)


def _mark(rt: Runtime, name: str, box: OpenMailbox) -> None:
    """Mark in the mailbox what has been taken in, what an earlier pass left unmarked included."""
    unmarked = (
        select(ReceivedMail.id, ReceivedMail.uid)
        .where(
            ReceivedMail.mailbox == name,
            ReceivedMail.validity == box.validity,
            ReceivedMail.marked_at.is_(None),
            ReceivedMail.reason.is_distinct_from("failed"),
        )
        .order_by(ReceivedMail.uid)
        .limit(MOST * 2)
    )
    with rt.sessions.read() as session:
        rows = session.execute(unmarked).all()
    for row in rows:
        box.mark(row.uid, rt.config.imap_handled)
        with rt.sessions.step() as session:
            marked = update(ReceivedMail).where(ReceivedMail.id == row.id)
            session.execute(marked.values(marked_at=clock.now()))


def _begin(rt: Runtime, name: str, validity: int) -> int:
    """Return the UID after which to read: from the beginning where the server has numbered anew."""
    with rt.sessions.step() as session:
        row = session.get(Mailbox, name, with_for_update=True)
        if row is None or row.validity == validity:
            return row.last_uid if row is not None else 0
        row.validity, row.last_uid, row.attempts = validity, 0, 0
        return 0


def _attempt(rt: Runtime, name: str) -> int:
    """Count an attempt before it is made, so that one that ends the process counts, too."""
    with rt.sessions.step() as session:
        counted = update(Mailbox).where(Mailbox.name == name).values(attempts=Mailbox.attempts + 1)
        return int(session.scalar(counted.returning(Mailbox.attempts)) or 0)


@contextmanager
def _leased(rt: Runtime, name: str) -> Iterator[str | None]:
    """Have a mailbox to ourselves for a while; None where another worker has it."""
    key, now = new_id(), clock.now()
    with rt.sessions.step() as session:
        session.execute(insert_into(session, Mailbox).values(_new(name)).on_conflict_do_nothing())
        free = or_(
            Mailbox.leased_until.is_(None), Mailbox.leased_until <= now, Mailbox.leased_until > now + _LEASE
        )
        taken = update(Mailbox).where(Mailbox.name == name, free)
        row = session.execute(
            taken.values(lease=key, leased_until=now + _LEASE).returning(Mailbox.name)
        ).first()
    if row is None:
        yield None
        return
    try:
        yield key
    finally:
        with rt.sessions.step() as session:
            ours = update(Mailbox).where(Mailbox.name == name, Mailbox.lease == key)
            session.execute(ours.values(lease=None, leased_until=None))


def _extend(rt: Runtime, name: str, lease: str) -> bool:
    with rt.sessions.step() as session:
        ours = update(Mailbox).where(Mailbox.name == name, Mailbox.lease == lease)
        longer = ours.values(leased_until=clock.now() + _LEASE).returning(Mailbox.name)
        return session.execute(longer).first() is not None


def _new(name: str) -> dict[str, object]:
    return {"name": name, "validity": 0, "last_uid": 0, "attempts": 0}


def _note(rt: Runtime, name: str, **values: object) -> None:
    with rt.sessions.step() as session:
        session.execute(update(Mailbox).where(Mailbox.name == name).values(**values))
