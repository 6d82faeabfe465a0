"""Flask-Babel's functions with types: English in, the page's language out."""

from __future__ import annotations

from typing import Any

import flask_babel


def gettext(text: str, **values: Any) -> str:
    """Return a text in the page's language, with `values` filled in for its `%(name)s`."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """Return the form for `num` of a text in the page's language."""
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(text: str) -> Any:
    """Return something that becomes the text in the language of the page on which it is shown."""
    return flask_babel.lazy_gettext(text)


def marked(text: str) -> str:
    """Return the text as it is, for the catalogues to find; it is looked up later."""
    return text
