"""Declaring the calls of the API: address, who may, what goes in and out, in one place for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NoReturn, TypeVar

from flask import Request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema, ValidationError, missing
from webargs.flaskparser import FlaskParser

from engine.cases.intake import flatten
from engine.errors import InvalidInput
from web.api.json import read_json

PREFIX = "/api/v1"
REFUSED = "the request was refused: see the fields"
_View = TypeVar("_View", bound=Callable[..., Any])
_Access = Callable[[Any], Any]


class _Parser(FlaskParser):
    """Reads what a schema describes; what it refuses is answered as everything that we refuse."""

    def handle_error(self, error: ValidationError, *_args: Any, **_options: Any) -> NoReturn:
        """Raise InvalidInput by field; webargs puts the place (json, query) in front."""
        messages: Mapping[str, Any] = error.messages_dict
        by_field = {name: text for place in messages.values() for name, text in _by_field(place).items()}
        raise InvalidInput(REFUSED, by_field) from error

    def _raw_load_json(self, req: Request) -> Any:
        return read_json(req) if req.is_json else missing


def _by_field(place: Any) -> dict[str, list[str]]:
    return flatten(place) if isinstance(place, Mapping) else {"": [str(text) for text in place]}


class _Blueprint(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Parser()


blueprint = _Blueprint("api", __name__, url_prefix=PREFIX)


KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Chosen by the caller. A repetition under the same key gets the first answer.",
}


def operation(
    tag: str,
    method: str,
    rule: str,
    access: _Access,
    *,
    answer: type[Schema] | Schema | None,
    media_type: str | None = None,
    status: int = 200,
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    form: type[Schema] | None = None,
    described: type[Schema] | None = None,
    repeatable: bool = False,
    errors: tuple[int, ...] = (),
) -> Callable[[_View], _View]:
    """Declare a view as a call of the API.

    The view gets what `query` and then `body` (JSON) read, before the parts of the address. `form`
    (multipart) and `described` (JSON) are only described: the view reads them. `access` is one of those of
    `web.access`; with a `media_type` the view answers with bytes.
    """

    def declare(view: _View) -> _View:
        called: Any = view
        if body is not None:
            called = blueprint.arguments(body(), location="json")(called)
        if query is not None:
            called = blueprint.arguments(query(), location="query")(called)
        for schema, place in ((described, "json"), (form, "files")):
            if schema is not None:
                called = _describe(called, {"in": place, "required": True, "schema": schema})
        if repeatable:
            called = _describe(called, KEY_PARAMETER)
        given = answer if media_type is None else _BYTES
        called = blueprint.response(status, given, content_type=media_type)(called)
        for code in sorted({401, *_expected(method, rule, query or body or form or described), *errors}):
            called = blueprint.alt_response(code, _RESPONSES[code])(called)
        blueprint.route(rule, methods=[method], tags=[tag])(access(called))
        return view

    return declare


def _expected(method: str, rule: str, takes: Any) -> set[int]:
    codes = {403}
    codes |= {404} if "<" in rule else set()
    codes |= {422} if takes else set()
    return codes | ({409} if method != "GET" and "<" in rule else set())


def _describe(view: Any, parameter: Mapping[str, Any]) -> Any:
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    apidoc.setdefault("arguments", {}).setdefault("parameters", []).append(dict(parameter))

    def described(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    described.__dict__.update(vars(view))
    described.__name__, described.__doc__ = view.__name__, view.__doc__
    described._apidoc = apidoc  # type: ignore[attr-defined]
    return described


_BYTES = {"type": "string", "format": "binary"}
_RESPONSES = {
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "REQUEST_ENTITY_TOO_LARGE",
    422: "UNPROCESSABLE_ENTITY",
}
