"""Canonical JSON (RFC 8785) and the hashes made from it.

Written with orjson, which sorts keys and escapes as the RFC asks, at a tenth of the time of a pure
Python writer; what differs between the two (floating-point numbers, integers beyond 2^53) is turned into
text first. A test compares every kind of value with the `rfc8785` package.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

SCHEMA_VERSION = 1
_SAFE_INTEGER = 2**53 - 1
_AS_IS = frozenset({str, bool, type(None)})


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value made of plain Python data; numbers that JSON cannot hold
    become text.
    """
    return orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS)


def plain(value: Any) -> Any:
    """Return `value` with everything that canonical JSON has no exact form for written as text."""
    kind = type(value)
    if kind in _AS_IS:
        return value
    if kind is dict:  # what most of the trail is made of, before what takes longer to tell
        return {
            key if type(key) is str else str(key): item if type(item) in _AS_IS else plain(item)
            for key, item in value.items()
        }
    if kind is list:
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _SAFE_INTEGER else repr(value)
    if isinstance(value, Decimal):
        return (
            int(value) if value == value.to_integral_value() and abs(value) <= _SAFE_INTEGER else str(value)
        )
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return str(value)


def row_hash(
    *,
    stream: str,
    seq: int,
    at: str,
    actor: str,
    kind: str,
    element_id: str | None,
    element_name: str | None,
    data: str,
    prev_hash: str,
) -> str:
    """Return the SHA-256 (hex) of a history row over its predecessor. `data` is canonical JSON text."""
    body = {
        "v": SCHEMA_VERSION,
        "stream": stream,
        "seq": seq,
        "at": at,
        "actor": actor,
        "kind": kind,
        "element_id": element_id,
        "element_name": element_name,
        "data": orjson.Fragment(data),
        "prev": prev_hash,
    }
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def commitment(salt: str, value: Any) -> str:
    """Return the salted SHA-256 (hex) that stands in the chain for a form value."""
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def new_salt() -> str:
    """Return 128 random bits as hex."""
    return secrets.token_hex(16)
