"""Drafts of the periodic report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0030_analysis_reports"
down_revision = "0029_generated_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analysis_report",
        sa.Column("no", sa.String(length=24), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("drafted_at", types.UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["no"], ["quality_file.no"], name=op.f("fk_analysis_report_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_analysis_report")),
        sa.UniqueConstraint("period", name=op.f("uq_analysis_report_period")),
    )


def downgrade() -> None:
    op.drop_table("analysis_report")
