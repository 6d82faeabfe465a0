"""A form file: JSON, bounded, in which no name stands twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from engine.errors import Finding, Message, ModelRefused
from engine.models.parsers import told_of_json

MAX_BYTES = 1_000_000


def load_json(content: bytes | Mapping[str, Any], source: str) -> Any:
    """Decode a form file. Raises ModelRefused where it is no JSON, too big, or names a key twice."""
    if not isinstance(content, bytes):
        return content
    if len(content) > MAX_BYTES:
        _fail(
            source,
            "form.size",
            Message(
                "the form has {count} bytes; the bound is {most}",
                count=len(content),
                most=MAX_BYTES,
            ),
        )
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()  # a browser is to read it, too
    except RecursionError:
        _fail(source, "form.depth", Message("the form is nested too deep"))
    except UnicodeDecodeError as error:
        _fail(source, "form.encoding", Message("the form is not in UTF-8 (byte {place})", place=error.start))
    except json.JSONDecodeError as error:
        _fail(
            source,
            "form.json",
            Message("the form is not JSON: {said}", said=told_of_json(error)),
            error.lineno,
        )
    except _DuplicateName as error:
        _fail(source, "form.json", Message("the name '{name}' stands twice in one object", name=error))
    except UnicodeEncodeError:
        _fail(source, "form.encoding", Message("the form holds half of a character (\\ud800 to \\udfff)"))
    except ValueError:
        _fail(source, "form.json", Message("the form holds a number that is too large, or NaN"))
    return document


class _DuplicateName(ValueError):
    pass


def _without_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateName(name)
        found[name] = value
    return found


def _fail(source: str, code: str, message: Message, line: int | None = None) -> NoReturn:
    raise ModelRefused([Finding(message, file=source, line=line, code=code)])
