"""Alembic's entry: migrations run on the connection that `engine.store.migrate` hands in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from engine.store import tables
from engine.store.base import Base

assert len(tables.__all__) > 0, "importing the tables completes the metadata"


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types into drafts by their names."""
    if kind == "type" and type(item).__module__ == "engine.store.types":
        return f"types.{type(item).__name__}()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
