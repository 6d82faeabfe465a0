"""How often something may be done in a while, counted in the database: all web processes count together.

What is counted is known by a keyed digest alone, since an address tells who somebody is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import TooMany
from engine.privacy.keyring import Keyring
from engine.store.sessions import Sessions
from engine.store.tables.channels import Throttle
from engine.store.upsert import insert_into

HOUR = timedelta(hours=1)
NETWORK_BITS = 64
"""An IPv6 customer has a network of this size to choose addresses from: it counts as one place."""


@dataclass(frozen=True, slots=True)
class Bound:
    """That `what` happens at most `most` times in `span` for one `who` (an empty one: for everybody)."""

    what: str
    who: str
    most: int
    span: timedelta = HOUR


def count_against(sessions: Sessions, keyring: Keyring, bounds: Sequence[Bound]) -> None:
    """Count one attempt against each bound, in a transaction of its own. Raises TooMany.

    An attempt that one bound refuses is not counted against those after it, so that one place that goes on
    knocking uses up nobody else's share: name the narrow bounds first.
    """
    now = clock.now()
    with sessions.step() as session:
        refused = next((bound for bound in bounds if not _fits(session, keyring, bound, now)), None)
    if refused is not None:
        ends = _began(now, refused.span) + refused.span
        wait = int((ends - now).total_seconds()) + 1
        raise TooMany(f"too many attempts; try again in {wait // 60 + 1} minutes", wait)


def is_open(session: Session, keyring: Keyring, bound: Bound) -> bool:
    """Whether another attempt fits the bound; counts nothing."""
    held = select(Throttle.count).where(
        Throttle.key == _key(keyring, bound), Throttle.began_at == _began(clock.now(), bound.span)
    )
    return (session.scalar(held) or 0) < bound.most


def place_of(address: str | None) -> str:
    """Return what one place is known by: an IPv4 address, an IPv6 network; '' where there is none."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))
    return str(found)


def forget_counts(session: Session) -> int:
    """Drop the counts of spans that are over; return how many."""
    over = delete(Throttle).where(Throttle.ends_at < clock.now()).returning(Throttle.key)
    return len(session.execute(over).all())


def _fits(session: Session, keyring: Keyring, bound: Bound, now: datetime) -> bool:
    began = _began(now, bound.span)
    row = insert_into(session, Throttle).values(
        key=_key(keyring, bound), began_at=began, ends_at=began + bound.span, count=1
    )
    counted = session.scalar(
        row.on_conflict_do_update(
            index_elements=[Throttle.key, Throttle.began_at], set_={"count": Throttle.count + 1}
        ).returning(Throttle.count)
    )
    return counted is not None and counted <= bound.most


def _began(now: datetime, span: timedelta) -> datetime:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return start + ((now - start) // span) * span


def _key(keyring: Keyring, bound: Bound) -> str:
    return keyring.digest(f"throttle:{bound.what}", bound.who)
