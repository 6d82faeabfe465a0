"""Checkpoints: a Merkle root over all stream heads, sealed, to be kept outside.

The chain of a stream finds edits, deletions and swaps; only a checkpoint that lies elsewhere finds that a
whole stream, or its end, was cut off and its head rewritten with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson
from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from engine import clock
from engine.audit.append import SYSTEM_STREAM, Head
from engine.audit.verify import heads
from engine.privacy.keyring import Keyring
from engine.store.ids import new_id
from engine.store.sessions import Sessions
from engine.store.tables.audit import Checkpoint, History, StreamHead
from engine.store.types import instant_text

_FOLLOWING = aliased(Checkpoint)


def merkle_root(leaves: Iterable[str]) -> str:
    """Return the SHA-256 Merkle root (hex) of leaf hashes; leaves and nodes are hashed apart (RFC 6962)."""
    level = [hashlib.sha256(b"\x00" + leaf.encode()).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0].hex()


def make_checkpoint(sessions: Sessions, keyring: Keyring) -> str:
    """Seal the present heads and return the checkpoint as JSON text, one line a stream behind the first.

    The first line is the sealed statement; it is kept in the database too, chained to the one before.
    """
    with sessions.snapshot() as session:
        found = list(heads(session))
    with sessions.step() as session:
        one_at_a_time = select(StreamHead.seq).where(StreamHead.stream == SYSTEM_STREAM)
        session.execute(one_at_a_time.with_for_update())
        previous = last_seal(session) or ""
        at = clock.now()
        root = merkle_root(_leaf(head) for head in found)
        seal = _seal(keyring, instant_text(at), len(found), root, previous)
        session.execute(
            insert(Checkpoint).values(
                id=new_id(), at=at, streams=len(found), root=root, seal=seal, prev_seal=previous
            )
        )
    statement = {
        "checkpoint": 1,
        "at": instant_text(at),
        "streams": len(found),
        "root": root,
        "seal": seal,
        "prev_seal": previous,
    }
    lines = [statement, *({"stream": head.stream, "seq": head.seq, "hash": head.hash} for head in found)]
    return "".join(orjson.dumps(line).decode() + "\n" for line in lines)


def last_seal(session: Session) -> str | None:
    """Return the seal that no checkpoint follows yet; None without one.

    The chain says what follows what: identifiers are of their makers' clocks, which may be set back.
    """
    follows = exists().where(_FOLLOWING.prev_seal == Checkpoint.seal)
    return session.scalar(select(Checkpoint.seal).where(~follows).order_by(Checkpoint.id.desc()).limit(1))


def verify_checkpoints(session: Session, keyring: Keyring) -> list[str]:
    """Check the seals and the chain of the checkpoints kept here; return what does not hold, in words.

    Two that follow the same one were made at the same moment, by an earlier version of ours: who has no key
    makes none, and what was taken away is missed by the one behind it.
    """
    problems = []
    rows = session.execute(select(Checkpoint.__table__).order_by(Checkpoint.id)).all()
    seals = {"", *(row.seal for row in rows)}
    for row in rows:
        if row.prev_seal not in seals:
            problems.append(f"checkpoint of {instant_text(row.at)}: the one before it is missing or changed")
        if row.seal != _seal(keyring, instant_text(row.at), row.streams, row.root, row.prev_seal):
            problems.append(f"checkpoint of {instant_text(row.at)}: its seal does not fit its content")
    return problems


def verify_against(session: Session, keyring: Keyring, text: str) -> list[str]:
    """Check the trail against a checkpoint file kept outside: nothing in it may be missing or changed
    since.
    """
    lines = [orjson.loads(line) for line in text.splitlines() if line.strip()]
    statement, streams = lines[0], lines[1:]
    seal = _seal(keyring, statement["at"], statement["streams"], statement["root"], statement["prev_seal"])
    if seal != statement["seal"]:
        return ["the checkpoint file's seal does not fit its content"]
    if merkle_root(_leaf(Head(**line)) for line in streams) != statement["root"]:
        return ["the checkpoint file's streams do not make up its root"]
    problems = []
    for line in streams:
        if line["seq"] == 0:
            continue
        found = session.scalars(
            select(History.hash).where(History.stream == line["stream"], History.seq == line["seq"])
        ).first()
        if found is None:
            present = session.scalars(
                select(func.max(History.seq)).where(History.stream == line["stream"])
            ).one()
            problems.append(
                f"{line['stream']}: had {line['seq']} rows at the checkpoint, has {present or 0} now"
            )
        elif found != line["hash"]:
            problems.append(f"{line['stream']} row {line['seq']}: is not the row of the checkpoint")
    return problems


def _leaf(head: Head) -> str:
    return f"{head.stream}:{head.seq}:{head.hash}"


def _seal(keyring: Keyring, at: str, streams: int, root: str, previous: str) -> str:
    return keyring.digest("checkpoint", f"{at}|{streams}|{root}|{previous}")
