"""The Flask extensions, made once and bound to each application by `create_app`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import DeclarativeBase

from engine.store.base import Base

if TYPE_CHECKING:
    from engine.assembly import Redress
    from engine.runtime.runtime import Runtime


class _Tables(DeclarativeBase):
    """The engine's tables under a base that Flask-SQLAlchemy can rebuild: ours maps types on itself."""

    metadata = Base.metadata


db = SQLAlchemy(model_class=_Tables, session_options={"autoflush": False, "expire_on_commit": False})
"""Sessions for reading: views hand them to `engine.read`; a verb opens its own transaction."""

csrf = CSRFProtect()


def redress() -> Redress:
    """Return the engine that this application was made with."""
    return cast("Redress", current_app.extensions["redress"])


def runtime() -> Runtime:
    """Return what the engine's verbs take first."""
    return redress().runtime
