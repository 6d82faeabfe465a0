"""A form file: JSON, bounded, in which no name stands twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from engine.errors import Finding, ModelRefused

MAX_BYTES = 1_000_000


def load_json(content: bytes | Mapping[str, Any], source: str) -> Any:
    """Decode a form file. Raises ModelRefused where it is no JSON, too big, or names a key twice."""
    if not isinstance(content, bytes):
        return content
    if len(content) > MAX_BYTES:
        _fail(source, "form.size", f"the form has {len(content)} bytes; the bound is {MAX_BYTES}")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except UnicodeDecodeError as error:
        _fail(source, "form.encoding", f"the form is not in UTF-8 (byte {error.start})")
    except json.JSONDecodeError as error:
        _fail(source, "form.json", f"the form is not JSON: {error.msg}", error.lineno)
    except _DuplicateName as error:
        _fail(source, "form.json", f"the name {error} stands twice in one object")
    except RecursionError:
        _fail(source, "form.depth", "the form is nested too deep")


class _DuplicateName(ValueError):
    pass


def _without_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateName(repr(name))
        found[name] = value
    return found


def _fail(source: str, code: str, message: str, line: int | None = None) -> NoReturn:
    raise ModelRefused([Finding(message, file=source, line=line, code=code)])
