"""Whom a complaint is about, where lists can ask for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038_accused"
down_revision = "0037_partners"
branch_labels = None
depends_on = None

_ON_SQLITE = (
    "UPDATE complaint SET accused = json_extract(facts, '$.accused') "
    "WHERE json_extract(facts, '$.accused') IS NOT NULL"
)
_ON_POSTGRESQL = (
    "UPDATE complaint SET accused = facts::json ->> 'accused' WHERE facts::json ->> 'accused' IS NOT NULL"
)
_KNOWN = sa.text("accused IS NOT NULL")


def upgrade() -> None:
    op.add_column("complaint", sa.Column("accused", sa.String(length=64), nullable=True))
    op.execute(_ON_SQLITE if op.get_bind().dialect.name == "sqlite" else _ON_POSTGRESQL)
    op.create_index(
        "ix_complaint_accused",
        "complaint",
        ["accused", "no"],
        sqlite_where=_KNOWN,
        postgresql_where=_KNOWN,
    )


def downgrade() -> None:
    op.drop_index("ix_complaint_accused", table_name="complaint")
    op.drop_column("complaint", "accused")
