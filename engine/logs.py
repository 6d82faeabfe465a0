"""Structured logs: a line is one JSON object, with the request or job and the instance that it belongs to.

What a line says of its own stands in `fields(...)`; what it belongs to is told once, where a request or a job
begins (`belonging_to`) and where an instance is opened (`mark`), and is on every line that follows, whoever
writes it. Neither ever holds personal data: ids, numbers and names of routes only.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

_belongs: ContextVar[dict[str, Any] | None] = ContextVar("redress_log_belongs", default=None)
_FIELDS = "redress_fields"
_LINE = json.JSONEncoder(ensure_ascii=False, default=str).encode


@contextmanager
def belonging_to(**what: Any) -> Iterator[dict[str, Any]]:
    """Put `what` (such as request_id, job_id) on every line that is written within; gives what is marked."""
    token = _belongs.set({**(_belongs.get() or {}), **what})
    try:
        yield _belongs.get() or {}
    finally:
        _belongs.reset(token)


def mark(**what: Any) -> None:
    """Add to what the lines belong to until the request or job ends; outside of one it is not kept."""
    if (belongs := _belongs.get()) is not None:
        belongs.update({name: value for name, value in what.items() if value is not None})


def fields(**what: Any) -> dict[str, Any]:
    """Return the `extra` of a logging call: what its line says beside the message."""
    return {_FIELDS: what}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; `at` is real time, whatever the engine's clock was set to."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {"at": _at(record), "level": record.levelname.lower(), "logger": record.name}
        line |= {"message": record.getMessage(), **_about(record)}
        if trace := _trace(self, record):
            line["exception"] = trace
        return _LINE(line)


class TextFormatter(logging.Formatter):
    """A record for people at a terminal: the same facts, in one line that is easy to read."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the trace below it."""
        facts = " ".join(f"{name}={value}" for name, value in _about(record).items())
        line = f"{_at(record)[11:19]} {record.levelname:<7} {record.getMessage()}  {facts}".rstrip()
        trace = _trace(self, record)
        return f"{line}\n{trace}" if trace else line


def formatter_for(style: str, stream: TextIO | None = None) -> logging.Formatter:
    """Return the formatter of a style: json, text, or auto (text where the stream is a terminal)."""
    out = sys.stderr if stream is None else stream
    if style == "text" or (style == "auto" and out.isatty()):
        return TextFormatter()
    return JsonFormatter()


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _about(record: logging.LogRecord) -> dict[str, Any]:
    own: Mapping[str, Any] = getattr(record, _FIELDS, {})
    return {**(_belongs.get() or {}), **own}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if record.exc_info and not record.exc_text:
        record.exc_text = formatter.formatException(record.exc_info)
    return record.exc_text or ""
