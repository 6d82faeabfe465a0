"""The Flask extensions, made once and bound to each application by `create_app`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

from engine.store.base import Base

if TYPE_CHECKING:
    from engine.assembly import Redress
    from engine.runtime.runtime import Runtime


class _Tables(DeclarativeBase):
    """The engine's tables under a base that Flask-SQLAlchemy can rebuild: ours maps types on itself."""

    metadata = Base.metadata


class _Reading(Session):
    """A session for reading, whose end is no matter of what was answered."""

    def close(self) -> None:
        """Let go of the connection; where it was cut meanwhile, there is nothing to undo on it."""
        try:
            super().close()
        except OperationalError:
            self.invalidate()


_SESSIONS = {"class_": _Reading, "autoflush": False, "expire_on_commit": False}
db = SQLAlchemy(model_class=_Tables, session_options=_SESSIONS)
"""Sessions for reading: views hand them to `engine.read`; a verb opens its own transaction."""

csrf = CSRFProtect()


def end_reading() -> None:
    """End what this request has read so far: SQLite's log cannot be emptied of erased keys while it reads."""
    db.session.close()


def redress() -> Redress:
    """Return the engine that this application was made with."""
    return cast("Redress", current_app.extensions["redress"])


def runtime() -> Runtime:
    """Return what the engine's verbs take first."""
    return redress().runtime
