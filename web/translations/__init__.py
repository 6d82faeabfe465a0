"""The words of the pages: English in the sources, `messages.po` for each of the three languages.

The catalogues are read as they are when the application starts, so nothing needs compiling.
`python -m web.translations` brings them up to date with the sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from engine.models.forms import CATALOGUE

LOCALES = ("zh_Hant", "zh_Hans", "en")
FOLDER = Path(__file__).resolve().parent
_SOURCES = FOLDER.parent
_METHODS = [
    ("frontend/**", "ignore"),
    ("static/**", "ignore"),
    ("**.py", "python"),
    ("**.html", "jinja2"),
]
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "marked": None,
    "pgettext": ((1, "c"), 2),
}


def path_of(locale: str) -> Path:
    """Return where the catalogue of a locale lies."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read_catalogue(locale: str) -> Catalog:
    """Return the catalogue of a locale."""
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


@cache
def translations(locale: str) -> Translations:
    """Return what gettext looks words up in."""
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(locale))
    compiled.seek(0)
    return Translations(compiled)


def extract() -> Iterator[tuple[Any, list[str], str | None]]:
    """Give what the sources ask for: a message (a pair where it has a plural), its comments, its context."""
    found = extract_from_dir(_SOURCES, _METHODS, keywords=_KEYWORDS, comment_tags=["i18n:"])
    for _file, _line, message, comments, context in found:
        yield message, comments, context
    for text in CATALOGUE:
        yield text, [], None
