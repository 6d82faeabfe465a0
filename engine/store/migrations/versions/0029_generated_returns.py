"""What was generated for the regulator's periodic returns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0029_generated_returns"
down_revision = "0028_month_totals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "generated_return",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_no", sa.String(length=24), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("totals", types.Json(), nullable=False),
        sa.Column("findings", types.Json(), nullable=False),
        sa.Column("frozen", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["file_no"], ["quality_file.no"], name=op.f("fk_generated_return_file_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generated_return")),
        sa.UniqueConstraint("file_no", "attempt", name=op.f("uq_generated_return_file_no_attempt")),
    )


def downgrade() -> None:
    op.drop_table("generated_return")
