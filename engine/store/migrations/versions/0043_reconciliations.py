"""What came out when mailboxes were held against the cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0043_reconciliations"
down_revision = "0042_business_volumes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox_reconciliation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("mailbox", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=True),
        sa.Column("lost", sa.Integer(), nullable=True),
        sa.Column("lost_uids", types.Json(), nullable=False),
        sa.Column("outcomes", types.Json(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_reconciliation")),
    )


def downgrade() -> None:
    op.drop_table("mailbox_reconciliation")
