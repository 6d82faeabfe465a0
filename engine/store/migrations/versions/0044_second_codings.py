"""Samples of closed cases that somebody codes a second time without seeing the first coding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0044_second_codings"
down_revision = "0043_reconciliations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coding_sample",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("seed", sa.String(length=100), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frame_cases", sa.Integer(), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_by", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", types.UtcDateTime(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_sample")),
    )
    op.create_table(
        "second_coding",
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=False),
        sa.Column("first_category", sa.String(length=20), nullable=False),
        sa.Column("first_sub_code", sa.String(length=32), nullable=False),
        sa.Column("first_grade", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("sub_code", sa.String(length=32), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("coder", sa.String(length=64), nullable=True),
        sa.Column("coded_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["sample_id"], ["coding_sample.id"], name=op.f("fk_second_coding_sample_id")),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_second_coding_complaint_no")
        ),
        sa.PrimaryKeyConstraint("sample_id", "position", name=op.f("pk_second_coding")),
        sa.UniqueConstraint("complaint_no", name=op.f("uq_second_coding_complaint_no")),
    )
    op.create_index("ix_second_coding_closed", "second_coding", ["closed_at"])


def downgrade() -> None:
    op.drop_table("second_coding")
    op.drop_table("coding_sample")
