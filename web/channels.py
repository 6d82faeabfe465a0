"""What the channels are called in the page's language, an owner's own among them."""

from __future__ import annotations

from flask import g

from engine.cases.channels import channels_in_force
from web import words
from web.extensions import db, runtime
from web.language import DEFAULT, current_language


def channel_words() -> dict[str, str]:
    """Return every channel with its word, in the order of lists; looked up once a request."""
    if "channel_words" not in g:
        language = current_language()
        g.channel_words = {
            name: called.get(language) or called.get(DEFAULT) or words.word(words.CHANNELS, name)
            for name, called in channels_in_force(runtime(), db.session()).items()
        }
    known: dict[str, str] = g.channel_words
    return known
