"""What the checks of models say, in the languages of those who draw them.

The sentences are English in the sources, each a `Message` where it is said; `zh_Hant.po` and `zh_Hans.po`
beside this file say them in Chinese. `python -m web.translations` brings both up to date with the sources.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALES = ("zh_Hant", "zh_Hans")
_ENGINE = Path(__file__).resolve().parents[2]
_SPEAKING = ("errors.py", "models", "decisions", "feel", "runtime")
"""Where it is said what is wrong with what people draw."""


def path_of(locale: str) -> Path:
    """Return where the catalogue of a locale lies."""
    return Path(__file__).with_name(f"{locale}.po")


def read_catalogue(locale: str) -> Catalog:
    """Return the catalogue of a locale, one of LOCALES."""
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


@cache
def translator(locale: str) -> Callable[[str], str]:
    """Return what says a template in a locale; English, and what has no words, stays as it is."""
    if locale not in LOCALES:
        return str
    words = {str(message.id): str(message.string) for message in read_catalogue(locale) if message.string}
    return lambda template: words.get(template, template)


def extract() -> Iterator[str]:
    """Give the template of every message that the sources write out, in the order of the files."""
    for _path, call in calls():
        if call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Give every place in the sources where a message is made, with its file."""
    for place in _SPEAKING:
        found = _ENGINE / place
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Message"
                ):
                    yield path, node
