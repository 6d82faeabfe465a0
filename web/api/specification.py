"""The description of the API (OpenAPI 3), made from the schemas, and putting the API into an application."""

from __future__ import annotations

import http
import threading
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]

from web.access import public
from web.api.json import StrictJSONProvider
from web.api.operation import PREFIX, blueprint
from web.api.schemas.problem import ProblemSchema

OPENAPI_VERSION = "3.0.3"
_DESCRIPTION = (
    "Registering complaints, doing tasks, deploying models and following instances. Times are RFC 3339 "
    "in UTC; `due_at` is the exclusive end of the last day. "
    "Lists give `items` and the cursor of the `next` page."
)
_TAGS = {
    "complaints": "The complaint register.",
    "tasks": "Task lists, forms, and doing tasks.",
    "people": "Who is away, and who stands in.",
    "documents": "Files that forms and cases refer to by id.",
    "deployments": "Deploying diagrams, decisions and forms; what is deployed.",
    "instances": "Running processes and their trail.",
    "figures": "How well complaints are handled: shares and amounts, the cases behind each, frozen months.",
    "quality": "Inspections, findings, improvement measures; the business that complaints are held against.",
    "partners": "Third parties that work for the company.",
    "channels": "Hotline, chats and mailboxes: who answers, and how quickly.",
    "messages": "Messages and signals for running processes.",
    "jobs": "Service tasks for workers outside.",
}


class _Api(Api):  # type: ignore[misc]
    """Flask-smorest's, with the problem documents that `web.errors` answers with."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to `web.errors`."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            if status >= 400:
                content = {"application/problem+json": {"schema": self.ERROR_SCHEMA}}
                response = {"description": status.phrase, "content": content}
                self.spec.components.response(status.name, response, lazy=True)


def install(app: Flask) -> None:
    """Register the calls of the API with an application."""
    from web.api import calls as _calls  # noqa: F401 - they add themselves to the blueprint

    api = _Api(spec_kwargs=_spec())
    api.init_app(app)
    api.ma_plugin.converter.add_attribute_function(_plain_bounds)
    app.json = StrictJSONProvider(app)
    app.register_blueprint(blueprint)
    described = _Described(app, api)
    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", public(lambda: app.json.response(described())))


class _Described:
    """The description, made when it is first asked for: it takes longer than all else of an application."""

    def __init__(self, app: Flask, api: Api) -> None:
        self._app, self._api = app, api
        self._made: dict[str, Any] | None = None
        self._making = threading.Lock()

    def __call__(self) -> dict[str, Any]:
        with self._making:
            if self._made is None:
                spec = self._api.spec
                blueprint.register_views_in_doc(
                    self._api, self._app, spec, name=blueprint.name, parameters=None
                )
                for name, description in _TAGS.items():
                    spec.tag({"name": name, "description": description})
                self._made = spec.to_dict()
            return self._made


def _plain_bounds(_converter: Any, _field: Any, *, ret: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Give the bounds of decimals as numbers; JSON would hold them as text."""
    return {name: float(ret[name]) for name in ("minimum", "maximum") if isinstance(ret.get(name), Decimal)}


def _spec() -> dict[str, Any]:
    return {
        "title": "Redress",
        "version": _version(),
        "openapi_version": OPENAPI_VERSION,
        "info": {"description": _DESCRIPTION},
        "security": [{"token": []}, {"session": []}],
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "redress"},
            }
        },
    }


def _version() -> str:
    try:
        return version("redress")
    except PackageNotFoundError:
        return "0"
