"""Accounts and amounts lent by month and product: what complaints are held against."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0042_business_volumes"
down_revision = "0041_kinds_of_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "business_volume",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("lent_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_volume")),
    )
    op.create_index("ix_business_volume_month", "business_volume", ["month", "product", "id"])


def downgrade() -> None:
    op.drop_table("business_volume")
