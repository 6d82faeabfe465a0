"""The language of a page: the person's choice, else the browser's wish, else Traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.datastructures import LanguageAccept

from engine.config import Config
from web.identity import NotLoggedIn, actor_or_none, has_token
from web.translations import translations

LANGUAGES: Final[Mapping[str, str]] = {"zh-Hant": "繁體中文", "zh-Hans": "简体中文", "en": "English"}
DEFAULT = "zh-Hant"
COOKIE = "language"
# A browser names a region, not a script.
_WISHES: Final[Mapping[str, str]] = {
    "zh-hant": "zh-Hant",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
    "zh-hans": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh": "zh-Hans",
    "en": "en",
}


class _Words(Domain):  # type: ignore[misc]
    """Looks words up in our catalogues."""

    def get_translations(self) -> Translations | NullTranslations:
        return translations(str(get_locale() or "en"))


class _Languages(Babel):  # type: ignore[misc]
    domain_instance = _Words()


babel = _Languages()


def install(app: Flask, config: Config) -> None:
    """Give the application its languages and the time zone that people see."""
    babel.init_app(
        app, default_locale="zh_Hant", locale_selector=_locale, default_timezone=str(config.timezone)
    )


def _locale() -> str:
    return current_language().replace("-", "_")


def current_language() -> str:
    """Return the language tag of the page: zh-Hant, zh-Hans or en; a program with a token says its wish."""
    if not has_request_context():
        return DEFAULT
    if has_token() and request.accept_languages:
        return wished(request.accept_languages)
    try:
        actor = actor_or_none()
    except NotLoggedIn:
        actor = None
    for chosen in (actor.locale if actor else None, request.cookies.get(COOKIE)):
        if chosen is not None and chosen in LANGUAGES:
            return chosen
    return wished(request.accept_languages)


def wished(accepted: LanguageAccept) -> str:
    """Return which of our languages an Accept-Language header asks for first."""
    for tag, quality in accepted:
        parts = tag.lower().replace("_", "-").split("-")
        for length in range(len(parts), 0, -1):
            if quality > 0 and (found := _WISHES.get("-".join(parts[:length]))):
                return found
    return DEFAULT


def colon() -> str:
    """Return the colon of the page's language, with the space after it that it takes."""
    return ": " if current_language() == "en" else "："


def label_of(row: Mapping[str, Any], *, name: str = "name", labels: str = "labels") -> str:
    """Return what an element is called in the page's language; its drawn name is Traditional Chinese."""
    language = current_language()
    known: Mapping[str, str] = row.get(labels) or {}
    return known.get(language) or str(row.get(name) or "")
