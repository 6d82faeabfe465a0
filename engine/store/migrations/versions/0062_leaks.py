"""Where personal data was found in texts that are kept in clear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0062_leaks"
down_revision = "0061_versions_of_the_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leak_scan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("finder", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("began_at", types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("position", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leak_scan")),
    )
    op.create_index("ix_leak_scan_state", "leak_scan", ["state", "id"])
    op.create_table(
        "leak_head",
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_leak_head")),
    )
    op.create_table(
        "leak",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=300), nullable=False),
        sa.Column("column_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=True),
        sa.Column("instance_id", sa.String(length=64), nullable=True),
        sa.Column("written_at", types.UtcDateTime(), nullable=False),
        sa.Column("found_at", types.UtcDateTime(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leak")),
        sa.UniqueConstraint(
            "table_name",
            "row_key",
            "column_name",
            "kind",
            name=op.f("uq_leak_table_name_row_key_column_name_kind"),
        ),
    )
    op.create_index("ix_leak_written", "leak", ["written_at", "id"])


def downgrade() -> None:
    op.drop_table("leak")
    op.drop_table("leak_head")
    op.drop_table("leak_scan")
