"""Handing a text message to the gateway that sends it (docs/channels.md), or to a file where none is set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests

from engine import clock
from engine.channels.mail import NotSent, Refused
from engine.channels.signing import SIGNATURE, TIMESTAMP, signature
from engine.channels.sink import Sink
from engine.config import Config

SINK: Final = "sms"
CONNECT_S, ANSWER_S = 5.0, 20.0
MOST_ANSWER: Final = 16 * 1024
MOST_TEXT: Final = 2_000
_NEVER: Final = frozenset({400, 404, 410, 413, 422})
"""Answers by which a gateway says that it will never take this message; all others are tried again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text message. `key` is the same at every attempt, so that the gateway sends it once."""

    key: str
    to: str = field(repr=False)
    text: str = field(repr=False)


def hand_over(config: Config, message: Outgoing, sink: Sink) -> str:
    """Hand a message to the gateway and return its reference. Call it while no transaction is open.

    Without a gateway it is kept in the sink. Raises Refused where the gateway will never take it, NotSent
    where it may later.
    """
    body = orjson.dumps({"id": message.key, "to": message.to, "text": message.text[:MOST_TEXT]})
    if config.sms_url is None:
        return sink.keep(SINK, message.key, body)
    at = int(clock.real_now().timestamp())
    path = urlsplit(config.sms_url).path or "/"
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        TIMESTAMP: str(at),
        SIGNATURE: signature(config.sms_secret or "", at, "POST", path, body),
    }
    try:
        with requests.post(
            config.sms_url,
            data=body,
            headers=headers,
            timeout=(CONNECT_S, ANSWER_S),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return _reference(answer)
    except requests.RequestException as error:
        raise NotSent(f"the gateway of text messages did not answer: {type(error).__name__}") from error


def _reference(answer: requests.Response) -> str:
    if answer.status_code in _NEVER:
        raise Refused(f"the gateway of text messages refuses the message: {answer.status_code}")
    if not 200 <= answer.status_code < 300:
        raise NotSent(f"the gateway of text messages answered {answer.status_code}")
    said: Any = None
    try:
        said = orjson.loads(answer.raw.read(MOST_ANSWER, decode_content=True) or b"null")
    except orjson.JSONDecodeError:
        return f"HTTP {answer.status_code}"
    reference = said.get("reference") if isinstance(said, dict) else None
    return str(reference)[:200] if reference else f"HTTP {answer.status_code}"
