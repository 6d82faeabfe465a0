"""Score sheets: what a frozen version says of a person or department, signed, for whoever appraises (R48).

The signature is Ed25519 over the canonical JSON of the statement; of a PDF over all its bytes, the statement
within it. Its key follows from the secret of the
blind index, so that no further key has to be kept; the public key can be handed out, and whoever has it
checks a sheet without Redress.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.audit.canonical import canonical
from engine.domain.kpi import Proportion
from engine.errors import Forbidden, InvalidInput
from engine.people.actor import Actor
from engine.privacy.keyring import Keyring
from engine.quality.figures import FIGURES
from engine.quality.freezing import STREAM, seen_of
from engine.quality.snapshot import Seen, summarise
from engine.store.tables.cases import Complaint
from engine.store.types import instant_text

SUBJECTS: Final = {"person": "handler", "department": "department"}
"""Whom a sheet is about, and the breakdown that finds their cases."""
FORMAT: Final = 1
MARK: Final = b"%redress-ed25519 "
"""Begins the last line of a signed PDF: a comment in the language of PDF."""
PDF: Final = b"%PDF-"


def sheet_of(
    session: Session, actor: Actor, found: Mapping[str, Any], kind: str, subject: str
) -> dict[str, Any]:
    """Return what a frozen version says of a person (username) or department (id), with the cases behind.

    Complaints about a person are no part of their sheet, whoever asks for it: they had no business handling
    them, and see nothing of them (Art. 17). Those about the actor are counted and not listed. Raises
    InvalidInput for another kind.
    """
    if kind not in SUBJECTS:
        raise InvalidInput(f"a score sheet is about one of {', '.join(SUBJECTS)}")
    group, order = SUBJECTS[kind], found["body"]["order"]
    seen = seen_of(session, found["id"], subject if group == "handler" else None)
    about = _about(session, subject) if group == "handler" else frozenset()
    theirs = [each for each in seen if each.groups.get(group) == subject and each.no not in about]
    summed = summarise(theirs, order)
    return {
        "sheet": FORMAT,
        "about": {kind: subject},
        "period": found["period"],
        "version": found["version"],
        "frozen_at": instant_text(found["frozen_at"]),
        "digest": found["digest"],
        "settings": found["body"]["settings"],
        "figures": {
            name: _figure(name, summed["figures"][name], found["body"]) for name in order if name in FIGURES
        },
        "amounts": summed["amounts"],
        "cases": {each.no: _marks(each, order) for each in theirs if each.no not in actor.accused_in},
    }


def _about(session: Session, username: str) -> frozenset[str]:
    return frozenset(session.scalars(select(Complaint.no).where(Complaint.accused == username)))


def _figure(name: str, counts: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    proportion, figure = Proportion(counts["hits"], counts["of"]), FIGURES[name]
    waits = body["waiting"].get(name)
    return {
        "clause": figure.clause,
        "definition": body["versions"][name],
        "of": proportion.of,
        "hits": proportion.hits,
        "share": None if waits else proportion.share,
        "interval": None if waits else proportion.interval,
        "comparable": not waits and proportion.of >= figure.least,
        "waits_until": waits,
    }


def _marks(each: Seen, order: list[str]) -> dict[str, bool]:
    return {name: bool(each.hit >> bit & 1) for bit, name in enumerate(order) if each.asked >> bit & 1}


def export_sheet(
    session: Session, keyring: Keyring, actor: Actor, found: Mapping[str, Any], kind: str, subject: str
) -> bytes:
    """Return a signed sheet as JSON; one's own, or another's with permission. The trail notes it.

    Raises Forbidden, InvalidInput. The caller commits.
    """
    if not (kind == "person" and subject == actor.username):
        actor.require("figures.export")
    statement = sheet_of(session, actor, found, kind, subject)
    statement |= {"exported_at": instant_text(clock.now()), "exported_by": actor.username}
    signed = sign(keyring, statement)
    data = {"period": found["period"], "version": found["version"], "about": statement["about"]}
    note(session, actor.username, "figures.exported", data, stream=STREAM)
    return orjson.dumps(signed, option=orjson.OPT_INDENT_2)


def sign(keyring: Keyring, statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement with its signature."""
    key = _key(keyring)
    signature = {
        "algorithm": "Ed25519",
        "public_key": public_key(keyring),
        "value": base64.b64encode(key.sign(canonical(statement))).decode(),
    }
    return {"statement": dict(statement), "signature": signature}


def sign_file(keyring: Keyring, content: bytes) -> bytes:
    """Return a PDF with a last line that signs every byte before it: readers pass over what stands behind the
    end of the file.
    """
    value = base64.b64encode(_key(keyring).sign(content))
    return content + MARK + value + b"\n"


def check_file(content: bytes, trusted_key: str) -> None:
    """Prove that a signed PDF is as it was signed. Raises InvalidInput where it carries no signature as its
    last line, Forbidden where `trusted_key` (base64) did not sign it as it stands.
    """
    before, mark, value = content.rpartition(MARK)
    try:
        signature = base64.b64decode(value.removesuffix(b"\n"), validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(trusted_key, validate=True))
    except ValueError as error:
        raise InvalidInput("this is no signed score sheet, or the key is none") from error
    if not mark:
        raise InvalidInput("this file carries no signature")
    try:
        key.verify(signature, before)
    except InvalidSignature as error:
        raise Forbidden("the signature does not fit: changed since, or signed by somebody else") from error


def public_key(keyring: Keyring) -> str:
    """Return the public key of this installation in base64."""
    return base64.b64encode(_key(keyring).public_key().public_bytes_raw()).decode()


def check_signed(content: bytes, trusted_key: str) -> Mapping[str, Any]:
    """Return the statement of a signed file. Raises InvalidInput where it is damaged, Forbidden where
    `trusted_key` (base64) did not sign it as it stands.
    """
    try:
        signed = orjson.loads(content)
        statement, value = signed["statement"], base64.b64decode(signed["signature"]["value"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(trusted_key, validate=True))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput("this is no signed score sheet, or the key is none") from error
    try:
        key.verify(value, canonical(statement))
    except InvalidSignature as error:
        raise Forbidden("the signature does not fit: changed since, or signed by somebody else") from error
    return dict(statement)


def _key(keyring: Keyring) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keyring.digest("signing-key", "ed25519")))
