"""Bring the catalogues up to date with the sources: new messages are added empty, unused ones removed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from engine.models import translations as models
from web.translations import LOCALES, extract, path_of


def main() -> int:
    """Write the catalogues of the pages and of the checks of models; returns 1 while any lacks words."""
    of_pages, of_models = Catalog(charset="utf-8"), Catalog(charset="utf-8")
    for message, comments, context in extract():
        of_pages.add(message, auto_comments=comments, context=context)
    for template in models.extract():
        of_models.add(template)
    missing = sum(_update(locale, "pages", of_pages, path_of) for locale in LOCALES)
    missing += sum(
        _update(locale, "checks of models", of_models, models.path_of) for locale in models.LOCALES
    )
    sys.stdout.write(f"{missing} messages without a translation\n")
    return 1 if missing else 0


def _update(locale: str, place: str, wanted: Catalog, path_of: Callable[[str], Path]) -> int:
    """Write a catalogue with the messages that are wanted; return how many lack their words."""
    known = _read(path_of(locale), locale)
    new = Catalog(
        locale=locale,
        header_comment=f"# Words of the {place}.",
        project="Redress",
        version="1",
        charset="utf-8",
        creation_date=known.creation_date,
        revision_date=known.creation_date,
        msgid_bugs_address="none",
        last_translator="Redress",
        language_team="Redress",
        fuzzy=False,
    )
    missing = 0
    for message in wanted:
        if message.id:
            old = known.get(message.id, context=message.context)
            text = old.string if old is not None else ""
            if locale == "en" and not old:
                text = message.id
            new.add(message.id, text, auto_comments=message.auto_comments, context=message.context)
            missing += not all(text) if isinstance(text, tuple) else not text
    path_of(locale).parent.mkdir(parents=True, exist_ok=True)
    with path_of(locale).open("wb") as file:
        write_po(file, new, width=110, sort_output=True, omit_header=False)
    return missing


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


if __name__ == "__main__":
    raise SystemExit(main())
