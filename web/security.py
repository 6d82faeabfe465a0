"""What every answer tells the browser not to do, and how the session's cookie is kept."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

from engine.config import Config
from engine.errors import ConfigurationError

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_A_YEAR_S = 365 * 24 * 60 * 60


def add_headers(response: Response) -> Response:
    """Give an answer the headers; a view that set one itself (an authoring page's policy) keeps it."""
    own = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - pairs otherwise
    for name, value in _HEADERS.items():
        if name.lower() not in own:
            response.headers.add(name, value)
    if request.path.startswith("/static/build/"):
        response.cache_control.public, response.cache_control.max_age = True, _A_YEAR_S
        response.cache_control.immutable = True
    elif not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR_S}")
    return response


def settings(config: Config) -> dict[str, object]:
    """Return the Flask settings that keep sessions and forms safe."""
    return {
        "SECRET_KEY": secret_key(config),
        "SESSION_COOKIE_NAME": "redress",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.environment == "production",
        "WTF_CSRF_CHECK_DEFAULT": False,  # web.access checks, so that bearer tokens need no form token
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": True,
        "MAX_CONTENT_LENGTH": config.upload_limit_bytes + 64 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 500,
    }


class _Cookies(SecureCookieSessionInterface):
    """Flask's, with one signer for all requests: the key stays the same while the process runs."""

    _signer: Any = None

    def get_signing_serializer(self, app: Flask) -> Any:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def secret_key(config: Config) -> str:
    """Return the key that signs session cookies. Raises ConfigurationError where there is none."""
    if config.secret_key:
        return config.secret_key
    try:
        key = config.secret_key_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        key = ""
    if len(key) < 32:
        raise ConfigurationError(
            f"no key to sign sessions with: run `redress init`, which writes {config.secret_key_file}, "
            "or set REDRESS_SECRET_KEY to at least 32 random characters"
        )
    return key


def install(app: Flask) -> None:
    """Add the headers to every answer; sign the session's cookies."""
    app.session_interface = _Cookies()
    app.after_request(add_headers)
