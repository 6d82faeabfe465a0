"""Bring the catalogues up to date with the sources: new messages are added empty, unused ones removed."""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from web.translations import LOCALES, extract, path_of, read_catalogue


def main() -> int:
    """Write the three catalogues; returns 1 while messages are not translated."""
    wanted = Catalog(charset="utf-8")
    for message, comments, context in extract():
        wanted.add(message, auto_comments=comments, context=context)
    missing = 0
    for locale in LOCALES:
        known = read_catalogue(locale) if path_of(locale).exists() else Catalog(locale=locale)
        new = Catalog(
            locale=locale,
            header_comment="# Words of the pages.",
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
    sys.stdout.write(f"{missing} messages without a translation\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
