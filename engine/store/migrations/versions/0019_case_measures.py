"""What the records and contacts of a case come to in numbers; filled by a chore, for old cases too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0019_case_measures"
down_revision = "0018_register_ranges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_measure",
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=True),
        sa.Column("root_cause", sa.String(length=16), nullable=True),
        sa.Column("partner", sa.String(length=100), nullable=True),
        sa.Column("vulnerable", sa.Boolean(), nullable=False),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.Column("plans", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("planned_cents", sa.BigInteger(), nullable=True),
        sa.Column("paid_cents", sa.BigInteger(), nullable=True),
        sa.Column("downgraded_at", types.UtcDateTime(), nullable=True),
        sa.Column("downgraded_late", sa.Boolean(), nullable=False),
        sa.Column("second_review", sa.Boolean(), nullable=False),
        sa.Column("first_told_at", types.UtcDateTime(), nullable=True),
        sa.Column("urged", sa.Integer(), nullable=False),
        sa.Column("silent_days", sa.Integer(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_case_measure_complaint_no")
        ),
        sa.PrimaryKeyConstraint("complaint_no", name=op.f("pk_case_measure")),
    )
    op.create_table(
        "measure_cursor",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("position", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_measure_cursor")),
    )


def downgrade() -> None:
    op.drop_table("measure_cursor")
    op.drop_table("case_measure")
