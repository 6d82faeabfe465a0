"""Who checks the mailbox, and the evidence that it was checked each day (R7)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0027_mailbox_checks"
down_revision = "0026_training"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox_duty",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("keeper", sa.String(length=64), nullable=False),
        sa.Column("deputy", sa.String(length=64), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_duty")),
    )
    op.create_table(
        "mailbox_check",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("keeper", sa.String(length=64), nullable=True),
        sa.Column("deputy", sa.String(length=64), nullable=True),
        sa.Column("found", types.Json(), nullable=False),
        sa.Column("checked_by", sa.String(length=64), nullable=True),
        sa.Column("checked_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_mailbox_check_instance_id")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_mailbox_check")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_mailbox_check_instance_id")),
    )


def downgrade() -> None:
    op.drop_table("mailbox_check")
    op.drop_table("mailbox_duty")
