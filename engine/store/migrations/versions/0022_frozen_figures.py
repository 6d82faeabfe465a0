"""Months summed up for overviews, and versions of a month's figures that no longer change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0022_frozen_figures"
down_revision = "0021_push_devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "month_summary",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("computed_at", types.UtcDateTime(), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_month_summary")),
    )
    with op.batch_alter_table("month_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_month_summary_computed_at"), ["computed_at"], unique=False)
    op.create_table(
        "frozen_period",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("reason_text", sa.String(length=500), nullable=False),
        sa.Column("frozen_by", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", types.UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_period")),
        sa.UniqueConstraint("period", "version", name=op.f("uq_frozen_period_period_version")),
    )
    op.create_table(
        "frozen_case",
        sa.Column("frozen_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("hit", sa.BigInteger(), nullable=False),
        sa.Column("groups", types.Json(), nullable=False),
        sa.Column("amounts", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["frozen_id"], ["frozen_period.id"], name=op.f("fk_frozen_case_frozen_id")),
        sa.PrimaryKeyConstraint("frozen_id", "complaint_no", name=op.f("pk_frozen_case")),
    )


def downgrade() -> None:
    op.drop_table("frozen_case")
    op.drop_table("frozen_period")
    with op.batch_alter_table("month_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_month_summary_computed_at"))
    op.drop_table("month_summary")
