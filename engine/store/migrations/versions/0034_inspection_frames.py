"""The frames that inspections drew from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0034_inspection_frames"
down_revision = "0033_facts_in_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_frame",
        sa.Column("file_no", sa.String(length=24), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("risks", types.Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("call_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_quality_frame_complaint_no")
        ),
        sa.ForeignKeyConstraint(["file_no"], ["quality_file.no"], name=op.f("fk_quality_frame_file_no")),
        sa.PrimaryKeyConstraint("file_no", "complaint_no", name=op.f("pk_quality_frame")),
    )
    op.create_index("ix_quality_frame_position", "quality_frame", ["file_no", "position"])


def downgrade() -> None:
    op.drop_index("ix_quality_frame_position", table_name="quality_frame")

    op.drop_table("quality_frame")
