"""A trend over two years, and what was frozen of one person, are read without reading all of a month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0028_month_totals"
down_revision = "0027_mailbox_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("month_summary", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totals", types.Json(), server_default="{}", nullable=False))
    with op.batch_alter_table("frozen_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handler", sa.String(length=64), nullable=True))
        batch_op.create_index("ix_frozen_case_handler", ["frozen_id", "handler"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("frozen_case", schema=None) as batch_op:
        batch_op.drop_index("ix_frozen_case_handler")
        batch_op.drop_column("handler")
    with op.batch_alter_table("month_summary", schema=None) as batch_op:
        batch_op.drop_column("totals")
