"""Who may call which address: declared at every view, refused where nobody declared it.

An application with an undeclared view does not start. Views are marked with `public`, `logged_in` or
`requires`; for a class-based view its methods are marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, g, request

from engine.channels.signing import SIGNATURE, TIMESTAMP, verify
from engine.errors import ConfigurationError, Forbidden
from engine.people.permissions import PERMISSIONS
from web.extensions import csrf, redress
from web.identity import PasswordExpired, current_actor, has_token, must_change_password
from web.origin import check_origin

_MARK = "redress_access"
_View = TypeVar("_View", bound=Callable[..., Any])
_BEFORE_A_PASSWORD = frozenset({"account.index", "account.password", "login.leave", "login.language"})
MOST_SIGNED = 2 * 1024 * 1024
"""So many bytes of a gateway's request are read; a chat is text."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of its caller: nothing, a login, or a permission."""

    public: bool = False
    permission: str | None = None
    channel: str | None = None
    """The channel whose gateway signs its requests (docs/channels.md)."""


def public(view: _View) -> _View:
    """Open a view to everybody."""
    return _mark(view, Access(public=True))


def logged_in(view: _View) -> _View:
    """Open a view to everybody who is logged in; what they see is decided by the rows that they may see."""
    return _mark(view, Access())


def requires(permission: str) -> Callable[[_View], _View]:
    """Open a view to those who hold a permission of the table. Raises LookupError for an undeclared one."""
    if permission not in PERMISSIONS:
        raise LookupError(f"no permission {permission!r} is declared in engine.people.permissions")
    return lambda view: _mark(view, Access(permission=permission))


def signed(channel: str) -> Callable[[_View], _View]:
    """Open a view to the gateway of a channel, which signs each request; nobody is logged in."""
    return lambda view: _mark(view, Access(channel=channel))


def _check_signature(channel: str) -> None:
    """Keep in `g` when a request was signed and how. Raises Forbidden."""
    request.max_content_length = MOST_SIGNED
    given = (request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""))
    secret: str | None = getattr(redress().config, f"{channel}_secret")
    g.signed_at = verify(secret, given, request.method, request.path, request.get_data())
    g.signature = given[1]


def _mark(view: _View, access: Access) -> _View:
    setattr(view, _MARK, access)
    return view


def declared(app: Flask, endpoint: str, method: str) -> Access | None:
    """Return what the view of an endpoint declares for an HTTP method."""
    view = app.view_functions[endpoint]
    found: Access | None = getattr(view, _MARK, None)
    view_class = getattr(view, "view_class", None)
    if found is None and view_class is not None:
        name = "get" if method in ("HEAD", "OPTIONS") else method.lower()
        found = getattr(getattr(view_class, name, None), _MARK, None) or getattr(view_class, _MARK, None)
    return found


def guard() -> None:
    """Before every request: let it through, or raise NotLoggedIn, Forbidden, SentFromElsewhere, CSRFError."""
    from flask import current_app

    if request.endpoint is None:
        return  # no such address: the error page says so
    access = declared(current_app, request.endpoint, request.method)
    if access is None:
        raise Forbidden("this address is closed: its view declares nobody who may call it")
    if access.channel is not None:
        _check_signature(access.channel)
        return
    if not access.public:
        actor = current_actor()
        if must_change_password() and request.endpoint not in _BEFORE_A_PASSWORD:
            raise PasswordExpired("choose a password of your own first")
        if access.permission is not None:
            actor.require(access.permission)
        g.past_the_door = actor  # what is refused from here on is the view's word
    if request.method not in _SAFE and not has_token():
        check_origin()
        csrf.protect()


def undeclared(app: Flask) -> Iterator[str]:
    """Give every method and address whose view declares nothing."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if declared(app, rule.endpoint, method) is None:
                yield f"{method} {rule.rule} ({rule.endpoint})"


def check_declarations(app: Flask) -> None:
    """Refuse to start with a view that nobody declared. Raises ConfigurationError."""
    if missing := list(undeclared(app)):
        raise ConfigurationError(f"these views declare nobody who may call them: {', '.join(missing)}")
