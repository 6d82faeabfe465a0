"""What the public form sends, on the way to the intake that `engine.cases.public` checks and keeps."""

from __future__ import annotations

import hashlib
import re
from typing import BinaryIO, Final, cast

from flask import request
from werkzeug.datastructures import FileStorage

from engine.cases.public.complain import SentFile
from engine.errors import InvalidInput
from engine.runtime.once import Once
from web.gettext import gettext

FIELDS: Final = ("name", "phone", "email", "address", "content", "preferred_contact")
TRAP: Final = "homepage"
"""A field that people do not see; programs that fill every field fill it."""
_KEY: Final = re.compile(r"[0-9a-f]{32}")


def sent_fields() -> dict[str, str]:
    """Return the form's fields; what else came is passed over."""
    return {name: request.form.get(name, "") for name in FIELDS}


def sent_files() -> list[SentFile]:
    """Return the files that were chosen; an empty field of a form sends one without a name."""
    return [
        SentFile(cast(BinaryIO, file.stream), file.filename, file.mimetype)
        for file in request.files.getlist("files")
        if file.filename
    ]


def once() -> Once:
    """Return the key that the page came with and what was sent. Raises InvalidInput without a key."""
    key = request.form.get("token", "")
    if not _KEY.fullmatch(key):
        raise InvalidInput(gettext("The page carries no key. Load it anew."))
    digest = hashlib.sha256(repr(sorted(sent_fields().items())).encode())
    for file in request.files.getlist("files"):
        digest.update(repr((file.filename, _size(file))).encode())
    return Once(key, digest.hexdigest())


def _size(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size
