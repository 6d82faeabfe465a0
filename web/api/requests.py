"""What a request carries beside its schema: a key to repeat it under, raw JSON, multipart fields."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError

from engine.cases.intake import flatten
from engine.errors import InvalidInput
from engine.runtime.once import Once
from web.api.json import read_json
from web.api.operation import REFUSED

LONGEST_KEY = 200


def idempotency() -> Once | None:
    """Return the key that the caller repeats this request under, with the digest of what is asked for."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        message = f"takes 1 to {LONGEST_KEY} printable characters"
        raise InvalidInput(f"the Idempotency-Key {message}", {"Idempotency-Key": [message]})
    asked = [request.method, request.path, request.get_json(silent=True)]
    return Once(key, hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest())


def shown_holder(body: Mapping[str, Any], key: str) -> str | None:
    """Return who the caller read to have a task, '' for nobody; None where the body does not say."""
    return (body[key] or "") if key in body else None


def json_object() -> dict[str, Any]:
    """Return the body. Raises InvalidInput where it is no JSON object."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise InvalidInput("the body is to be a JSON object", {"": ["takes a JSON object"]})
    return body


def form_fields(schema: type[Schema]) -> dict[str, Any]:
    """Return the multipart fields (not the files) as `schema` reads them. Raises InvalidInput by field."""
    filled = {name: value for name, value in request.form.items() if value != ""}
    try:
        return dict(schema().load(filled))
    except ValidationError as error:
        raise InvalidInput(REFUSED, flatten(error.messages_dict)) from error
